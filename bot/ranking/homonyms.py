"""How many people of one name there seem to be among papers by it (pure).

Papers with the same co-authors are by the same person, unless the names contradict each other; so, as a rule,
are papers in the same categories by a name that few people have. Nothing here is certain: the answer is
shown to somebody who knows the person.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from bot.model.papers import Paper
from bot.query.person_names import PersonName, agree, parts_of
from bot.query.text import analyze_name

# Family names that so many people have that two of the same given name need not be the same person.
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "ahmed ali bai brown cai cao chang chen cheng choi cui das deng ding dong du duan fan fang feng "
        "fu gao garcia ge gong gu gupta guo han hao he hong hou hu huang hwang jang jeong ji jia jiang "
        "jin johnson jones kang kaur khan kim kumar lai lee lei li liang lim lin liu lo long lu luo lv ma "
        "mao meng miao miller mishra mo ng nguyen ni pan park patel peng pham qi qian qiao qin qiu ren "
        "shah shao sharma shen shi sim singh smith song su sun tan tang tao tian tran verma wang wei wen "
        "weng wong wu xia xiang xiao xie xiong xu xue yan yang yao ye yi yin yoon you yu yuan yue zeng "
        "zhan zhang zhao zheng zhong zhou zhu zou",
    )
)
_SMALL = 25  # co-authors: two of these with common names are looked at together
_COLLABORATION = 12  # authors: of so many, two of one name may well be in the same categories
# How alike the categories of one person's papers are, at least, by how many people have such a name.
_RARE, _TWO_GIVEN_NAMES, _FREQUENT, _INITIALS = 0.25, 0.3, 0.7, 0.95


@dataclass(frozen=True, slots=True)
class Signature:
    """A *paper*, and the *name* that one of its authors has there, who is *author* in arXiv's words."""

    paper: Paper
    author: str
    name: PersonName


def same_person(signatures: Sequence[Signature]) -> list[list[int]]:
    """Return the numbers of the *signatures* that seem to be one person's, for each, the most first."""
    groups = _Groups([one.name.given for one in signatures])
    for same in _by_co_authors(signatures):
        groups.join(same)
    for one, other in _by_categories(signatures, groups):
        groups.join((one, other))
    return sorted(groups.members(), key=lambda members: (-len(members), members[0]))


class _Groups:
    """Numbers in disjoint groups; two groups whose given names contradict each other stay apart."""

    def __init__(self, given: Sequence[tuple[str, ...]]) -> None:
        self._leader = list(range(len(given)))
        self._given = [{one} for one in given]

    def leader(self, number: int) -> int:
        while self._leader[number] != number:
            self._leader[number] = number = self._leader[self._leader[number]]
        return number

    def join(self, numbers: Sequence[int]) -> None:
        for number in numbers[1:]:
            one, other = sorted((self.leader(numbers[0]), self.leader(number)))
            if one == other:
                continue
            if all(agree(here, there) for here in self._given[one] for there in self._given[other]):
                self._leader[other] = one
                self._given[one] |= self._given[other]

    def members(self) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for number in range(len(self._leader)):
            found.setdefault(self.leader(number), []).append(number)
        return list(found.values())


def _by_co_authors(signatures: Sequence[Signature]) -> Iterator[list[int]]:
    """Yield numbers of papers that share a co-author of a rare name, or two of common names.

    One of a common name is enough for papers of the same primary category.
    """
    shared: dict[object, list[int]] = {}
    for number, signature in enumerate(signatures):
        paper, weak = signature.paper, list[tuple[str, ...]]()
        for author in paper.authors:
            if author == signature.author or len(terms := _terms(author)) < 2:
                continue
            if len(terms[0]) > 1 and terms[-1] not in _COMMON:
                shared.setdefault(terms, []).append(number)
            else:
                weak.append(terms)
        for terms in weak:
            shared.setdefault((terms, paper.primary_category), []).append(number)
        if len(weak) <= _SMALL:
            for pair in itertools.combinations(sorted(weak), 2):
                shared.setdefault((pair,), []).append(number)
    return (numbers for numbers in shared.values() if len(numbers) > 1)


@lru_cache(maxsize=1 << 14)
def _terms(author: str) -> tuple[str, ...]:
    return tuple(term for term in analyze_name(author).terms if term)


def _by_categories(signatures: Sequence[Signature], groups: _Groups) -> Iterator[tuple[int, int]]:
    """Yield pairs of numbers, from groups whose categories are much alike, the most alike first.

    A group with collaborations' papers alone is left as it is: one person's have co-authors in common.
    """
    members = [each for each in groups.members() if _has_few_authors([signatures[number] for number in each])]
    profiles = [_profile([signatures[number] for number in each]) for each in members]
    alike = []
    for one, other in itertools.combinations(range(len(members)), 2):
        names = (signatures[members[one][0]].name, signatures[members[other][0]].name)
        likeness = _cosine(profiles[one], profiles[other])
        if likeness >= max(map(_least_likeness, names)):
            alike.append((-likeness, members[one][0], members[other][0]))
    return ((one, other) for _likeness, one, other in sorted(alike))


def _has_few_authors(signatures: Sequence[Signature]) -> bool:
    return any(len(one.paper.authors) < _COLLABORATION for one in signatures)


def _least_likeness(name: PersonName) -> float:
    """Return how alike the categories of papers by *name* must be if they are one person's."""
    if not name.spelt_out:
        return _INITIALS
    if name.family[-1] not in _COMMON:
        return _RARE
    several = sum(len(part) > 1 for part in parts_of(name.given)) > 1
    return _TWO_GIVEN_NAMES if several else _FREQUENT


def _profile(signatures: Sequence[Signature]) -> dict[str, float]:
    """Return how often each category and archive occurs, as a vector of length 1."""
    counts: Counter[str] = Counter()
    for signature in signatures:
        paper = signature.paper
        counts[paper.primary_category] += 1
        counts[paper.primary_category.partition(".")[0] + ".*"] += 1
        counts.update(paper.categories)
    length = sqrt(sum(count * count for count in counts.values()))
    return {category: count / length for category, count in counts.items()}


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(weight * other.get(category, 0.0) for category, weight in one.items())
