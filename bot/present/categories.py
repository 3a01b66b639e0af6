"""arXiv's categories in words, and found by what a person types."""

from __future__ import annotations

from functools import cache

from bot.model.taxonomy import ARCHIVES, CATEGORIES

# Archives that were closed or became categories; old papers carry them still.
_CLOSED = {
    "acc-phys": "Accelerator Physics",
    "adap-org": "Adaptation, Noise, and Self-Organizing Systems",
    "alg-geom": "Algebraic Geometry",
    "ao-sci": "Atmospheric-Oceanic Sciences",
    "atom-ph": "Atomic, Molecular and Optical Physics",
    "bayes-an": "Bayesian Analysis",
    "chao-dyn": "Chaotic Dynamics",
    "chem-ph": "Chemical Physics",
    "cmp-lg": "Computation and Language",
    "comp-gas": "Cellular Automata and Lattice Gases",
    "dg-ga": "Differential Geometry",
    "funct-an": "Functional Analysis",
    "mtrl-th": "Materials Theory",
    "patt-sol": "Pattern Formation and Solitons",
    "plasm-ph": "Plasma Physics",
    "q-alg": "Quantum Algebra and Topology",
    "solv-int": "Exactly Solvable and Integrable Systems",
    "supr-con": "Superconductivity",
}
_PHYSICS = frozenset(["astro-ph", "cond-mat", "gr-qc", "math-ph", "nlin", "nucl-ex", "nucl-th", "physics"])
_DEFAULT_COLOUR = 0xB31B1B  # arXiv's own red
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
    """Tell whether arXiv has a category or an archive of exactly this name today."""
    return text in CATEGORIES or text in ARCHIVES


def name(category: str) -> str:
    """Return *category* in words: `cs.CL` is “Computation and Language”; a foreign one stays as it is."""
    return CATEGORIES.get(category) or ARCHIVES.get(category) or _CLOSED.get(category) or category


def search(text: str, limit: int = 25) -> list[str]:
    """Return the categories and archives that *text* may become, best first; all of them for no text.

    The identifier counts before the words, and every word typed must be there.
    """
    wanted = text.casefold().split()
    found = [(rank, category) for category in _all() if (rank := _rank(category, wanted)) is not None]
    return [category for _, category in sorted(found)[:limit]]


def colour(category: str) -> int:
    """Return the colour of the archive of *category*, as 0xRRGGBB."""
    archive = category.split(".", 1)[0]
    if archive.startswith("hep-"):
        archive = "hep"
    return _COLOURS.get("physics" if archive in _PHYSICS else archive, _DEFAULT_COLOUR)


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
