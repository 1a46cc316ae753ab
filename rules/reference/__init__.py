"""Reference lists the bank may extend, and their typed loaders. Not here: how a standardiser uses them."""

from functools import lru_cache
from pathlib import Path

from rules.load import Declared, parse

_FOLDER = Path(__file__).parent


class AddressWords(Declared):
    """Words of postal addresses by what they announce; `streets` by canonical token."""

    streets: dict[str, tuple[str, ...]]
    houses: tuple[str, ...]
    units: tuple[str, ...]
    blocks: tuple[str, ...]
    cities: tuple[str, ...]
    districts: tuple[str, ...]
    regions: tuple[str, ...]
    nothing: tuple[str, ...]


class Codes(Declared):
    """Spellings of coded fields by standard value."""

    sex: dict[str, tuple[str, ...]]
    boolean: dict[str, tuple[str, ...]]
    language: dict[str, tuple[str, ...]]
    roles: dict[str, tuple[str, ...]]
    country: dict[str, tuple[str, ...]]


@lru_cache
def load_address_words(overlay: Path | None = None) -> AddressWords:
    """The shipped words, overlaid by the bank's own `address_words.yaml`."""
    return parse(AddressWords, _FOLDER / "address_words.yaml", overlay)


@lru_cache
def load_codes(overlay: Path | None = None) -> Codes:
    """The shipped spellings, overlaid by the bank's own `codes.yaml`."""
    return parse(Codes, _FOLDER / "codes.yaml", overlay)
