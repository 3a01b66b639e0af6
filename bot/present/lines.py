"""Lines of small facts, such as `cs.SE · ISSTA 2025 · PDF`, that break where a reader would break them."""

from __future__ import annotations

_LONGEST = 20  # a longer text would leave gaps on a phone if it could not break
_PHONE = 39.0  # letters of average width: what a line of a footer holds on a phone of 390 pixels
_NARROW = frozenset("iljftIr.,'()·-:;!| \u00a0")
_WIDE = frozenset("mwMWGQO@%…★")


def joined(*facts: str) -> str:
    """Return *facts* on one line, without the empty ones; no line begins with a dot."""
    return "\u00a0· ".join(filter(None, facts))


def unbroken(text: str) -> str:
    """Return a short *text*, such as `ICST 2026`, that no line break separates."""
    return text.replace(" ", "\u00a0") if len(text) <= _LONGEST else text


def fits_a_phone(text: str) -> bool:
    """Tell whether a line of a footer, *text*, probably stays one line on a phone."""
    width = sum(0.5 if sign in _NARROW else 1.5 if sign in _WIDE else 1.0 for sign in text)
    return width + sum(sign > "\u2e80" for sign in text) <= _PHONE  # Chinese signs are twice as wide
