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
_MOST_CO_AUTHORS = 12
_MOST_OTHERS = 8  # co-authors of other people, whose papers are left out
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


def narrowed(query: str, categories: Sequence[str], co_author: str = "") -> str:
    """Return *query* for papers in any of *categories* alone, if there are any, and by the *co_author*, too.

    *co_author* is a query itself. An archive stands for its subjects, and for the papers that have none.
    """
    named = [name for each in categories for name in ([each, f"{each}.*"] if _has_subjects(each) else [each])]
    conditions = [co_author, " OR ".join(f"cat:{name}" for name in named)]
    return " AND ".join(f"({each})" for each in (query, *conditions) if each) if any(conditions) else query


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
    """The people of a name among *papers*, as far as these tell; the one with most papers first.

    Queries have at most *longest* characters, and with *co_author*, a query, find that person's papers alone.
    """

    def __init__(
        self, readings: Sequence[PersonName], papers: Sequence[Paper], longest: int, co_author: str = ""
    ) -> None:
        self._papers = {paper.id: paper for paper in papers}
        self._analyzed = [analyze_paper(paper) for paper in self._papers.values()]
        self._co_author = co_author
        self._longest = longest - len(narrowed("-", (), co_author)) + 1
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
                query = self._longest_with(f"{query} ANDNOT", self._strangers(person, query)) or query
        else:
            query = self._longest_with(f"({names}) AND", self._co_authors(person))
        return self._choice(query, [person]) if query and len(query) <= self._longest else None

    def _longest_with(self, query: str, authors: Sequence[str]) -> str:
        """Return *query* with as many of the first *authors* as there is room for; "" if that is none."""
        for count in range(len(authors), 0, -1):
            whole = f"{query} ({_any_of(authors[:count])})"
            if len(whole) <= self._longest:
                return whole
        return ""

    def _choice(self, query: str, people: Sequence[Namesake]) -> AuthorQuery:
        parsed, theirs = parse(narrowed(query, (), self._co_author)), _ids(people)
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
        """Return co-authors: few who wrote most of the papers, then those with the most papers."""
        small = [paper for paper in person.papers if len(paper.authors) <= _CROWD]
        chosen = _covering(small, person.co_authors, _MOST_CO_AUTHORS)
        further = [name for name in person.co_authors if name not in chosen]
        return [*chosen, *further][:_MOST_CO_AUTHORS]

    def _strangers(self, person: Namesake, query: str) -> list[str]:
        """Return few who wrote most of what *query* finds by other people, and nothing with *person*."""
        known = {one.author for one in self.signatures}
        known.update(author for paper in person.papers for author in paper.authors)
        theirs = _ids([person])
        foreign = [self._papers[each] for each in sorted(self._found(parse(query)) - theirs)]
        names = dict.fromkeys(name for paper in foreign for name in paper.authors[:_CROWD])
        return _covering(foreign, [name for name in names if name not in known], _MOST_OTHERS)


def _covering(papers: Sequence[Paper], names: Sequence[str], most: int) -> list[str]:
    """Return at most *most* of *names*, the first of equals, that together wrote most of *papers*."""
    left = [set(paper.authors) for paper in papers]
    chosen: list[str] = []
    while len(chosen) < most:
        gains = Counter(name for authors in left for name in authors)
        best = max(names, key=lambda name: gains[name], default="")
        if not gains[best]:
            break
        chosen.append(best)
        left = [authors for authors in left if best not in authors]
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
