"""Nights killed (SIGKILL) at many places, and what is left of the home after each.

Here: making the home, killing, the verdict. Not here: how a promotion is made safe (store/versions).
"""
