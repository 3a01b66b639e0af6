"""How well people of one name are told apart, measured on 46 names that two or more people have.

`homonyms.jsonl` holds for each name up to eight people, and up to six papers of each: the number of the
record in INSPIRE, the year, the areas (named as arXiv's categories), and up to twelve authors. Who wrote what
is what INSPIRE's curators and the authors themselves say, as published with
https://github.com/inspirehep/beard (metadata, CC0). All are called Wang, which is as hard as it gets. Records
have no arXiv identifiers, so those here are the records' numbers.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bot.model.papers import Paper, PaperId
from bot.query.person_names import author_as, read_name
from bot.ranking.homonyms import Signature, same_person

_TABLE = Path(__file__).with_name("homonyms.jsonl")


def signatures_with_people(line: str) -> tuple[list[Signature], list[int]]:
    """Return the signatures of one name, and for each the number of its person."""
    labelled = json.loads(line)
    name = read_name(labelled["name"])[0]
    found: dict[int, tuple[Signature, int]] = {}
    for person in labelled["people"]:
        for number, year, areas, names in person["papers"]:
            day, categories, authors = (
                datetime(year, 1, 1, tzinfo=UTC),
                tuple(areas.split()),
                names.split("; "),
            )
            paper = Paper(
                PaperId(str(number)), 1, "", "", tuple(authors), categories, categories[0], day, day
            )
            can_be = [(one, author) for author in authors if (one := author_as(author, name)) is not None]
            fullest, author = max(can_be, key=lambda pair: sum(map(len, pair[0].given)))
            found[number] = Signature(paper, author, fullest), person["person"]
    newest = [found[number] for number in sorted(found, reverse=True)]
    return [one for one, _person in newest], [person for _one, person in newest]


def test_people_of_one_name_are_told_apart_as_well_as_measured() -> None:
    right = close = wrong = papers = 0
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    for line in lines:
        signatures, people = signatures_with_people(line)
        groups = same_person(signatures)
        off = abs(len(groups) - len(set(people)))
        right += off == 0
        close += off <= 1
        papers += len(signatures)
        for group in groups:
            of_each = Counter(people[number] for number in group)
            wrong += len(group) - max(of_each.values())
    print(f"number of people right in {right} of {len(lines)} names, at most one off in {close}")  # noqa: T201
    print(f"papers put with the wrong person: {wrong} of {papers}")  # noqa: T201
    assert len(lines) == 46
    assert right >= 17
    assert close >= 33
    assert wrong <= 114
