"""The soak: people use the real bot 100,000 times, and its memory has to stay flat.

    python -m tests.soak

`docs/reliability.md` has its result.
"""
