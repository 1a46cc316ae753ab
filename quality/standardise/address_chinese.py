"""Chinese addresses: largest unit first, each ended by its own character."""

import re

from quality.standardise.address_parts import Parts
from quality.standardise.postcodes import take_postcode

_ORDER = re.compile(
    r"(?:中国)?(?P<region>[^省市区县\d]{2,8}?(?:省|自治区))?(?P<city>[^市区县\d]{2,6}?市)?(?P<district>[^区县\d]{1,8}?[区县])?"
    r"(?P<street>[^\d号室]*?(?:大道|大街|胡同|路|街|道|巷|弄))?(?P<house>\d+(?:弄|号楼|号|幢|栋)?)?(?P<rest>.*)"
)


def parse_chinese(full: str, parts: Parts) -> Parts:
    """Fill `parts` from a text with Chinese characters."""
    parts.postcode, rest = take_postcode(re.sub(r"(?<=[^\d])(?=\d{6}$)", " ", full), "CN")
    parts.country = parts.country or "CN"
    found = _ORDER.match(re.sub(r"[\s,]", "", rest))
    if found:
        for part in ("region", "city", "district", "street", "house"):
            parts.put(part, found.group(part) or "")
        parts.city = parts.city.removesuffix("市")
        parts.house = re.sub(r"\D", "", parts.house)
        units = re.findall(r"\d+", found.group("rest"))
        parts.unit = "-".join(units)
        parts.put("district", re.sub(r"[\d号室楼层单元栋幢座\-]", "", found.group("rest")))
    return parts
