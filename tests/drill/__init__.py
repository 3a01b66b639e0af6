"""The drill: it kills the real bot a thousand times, and a fake Discord counts what arrives.

    python -m tests.drill --kills 1000 --seed 7

`docs/reliability.md` describes it and its results.
"""
