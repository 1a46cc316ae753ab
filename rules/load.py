"""Reading declared YAML: safe tags only, typed by pydantic, errors that name file, line and nearest key.

Here: the one way in for every YAML file. Not here: what any file means (its own module has the model).
"""

import os
import re
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from rules.errors import ConfigError
from rules.wording import nearest as nearest
from rules.wording import said
from rules.yaml_text import refuse_odd_keys, syntax_error

DEFAULTS = Path(__file__).parent / "defaults"
_MOST_NODES = 100_000
_ENV = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Declared(BaseModel):
    """Base of every declared shape: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


M = TypeVar("M", bound=BaseModel)


def percent(value: Any) -> Any:
    """`30%` as the share 0.3; anything else as it is."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}(\.\d+)?%", value):
        return Decimal(value[:-1]) / 100
    return value


Percent = Annotated[Decimal, BeforeValidator(percent), Field(ge=0)]
"""A share, written `30%` or `0.3`."""


class Misfit(ValueError):
    """A value that does not fit its neighbours; raised inside a validator, `loc` is relative to it."""

    def __init__(self, problem: str, hint: str = "correct the value", loc: tuple[str | int, ...] = ()) -> None:
        self.problem, self.hint, self.loc = problem, hint, loc
        super().__init__(problem)


def read_yaml(path: Path) -> tuple[Any, yaml.Node | None]:
    """Parse `path` with the safe loader; return the data and the node tree that knows the line numbers."""
    try:
        text = path.read_text(encoding="utf-8")
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        _refuse_bomb(path, node)
        refuse_odd_keys(path, node)
        return None if node is None else loader.construct_document(node), node
    except RecursionError:
        raise ConfigError(str(path), "is nested too deeply, or an alias holds itself", "write it flatter") from None
    except FileNotFoundError:
        hint = "check the path; those in registry.yaml start from its folder"
        raise ConfigError(str(path), "the file does not exist", hint) from None
    except OSError as error:
        problem = f"cannot be read ({type(error).__name__})"
        raise ConfigError(str(path), problem, "name a YAML file that this user may read") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "must be UTF-8 text", "save the file as UTF-8") from None
    except (ValueError, OverflowError):
        raise ConfigError(
            str(path), "holds a date or number that cannot be", "correct it, or put it in quotes"
        ) from None
    except yaml.YAMLError as error:
        raise syntax_error(path, error) from None


def _refuse_bomb(path: Path, node: yaml.Node | None) -> None:
    """Aliases of aliases make a small file endless: what they stand for is counted before anything is built."""
    sizes: dict[int, int] = {}
    if node is not None and _size(node, sizes) > max(_MOST_NODES, len(sizes)):
        raise ConfigError(str(path), f"its aliases stand for more than {_MOST_NODES} values", "write fewer aliases")


def _size(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Nodes below and with `node`, each alias counted anew; RecursionError when one holds itself."""
    if id(node) not in sizes:
        parts = node.value if isinstance(node, yaml.CollectionNode) else ()
        inner = chain.from_iterable(parts) if isinstance(node, yaml.MappingNode) else parts
        sizes[id(node)] = 1 + sum(_size(part, sizes) for part in inner)
    return sizes[id(node)]


def parse(model: type[M], path: Path, overlay: Path | None = None) -> M:
    """Read `path`, overlay the bank's own file of the same shape key by key, and return a typed `model`.

    Raises ConfigError naming the file, the line and, for an unknown key, the nearest valid one.
    """
    data, node = read_yaml(path)
    if overlay is not None and overlay.exists():
        own, own_node = read_yaml(overlay)
        validate(model, merge(data, own), overlay, own_node)
        return validate(model, merge(data, own), path, node)
    return validate(model, data, path, node)


def validate(model: type[M], data: Any, path: Path, node: yaml.Node | None = None) -> M:
    """Type `data`; turn pydantic's errors into one ConfigError with places."""
    try:
        return model.model_validate(data or {})
    except ValidationError as error:
        raise _config_error(model, error, path, node) from None


def merge(base: Any, own: Any) -> Any:
    """Overlay `own` on `base` key by key; lists and scalars of `own` replace."""
    if isinstance(base, dict) and isinstance(own, dict):
        return {**base, **{key: merge(base.get(key), value) for key, value in own.items()}}
    return base if own is None else own


def expand_env(text: str, place: str) -> str:
    """Replace `${NAME}` by the environment's value; a missing name is an error that names it, not its value."""

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in os.environ:
            raise ConfigError(place, f"the environment variable {name} is not set", f"export {name}=…")
        return os.environ[name]

    return _ENV.sub(value, text)


def _config_error(model: type[BaseModel], error: ValidationError, path: Path, node: yaml.Node | None) -> ConfigError:
    first = _first(error.errors(include_url=False))
    misfit = first.get("ctx", {}).get("error")
    loc = (*first["loc"], *(misfit.loc if isinstance(misfit, Misfit) else ()))
    line, part = find_node(node, loc)
    where = f"{path}:{line}" if line else str(path)
    dotted = ".".join(str(part) for part in loc)
    if isinstance(misfit, Misfit):
        return ConfigError(where, misfit.problem, misfit.hint)
    if first["type"] == "extra_forbidden":
        return ConfigError(where, f"unknown key '{dotted}'", nearest(str(loc[-1]), _field_names(model)))
    return ConfigError(where, *said(first, dotted, part))


def _first(errors: list[ErrorDetails]) -> ErrorDetails:
    """The first mistake; an unknown key rather than a missing one beside it, since a typo makes both."""
    beside = (one for one in errors if one["type"] == "extra_forbidden" and one["loc"][:-1] == errors[0]["loc"][:-1])
    return next(beside, errors[0]) if errors[0]["type"] == "missing" else errors[0]


def _field_names(model: type[BaseModel]) -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        names.append(field.alias or name)
        for part in _models_in(field.annotation):
            if part is not model:
                names.extend(_field_names(part))
    return names


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models_in(part)]


def find_node(node: yaml.Node | None, loc: tuple[Any, ...]) -> tuple[int | None, yaml.Node | None]:
    """The line of a place in the data and, where the whole place is found, its node."""
    line, missed = node.start_mark.line + 1 if node else None, False
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if getattr(k, "value", None) == str(part)), None)
            if pair is None:
                missed = True
                continue
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line, None if missed else node
