"""limits: in registry.yaml: how often one caller may ask the desk and the API.

Here: the typed section. Not here: counting (stewardship/limits).
"""

from pydantic import Field

from rules.load import Declared


class Limits(Declared):
    """Requests a second that one caller may go on with; for a moment it may be many more (stewardship/limits)."""

    pages: int = Field(default=20, ge=5, description="of one user, and of an address that nobody is logged in from")
    api: int = Field(default=500, ge=1, description="of one user or token")
