"""Judging pairs of names alone: our own standard forms and ladders against labelled pairs."""
