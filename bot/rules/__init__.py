"""Decisions: which papers are new, how many a channel gets a day, when a digest is due, why a paper came.

They read no clock, no database and no network: the time and all facts are arguments.
"""
