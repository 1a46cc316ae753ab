"""Measuring: the synthetic bank with truth, the demo, labelled cases.

Here: what makes data with known answers and compares. Not here: anything that a bank's own night needs.
"""
