"""The papers by a name: the forms of the name that arXiv has, the people, and a query for one of them (pure).

What is asked of arXiv is in the same query language as subscriptions, and `bot.query` decides which papers
match, so that the two agree.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.model.papers import Paper, PaperId
from bot.model.taxonomy import CATEGORIES
from bot.query.person_names import PersonName, author_as, parts_of, written
from bot.query.query import Query, parse
from bot.query.text import analyze_name, analyze_paper
from bot.ranking.homonyms import Signature, same_person

_MOST_FORMS = 8
_MOST_CATEGORIES = 6
_MOST_CO_AUTHORS = 6
_CROWD = 30  # authors: of so many, none says whose paper it is
_ENOUGH = 0.95  # of a person's papers


class Guard(enum.StrEnum):
    """What tells a person from others of the name; the values are part of identifiers of posted menus."""

    NAME = "n"
    """The name alone."""
    CATEGORIES = "c"
    CO_AUTHORS = "a"


@dataclass(frozen=True, slots=True)
class NameForm:
    """A form of a name, its *text* as it is written in a query, and how many papers have it."""

    text: str
    papers: int


@dataclass(frozen=True)
class Namesake:
    """Somebody of a name, as far as their *signatures*, newest first, tell."""

    signatures: tuple[Signature, ...] = field(repr=False)

    @property
    def papers(self) -> list[Paper]:
        return [one.paper for one in self.signatures]

    @cached_property
    def forms(self) -> list[NameForm]:
        """The forms of the name, the most frequent first."""
        return _forms(self.signatures)

    @cached_property
    def categories(self) -> list[str]:
        """The primary categories of the papers, the most frequent first."""
        return [each for each, _count in Counter(one.primary_category for one in self.papers).most_common()]

    @cached_property
    def co_authors(self) -> list[str]:
        """Those who wrote the papers too, as arXiv writes them, the most frequent first."""
        counts: Counter[str] = Counter()
        for one in self.signatures:
            if len(one.paper.authors) <= _CROWD:
                counts.update({name for name in one.paper.authors if name != one.author})
        return [name for name, _count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


@dataclass(frozen=True, slots=True)
class AuthorQuery:
    """A *query* for the papers of some people, and of the *papers* that are known those that it finds.

    *own* of them are theirs, of *of* papers in all; the others are by other people.
    """

    query: Query
    papers: tuple[Paper, ...]
    own: int
    of: int

    @property
    def others(self) -> int:
        """How many of the known papers are by other people."""
        return len(self.papers) - self.own


def wide_query(readings: Sequence[PersonName]) -> str:
    """Return a query for all papers that may be by the name, and some that are not.

    It has one wildcard at most: for the readings after the first, only the usual forms are looked for.
    """
    first, *others = readings
    known = [_phrase(first.family), *(f"au:{name[0]}*" for name in first.given[:1])]
    parts = [" AND ".join(known)]
    parts += narrow_query(others).split(" OR ") if others else []
    return " OR ".join(f"({part})" for part in parts) if len(parts) > 1 else parts[0]


def narrow_query(readings: Sequence[PersonName]) -> str:
    """Return a query for the usual forms of the name alone; "" if only a family name is known."""
    phrases = dict.fromkeys(
        _phrase((given, *each.family))
        for each in readings
        if each.given
        for names in _shortened(each)
        for given in _joined(names)
    )
    return " OR ".join(phrases)


def _shortened(name: PersonName) -> Iterator[Sequence[str]]:
    """Yield the given names of *name*: all, the first, and the initials of each."""
    for names in (parts_of(name.given), parts_of(name.given[:1])):
        yield names
        yield [part[0] for part in names]
    yield [name.given[0][0]]


def _joined(given: Sequence[str]) -> tuple[str, ...]:
    """Return the ways in which *given* names are written together: `xiao li`, `xiao-li` and `xiaoli`."""
    return tuple(dict.fromkeys(mark.join(given) for mark in (" ", "-", "")))


def signatures_of(readings: Sequence[PersonName], papers: Sequence[Paper]) -> tuple[Signature, ...]:
    """Return the author of each of *papers* who can have the name, newest paper first.

    Of several *readings* the one with the most papers holds.
    """
    newest = sorted({paper.id: paper for paper in papers}.values(), key=lambda one: one.id, reverse=True)
    found = [tuple(_signatures(reading, newest)) for reading in readings]
    # A reading that only other readings' papers have in the order of its words is not the one that is meant.
    return max(found, key=lambda each: sum(_in_order(one) for one in each), default=())


def _in_order(signature: Signature) -> bool:
    terms = analyze_name(signature.author).terms
    return tuple(terms[-len(signature.name.family) :]) == signature.name.family


def _signatures(name: PersonName, papers: Sequence[Paper]) -> Iterator[Signature]:
    for paper in papers:
        found = [(author, one) for author in paper.authors if (one := author_as(author, name)) is not None]
        if found:
            author, fullest = max(found, key=lambda pair: sum(map(len, pair[1].given)))
            yield Signature(paper, author, fullest)


class Namesakes:
    """The people of a name among *papers*, as far as these tell; the one with most papers first."""

    def __init__(self, readings: Sequence[PersonName], papers: Sequence[Paper], longest: int) -> None:
        self._papers = {paper.id: paper for paper in papers}
        self._analyzed = [analyze_paper(paper) for paper in self._papers.values()]
        self._longest = longest
        self._usual = narrow_query(readings) if readings[0].spelt_out else wide_query(readings[:1])
        self.signatures = signatures_of(readings, papers)
        self.people = [
            Namesake(tuple(self.signatures[number] for number in sorted(numbers)))
            for numbers in same_person(self.signatures)
        ]

    @cached_property
    def forms(self) -> list[NameForm]:
        """The forms of the name that arXiv has, the most frequent first."""
        return _forms(self.signatures)

    def everybody(self) -> AuthorQuery:
        """Return a query for all people of the name.

        Initials stand for other names too: forms with initials are left out if they find papers by anybody of
        whom no full name is known.
        """
        known = [person for person in self.people if any(one.name.spelt_out for one in person.signatures)]
        known = known or self.people
        full = _forms([one for one in self.signatures if one.name.spelt_out])
        theirs = _ids(known)
        initials = [
            form
            for form in _forms([one for one in self.signatures if not one.name.spelt_out])
            if self._found(parse(_either([form]))) <= theirs
        ]
        query = _either([*full, *initials])
        if not full or len(full) > _MOST_FORMS or len(query) > self._longest:
            query = self._usual
        return self._choice(query, known)

    def only(self, person: Namesake, guard: Guard) -> AuthorQuery | None:
        """Return a query for one *person*; None if *guard* tells nothing or the query would be too long."""
        names, query = _either(person.forms), ""
        if not names:
            return None
        if guard is Guard.NAME:
            query = names
        elif guard is Guard.CATEGORIES:
            if listed := self._categories(person):
                query = f"({names}) AND ({' OR '.join(f'cat:{each}' for each in listed)})"
        else:
            listed = self._co_authors(person)
            while listed and len(query := f"({names}) AND ({_any_of(listed)})") > self._longest:
                listed.pop()
            query = query if listed else ""
        return self._choice(query, [person]) if query and len(query) <= self._longest else None

    def _choice(self, query: str, people: Sequence[Namesake]) -> AuthorQuery:
        parsed, theirs = parse(query), _ids(people)
        found = self._found(parsed)
        papers = sorted((self._papers[each] for each in found), key=lambda one: one.id, reverse=True)
        return AuthorQuery(parsed, tuple(papers), len(found & theirs), len(theirs))

    def _found(self, query: Query) -> set[PaperId]:
        return {each.paper.id for each in self._analyzed if query.matches(each) is not None}

    def _categories(self, person: Namesake) -> list[str]:
        """Return the archives of the papers if nobody else has them, or else categories that cover them."""
        others = [one.paper for each in self.people if each is not person for one in each.signatures]
        archives = list(dict.fromkeys(each.partition(".")[0] for each in person.categories))
        taken = {each.partition(".")[0] for paper in others for each in paper.categories}
        if len(archives) <= _MOST_CATEGORIES and not taken & set(archives):
            return [f"{each}.*" if _has_subjects(each) else each for each in archives]
        covered: set[PaperId] = set()
        chosen: list[str] = []
        ours = Counter(each for paper in person.papers for each in paper.categories)
        theirs = Counter(each for paper in others for each in paper.categories)
        while len(chosen) < _MOST_CATEGORIES and len(covered) < _ENOUGH * len(person.papers):
            left = [paper for paper in person.papers if paper.id not in covered]
            gains = Counter(each for paper in left for each in paper.categories)
            best = max(gains, key=lambda each: (gains[each] - theirs[each] / 2, ours[each], each))
            chosen.append(best)
            covered |= {paper.id for paper in left if best in paper.categories}
        return chosen

    def _co_authors(self, person: Namesake) -> list[str]:
        """Return few co-authors who wrote most of the papers, the one with most papers first."""
        covered: set[PaperId] = set()
        chosen: list[str] = []
        small = [one.paper for one in person.signatures if len(one.paper.authors) <= _CROWD]
        while len(chosen) < _MOST_CO_AUTHORS:
            left = [paper for paper in small if paper.id not in covered]
            gains = Counter(author for paper in left for author in set(paper.authors))
            best = max(
                (name for name in person.co_authors if name not in chosen and gains[name]),
                key=lambda name: gains[name],
                default="",
            )
            if not best:
                break
            chosen.append(best)
            covered |= {paper.id for paper in left if best in paper.authors}
        return chosen


def _has_subjects(archive: str) -> bool:
    return any(category.startswith(f"{archive}.") for category in CATEGORIES)


def _ids(people: Sequence[Namesake]) -> set[PaperId]:
    return {one.paper.id for person in people for one in person.signatures}


def _forms(signatures: Sequence[Signature]) -> list[NameForm]:
    """Return the forms that the names of *signatures* have, once for each in arXiv's index."""
    spellings: dict[tuple[str | None, ...], Counter[str]] = {}
    for one in signatures:
        spelling = written(one.author)
        terms = tuple(analyze_name(spelling).terms)
        if list(terms) == list(analyze_name(one.author).terms):  # a query cannot hold a quote or a backslash
            spellings.setdefault(terms, Counter())[spelling] += 1
    forms = [
        NameForm(max(each, key=lambda one: (each[one], one)), each.total()) for each in spellings.values()
    ]
    return sorted(forms, key=lambda form: (-form.papers, form.text))


def _either(forms: Sequence[NameForm]) -> str:
    return _any_of([form.text for form in forms[:_MOST_FORMS]])


def _any_of(names: Sequence[str]) -> str:
    return " OR ".join(dict.fromkeys(f'au:"{spelling}"' for name in names if (spelling := written(name))))


def _phrase(words: Sequence[str]) -> str:
    return f'au:"{" ".join(words)}"'
