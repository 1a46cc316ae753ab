"""Management reports of a version: clients, financial result, portfolio per manager, findings per owner.

Here: four reports as one HTML page and one Excel workbook each night or on demand. Not here: how any figure is computed
(client_view), the night's own report (stages/report). They name clients by number alone.
"""

from stages.management.write import write

__all__ = ["write"]
