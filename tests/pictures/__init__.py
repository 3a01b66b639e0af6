"""The picture book: what the bot looks like, drawn from the real bot in the simulated Discord.

`python -m tests.pictures` writes `docs/pictures/` anew: each scene in each language, wide and narrow.
"""
