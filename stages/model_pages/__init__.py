"""Pages about models: the report of a trained version, and the comparison of two.

Here: drawing what is already known. Not here: the facts of a model (matching/training_report), the comparison itself
(stages/compare). Each page is one HTML file without script or outside address, a function of its facts alone.
"""

from stages.model_pages.page import write_comparison, write_training_report

__all__ = ["write_comparison", "write_training_report"]
