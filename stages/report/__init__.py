"""The night's report: one self-contained HTML page that opens without a server, a network or JavaScript.

Here: reading the night's tables into sections and drawing them. Not here: computing any table, or deciding whether
the night is good (`quality/checks`).
"""

from stages.report.facts import ModelFacts, RunFacts
from stages.report.page import write_report

__all__ = ["ModelFacts", "RunFacts", "write_report"]
