"""Where an unexpected error happened, told without its text, which may hold a client's data.

Here: that one sentence. Not here: expected errors (rules/errors).
"""

import traceback
from pathlib import Path


def place_of(error: BaseException) -> str:
    """Innermost frames of an error as `file:line function`, without its text."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
