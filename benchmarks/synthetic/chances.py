"""How often things happen in the synthetic bank: every rate in one place.

Here: probabilities and counts. Not here: how a thing is made to happen (corrupt.py, life.py, households.py).
Source of the rates: published statistics of duplicate records in banks and registers, collected with the project.
"""

LANGUAGES = ("az", "ro", "ru", "en", "tr", "uk", "zh")
LANGUAGE_SHARE = (0.30, 0.20, 0.20, 0.15, 0.06, 0.04, 0.05)
HOUSEHOLD_SIZE = (0.24, 0.26, 0.20, 0.17, 0.08, 0.05)
"""Share of households of 1 to 6 persons."""
LEGAL_ENTITY_SHARE = 0.08
INSTITUTION_SHARE, CORRESPONDENT_SHARE = 0.10, 0.03
"""Of the legal entities; the rest are companies."""
MULTIGENERATIONAL = 0.18
TWINS = 0.015
SAME_NAME_AS_FATHER = 0.01
CROWDED_ADDRESS = 0.005
SHARED_PHONE, PARENTS_EMAIL = 0.15, 0.05

MOVES_A_YEAR, PHONES_A_YEAR, EMAILS_A_YEAR, MARRIAGES_A_YEAR = 0.09, 0.10, 0.05, 0.012
HYPHEN_OR_KEEP = 0.06
HISTORY_DAYS = 3650
"""How far back the sources' memory reaches."""

SOURCES_OF_A_PARTY = (0.40, 0.30, 0.15, 0.10, 0.05)
PERSON_SOURCES = {"core": 0.40, "crm": 0.30, "cards": 0.14, "loans": 0.11, "leads": 0.05}
ORGANISATION_SOURCES = {"core": 0.34, "crm": 0.26, "companies": 0.22, "loans": 0.12, "leads": 0.06}
DUPLICATES = {"core": 0.02, "crm": 0.11, "cards": 0.09, "loans": 0.08, "leads": 0.12, "companies": 0.08}
LAG_DAYS = {"core": 120, "crm": 1000, "cards": 1800, "loans": 1500, "leads": 3000, "companies": 900}
"""Mean days until a source hears of a change."""

NEW_A_NIGHT, GONE_A_NIGHT, CORRECTED_A_NIGHT, EVENTS_A_NIGHT = 0.004, 0.001, 0.002, 0.004

ERRORS = ("blank", "typo", "ocr", "sound", "digit", "birth", "nickname", "copy", "home")
CLEAN = dict(zip(ERRORS, (0.01, 0.01, 0.002, 0.002, 0.01, 0.01, 0.0, 0.001, 0.04), strict=True))
DIRTY = dict(zip(ERRORS, (0.05, 0.05, 0.03, 0.03, 0.03, 0.04, 0.05, 0.01, 0.20), strict=True))
MIDDLE = {kind: round(rate / 2, 4) for kind, rate in DIRTY.items()}
"""Chance per cell and error kind in a clean, a dirty and an ordinary source (home: the household's shared phone)."""

TYPO_KIND = {"substitute": 0.59, "delete": 0.16, "insert": 0.10, "transpose": 0.02, "several": 0.13}
TYPO_FIRST_LETTER = 0.08
BIRTH_KIND = {"digit": 0.53, "shift": 0.37, "year": 0.07, "swap": 0.03}
DUMMY_BIRTH, DUMMY_PHONE, DUMMY_ID = 0.015, 0.005, 0.005
OTHER_PERSON = 0.0005
