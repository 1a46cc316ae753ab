"""Pages as one HTML file each: the frame, the style sheet and the filters that all pages share.

Here: rendering a folder's template in the common frame, with autoescape, without script or outside address. Not here:
what a page says (report, model_pages).
"""

from stages.paper.page import render

__all__ = ["render"]
