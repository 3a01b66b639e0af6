"""The demo's papers: invented, plausible, and the same at every start.

Their numbers are above 90000, which no month of arXiv reaches, so that no link leads to a real paper.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from bot.demo.studies import TOPICS, Study, Topic
from bot.model.papers import Paper, PaperId

_FIRST_NUMBER = 90_001
_SUBMITTED_BEFORE = timedelta(hours=20)  # arXiv announces papers about a day after submission


_NAMES = (
    "Corvid", "Lumen", "Tidepool", "Quill", "Harrier", "Ember", "Parallax", "Sextant", "Wren", "Basalt",
    "Halyard", "Juniper", "Kestrel", "Marrow", "Nimbus", "Ostinato", "Plover", "Rill", "Solstice", "Tern",
)  # fmt: skip
_GIVEN = (
    "Amina", "Bruno", "Chen", "Dilara", "Emeka", "Freya", "Giorgos", "Hana", "Ines", "Joon-ho", "Katarzyna",
    "Luis", "Mirela", "Noor", "Oskar", "Priya", "Quentin", "Ruth", "Søren", "Tomoko", "Umut", "Vera", "Wanja",
)  # fmt: skip
_FAMILY = (
    "Abara", "Bianchi", "Castellanos", "Dvořák", "Eriksen", "Fontaine", "Gupta", "Hashimoto", "Ito", "Jansen",
    "Kowalska", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Qureshi", "Rossi", "Sato", "Tanaka",
    "Ueda", "Vasquez", "Wójcik", "Yılmaz", "Zhang",
)  # fmt: skip
_COMMENTS = (
    None,
    "12 pages, 5 figures",
    "Accepted at the Workshop on Invented Results; 9 pages",
    None,
    "Code: https://example.org/code",
)


def paper(index: int, announced: datetime) -> Paper:
    """Return the demo's paper number *index*, counted from 0, as if announced at *announced*.

    arXiv numbers papers at announcement, so *announced* must not decrease as *index* increases.
    """
    dice = random.Random(index)  # noqa: S311 - the papers are to be the same at every start
    topic, study, details = _study(index, dice)
    published = (announced - _SUBMITTED_BEFORE - timedelta(minutes=index % 240)).replace(microsecond=0)
    categories = topic.categories[: dice.randrange(1, len(topic.categories) + 1)]
    return Paper(
        id=PaperId(f"{announced:%y%m}.{_FIRST_NUMBER + index}"),
        version=1,
        title=study.title.format(**details),
        abstract=study.abstract.format(**details),
        authors=_authors(dice),
        categories=categories,
        primary_category=categories[0],
        published=published,
        updated=published,
        comment=dice.choice(_COMMENTS),
        journal_ref=None,
        doi=None,
    )


def _study(index: int, dice: random.Random) -> tuple[Topic, Study, dict[str, str]]:
    """Return what paper number *index* is about. Studies take turns, and so do the details of a title."""
    cycle, place = divmod(index, len(TOPICS))
    topic = TOPICS[place]
    count = cycle * TOPICS.count(topic) + TOPICS[:place].count(topic)
    again, which = divmod(count, len(topic.studies))
    study = topic.studies[which]
    details = {gap: dice.choice(options) for gap, options in study.details.items()}
    details |= {
        gap: options[again % len(options)]
        for gap, options in study.details.items()
        if f"{{{gap}}}" in study.title
    }
    details["name"] = f"{_NAMES[(index * 7 + again) % len(_NAMES)]}{dice.choice(('', '', '-2', 'Net'))}"
    return topic, study, details


def _authors(dice: random.Random) -> tuple[str, ...]:
    count = dice.randrange(2, 8)
    given, family = dice.sample(_GIVEN, count), dice.sample(_FAMILY, count)
    return tuple(map(" ".join, zip(given, family, strict=True)))
