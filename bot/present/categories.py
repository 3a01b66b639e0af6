"""arXiv's categories: their names, their colours, and a search by what a person types."""

from __future__ import annotations

from functools import cache

from bot.model.taxonomy import ARCHIVES, CATEGORIES, FORMER_ARCHIVES
from bot.present.colours import ARXIV_RED

_PHYSICS = frozenset(["astro-ph", "cond-mat", "gr-qc", "math-ph", "nlin", "nucl-ex", "nucl-th", "physics"])
_COLOURS = {
    "cs": 0x2F6FDE,
    "stat": 0x1B9E77,
    "eess": 0x00A3B4,
    "math": 0x7A4FD0,
    "econ": 0xC98A00,
    "q-fin": 0x8F7B00,
    "q-bio": 0x3FA34D,
    "quant-ph": 0xD1478F,
    "hep": 0xC7482B,
    "physics": 0xE07B1A,
}


def is_category(text: str) -> bool:
    """Tell whether *text* is the identifier of a current category or archive, such as `cs.CL` or `cs`."""
    return text in CATEGORIES or text in ARCHIVES


def name(category: str) -> str:
    """Return the name of *category*: “Computation and Language” for `cs.CL`; an unknown one unchanged."""
    return CATEGORIES.get(category) or ARCHIVES.get(category) or FORMER_ARCHIVES.get(category) or category


def search(text: str, limit: int = 25) -> list[str]:
    """Return up to *limit* categories and archives that match *text*, best first; all match an empty text.

    Every word of *text* must occur in the identifier or name; matches in the identifier come first.
    """
    wanted = text.casefold().split()
    ranked = [(rank, category) for category in _all() if (rank := _rank(category, wanted)) is not None]
    return [category for _, category in sorted(ranked)[:limit]]


def colour(category: str) -> int:
    """Return the colour of the archive of *category*, as 0xRRGGBB."""
    archive = category.split(".", 1)[0]
    if archive.startswith("hep-"):
        archive = "hep"
    return _COLOURS.get("physics" if archive in _PHYSICS else archive, ARXIV_RED)


@cache
def _all() -> tuple[str, ...]:
    return tuple(sorted({*ARCHIVES, *CATEGORIES}))


def _rank(category: str, wanted: list[str]) -> int | None:
    typed = " ".join(wanted)
    identifier, words = category.casefold(), name(category).casefold()
    if identifier == typed:
        return 0
    if identifier.startswith(typed):
        return 1
    if words.startswith(typed):
        return 2
    if all(any(part.startswith(word) for part in words.split()) for word in wanted):
        return 3
    return 4 if all(word in f"{identifier} {words}" for word in wanted) else None
