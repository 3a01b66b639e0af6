"""Numbers of things, as a line of the command line names them."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return `1 paper`, `2 papers`, `0 papers`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
