"""Which of arXiv's feeds to read, so that together they list everything and none is cut off (pure).

A feed shows at most 2,000 papers, and leaves out new ones first. So archives share a feed only as long as
yesterday's counts, added up, stay well below that; a large archive is divided into its categories.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.model.taxonomy import ARCHIVES, CATEGORIES

TRUNCATED = 1_900
"""A feed with so many papers or more may have been cut off."""
_MOST = 1_250
# Papers in a feed on a busy day of 2026, new, cross-listed and replaced, where nothing is known of yesterday.
_USUAL = {
    "cs.AI": 420,
    "cs.LG": 480,
    "cs.CV": 330,
    "cs.CL": 280,
    "cs.RO": 130,
    "math": 450,
    "physics": 260,
    "cond-mat": 200,
    "astro-ph": 180,
    "quant-ph": 180,
    "eess": 170,
    "stat": 160,
    "hep-th": 120,
    "hep-ph": 110,
    "gr-qc": 90,
    "math-ph": 70,
    "q-bio": 60,
    "econ": 40,
    "hep-ex": 40,
    "nlin": 40,
    "nucl-th": 40,
    "q-fin": 40,
    "cs": 1_300,
}
_OTHER_CATEGORY = 40

Group = tuple[str, ...]
"""Archives (`math`) and categories (`cs.LG`) that share a feed."""


def plan_groups(counts: Mapping[str, int]) -> list[Group]:
    """Return the feeds to read; each archive, or each of its categories, is in exactly one.

    *counts* are yesterday's by archive and by category, as `count_papers` returns them; empty if unknown.
    """
    known = counts or _USUAL
    sizes = sorted(_units(known).items(), key=lambda unit: (-unit[1], unit[0]))
    groups: list[tuple[list[str], int]] = []
    for name, size in sizes:
        for number, (members, total) in enumerate(groups):
            if total + size <= _MOST:
                members.append(name)
                groups[number] = members, total + size
                break
        else:
            groups.append(([name], size))
    return [tuple(sorted(members)) for members, _ in groups]


def halves(group: Group) -> list[Group]:
    """Return *group* in two parts, to read what its feed has left out; one name alone has none."""
    if len(group) == 1:
        names = tuple(name for name in CATEGORIES if name.startswith(f"{group[0]}."))
        return halves(names) if len(names) > 1 else []
    middle = len(group) // 2
    return [group[:middle], group[middle:]]


def count_papers(papers: Iterable[Sequence[str]]) -> dict[str, int]:
    """Return how many of *papers*, each by its categories, are in each archive and in each category."""
    counts: dict[str, int] = {}
    for categories in papers:
        for name in {*categories, *(category.partition(".")[0] for category in categories)}:
            counts[name] = counts.get(name, 0) + 1
    return counts


def _units(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the sizes of all archives, and of the categories of those that are too large."""
    units: dict[str, int] = {}
    for archive in ARCHIVES:
        size = counts.get(archive, 0)
        categories = [name for name in CATEGORIES if name.startswith(f"{archive}.")]
        if size > _MOST // 2 and categories:
            default = 0 if counts is not _USUAL else _OTHER_CATEGORY
            units |= {name: counts.get(name, default) for name in categories}
        else:
            units[archive] = size
    return units
