"""Lines of small facts, such as `cs.SE · ISSTA 2025 · PDF`, that break where a reader would break them."""

from __future__ import annotations

_LONGEST = 20  # a longer text would leave gaps on a phone if it could not break


def joined(*facts: str) -> str:
    """Return *facts* on one line, without the empty ones; no line begins with a dot."""
    return "\u00a0· ".join(filter(None, facts))


def unbroken(text: str) -> str:
    """Return a short *text*, such as `ICST 2026`, that no line break separates."""
    return text.replace(" ", "\u00a0") if len(text) <= _LONGEST else text
