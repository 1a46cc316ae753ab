"""Accuracy on labelled sets: the registry as a user runs it, judged by a truth file it never sees.

Here: finding sets, running each in a process of its own, figures, the recorded ones, failing pairs by cause. Not here:
any code for one data set (a set is a folder and a case file), and the figures themselves (matching/evaluation).
"""
