"""The drill: the real bot is killed a thousand times, and a Discord that keeps count says what arrived.

    python -m tests.drill --kills 1000 --seed 7

`docs/reliability.md` says what it does and what it found.
"""
