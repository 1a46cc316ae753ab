"""One spelling for the common romanisation variants of a word, so that equal names are equal text.

Here: folds on ASCII words that change spelling, not identity: Khalilov/Xalilov, Tatyana/Tatjana/Tatiana,
Dmitriy/Dmitrii/Dmitry, Andrei/Andrey. A fold is listed only when it leaves English, Romanian, Turkish and pinyin names
readable; folds that would merge pinyin syllables skip words that are pinyin throughout. Not here: nicknames as one
name (they change the name), typing errors (the matching model's work).
"""

import re
from functools import lru_cache

from quality.standardise import chinese
from quality.standardise.name_lists import name_lists, table

_FOLDS = (
    ("^aleks", "alex"), ("^oleks", "olex"), ("^maks", "max"), ("^ksen", "xen"),
    ("kh", "h"), ("^x(?=[aou])(?!av|and)", "h"), ("xti", "hti"),
    ("gh(?=[aeiouy])", "g"),
    ("^ye(?=len|lizav|v[gdh]|kat|fim|fre|gor|rm|mel|lts)", "e"),
    ("^iu", "yu"), ("^ia(?=[a-z]{2})", "ya"),
    ("(?<=[pfmtlvd])yo(?=[trdmnv](?!g))", "e"),
    ("(?<=[aeou])(?:jy|i|y|iy|yi|ii|yy)(?=[au])", "y"),
    ("(?<=[b-df-hj-np-tv-z])(?:i?yy?|ii)(?=[au])", "i"),
    ("(?<=[b-df-hj-np-tv-z])i?j(?=a(?:na)?$)", "i"),
    ("(?<=[ae])j(?=ts|c|l(?:ov|en))", "i"), ("(?<=[a-z]{2})c(?=[oe]va?$)", "ts"),
    ("(?<=[aeiou])j(?=ev(?:a|ich|na)?$)", "y"),
    ("(?<=[a-z]{2})(?:iy|ii|yi|yy|ij|yj)$", "y"),
    ("(?<=[a-z]{3}[ae])[ij]$", "y"),
    ("(?<=[aeiou])e(?=v(?:a|ich|na|y|sk[a-z]*)?$)", "ye"),
    ("(?<=[rnkld])off$", "ov"),
    ("(?<=[oe]v)ych$", "ich"),
)  # fmt: skip
_ALL = tuple((re.compile(pattern), plain) for pattern, plain in (("zh", "j"), *_FOLDS))
_IN_PINYIN = (
    (re.compile("(?<=[b-df-hj-np-tv-z])i?ya$"), "ia"),
    (re.compile("^l(?:v|yu)$"), "lu"),
    (re.compile("^nv$"), "nu"),
    (re.compile("^ye(?=lena$)"), "e"),
)


@lru_cache(maxsize=300_000)
def fold(word: str) -> str:
    """The canonical spelling of one lower-case ASCII word; folding twice changes nothing."""
    for _ in range(4):
        folded = word
        for pattern, plain in _IN_PINYIN if chinese.is_pinyin(word) or word == "lyu" else _ALL:
            folded = pattern.sub(plain, folded)
        if folded == word:
            break
        word = folded
    return word


@lru_cache(maxsize=200_000)
def fold_family(word: str) -> str:
    """`fold`, and the feminine ending of Slavic and Azerbaijani families replaced by the masculine one."""
    folded = fold(word)
    if len(folded) < 6:
        return folded
    endings = name_lists().feminine_endings
    found = next((e for e in endings if folded.endswith(e)), None)
    return fold(folded.removesuffix(found) + endings[found]) if found else folded


@lru_cache(maxsize=1)
def nickname_groups() -> dict[str, str]:
    """Canonical given name of each known short or sister form, both folded: `{"bill": "william", …}`."""
    return {fold(variant): fold(canonical) for variant, canonical, _ in table("nicknames.csv")}


def canonical_given(ascii_token: str) -> str:
    """The canonical given name of a nickname; any other word as it is. Not applied to `given_ascii`."""
    return nickname_groups().get(fold(ascii_token), ascii_token)
