"""Screenshots of the real bot in the simulated Discord.

`python -m tests.pictures` writes `docs/pictures/`: each scene in each language, wide and narrow.
"""
