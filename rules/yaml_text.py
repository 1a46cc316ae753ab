"""YAML as it was typed: keys that stand twice or are read as truth values, and syntax errors with a fitting hint.

Here: what the text itself shows. Not here: building data from it (rules.load), what the data means.
"""

from pathlib import Path

import yaml

from rules.errors import ConfigError
from rules.wording import YAML_BOOL

_MERGE, _BOOL = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:bool"
_QUOTES = "put the value in quotes"
_HINTS = (
    ("'\\t'", "indent with spaces: YAML allows no tab"),
    ("cannot start any token", _QUOTES),
    ("undefined alias", f"{_QUOTES}, if the * is meant as itself"),
    ("mapping values are not allowed", f"{_QUOTES} if it holds a colon, else check the indentation"),
    ("expected ':'", "write `key: value`, with a space after the colon"),
    ("expected ',' or '}'", "close the { or add the missing comma"),
    ("expected ',' or ']'", "close the [ or add the missing comma"),
    ("expected <block end>", "check the indentation, and quotes in the middle of a value, here and in the line above"),
    ("end of stream", "close the quote or bracket"),
    ("could not determine a constructor", "only plain YAML is read (no tags)"),
    ("tag", "only plain YAML is read (no tags)"),
    ("special characters", "save the file as plain text: it holds a control character"),
)
"""Words of the parser's message and what helps; the first that fits wins."""


def refuse_odd_keys(path: Path, node: yaml.Node | None) -> None:
    """Refuse a key that stands twice in one mapping, since only the last would count, and a bare yes or no as a key."""
    seen: set[int] = set()
    waiting = [node] if node is not None else []
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, yaml.MappingNode):
            _check_keys(path, part)
            waiting += [value for _, value in part.value]
        elif isinstance(part, yaml.SequenceNode):
            waiting += part.value


def _check_keys(path: Path, mapping: yaml.MappingNode) -> None:
    first: dict[str, int] = {}
    for key, _ in mapping.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
            continue
        line = key.start_mark.line + 1
        if key.tag == _BOOL:
            raise ConfigError(f"{path}:{line}", f"the key {key.value} is read as true or false", YAML_BOOL)
        if key.value in first:
            problem = f"the key '{key.value}' stands twice, first in line {first[key.value]}"
            raise ConfigError(f"{path}:{line}", problem, "keep one of them")
        first[key.value] = line


def syntax_error(path: Path, error: yaml.YAMLError) -> ConfigError:
    """The parser's complaint with its line, where the broken part began, and what usually mends it."""
    mark, start = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not valid YAML"
    line = f":{mark.line + 1}" if mark else ""
    if mark and start and start.line != mark.line:
        problem += f"; what is open began in line {start.line + 1}"
    return ConfigError(f"{path}{line}", problem, _hint(problem))


def _hint(problem: str) -> str:
    otherwise = "check the indentation, brackets and quotes of this line and the one above"
    return next((hint for words, hint in _HINTS if words in problem), otherwise)
