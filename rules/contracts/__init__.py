"""The declared tables, one module per stage, columns shared.

DDL, checks, test data, content hashes and the data dictionary derive from these schemas. Not here: how any
table is computed.
"""

from rules.contracts.children import FEEDS
from rules.contracts.decisions import DECISIONS
from rules.contracts.golden import GOLDEN
from rules.contracts.history import HISTORY
from rules.contracts.identity import IDENTITY
from rules.contracts.matched import MATCHED
from rules.contracts.quality import QUALITY
from rules.contracts.standard import STANDARD
from rules.contracts.view import VIEW

TABLES = {**STANDARD, **FEEDS, **DECISIONS, **MATCHED, **IDENTITY, **GOLDEN, **HISTORY, **VIEW, **QUALITY}
"""Every declared table by name: `TABLES["std_name"]` is its dataframely schema."""
