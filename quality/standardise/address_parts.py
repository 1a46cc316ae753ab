"""The parts of one address while they are being found. Not here: how they are found (address_parse)."""

from dataclasses import dataclass, field


@dataclass
class Parts:
    """Parts found so far, each as written."""

    street: str = ""
    house: str = ""
    unit: str = ""
    city: str = ""
    district: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    left: list[str] = field(default_factory=list)

    def put(self, part: str, text: str) -> None:
        """Set a part that is still empty; a second value joins the district, so that nothing is lost."""
        if not text:
            return
        if getattr(self, part):
            self.district = f"{self.district} {text}".strip()
        else:
            setattr(self, part, text)
