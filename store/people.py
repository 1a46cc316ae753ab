"""Who a person is: names of users, and when two of them are one.

Here: normal forms and look-alikes. Not here: what a person may do.
"""

import getpass
import os
import unicodedata
from functools import lru_cache

import icu


def os_user() -> str:
    """The operating system's user, who stands for `--as` where it is not given; no environment variable names him."""
    try:
        from pwd import getpwuid
    except ImportError:
        return getpass.getuser()
    try:
        return getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def normal(name: str) -> str:
    """A name without capitals, widths, invisible characters and surplus spaces; empty where it names nobody."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())


def same_person(one: str, other: str) -> bool:
    """Whether two names are one user: neither capitals, spaces, widths nor invisible characters make a second one."""
    return normal(one) == normal(other)


@lru_cache(4096)
def look_alike(one: str, other: str) -> bool:
    """Whether two names are one user, or cannot be told apart by eye (Unicode UTS 39: letters of another script)."""
    return same_person(one, other) or bool(icu.SpoofChecker().areConfusable(normal(one), normal(other)))
