"""Tries every deed as every person on one kind of channel, and tells which cells are open.

A cell is open if the bot tells the person something about the channel that they did not say themselves, or
changes what is stored of it. After each change the database is as before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rights.attempts import Attempt, answers_to
from tests.rights.cast import MESSAGE, SAVED_TITLE, Cast, Person, Subject
from tests.rights.deeds import DEEDS, Deed, Needs

_MARKDOWN = '"papers-20'  # a file of the channel's papers
_OF_THE_CHANNEL = (
    "subscriptions",
    "removed",
    "seen",
    "outbox",
    "crossposts",
    "digest_runs",
    "notices",
    "feedback",
)
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Cell:
    """What came of a deed: whether it is open, whether it should be, and what is wrong, if anything."""

    deed: str
    kind: str
    person: str
    open: bool
    allowed: bool
    tells: str = ""

    @property
    def is_right(self) -> bool:
        return self.open == self.allowed and not self.tells


async def cells(cast: Cast, deeds: Collection[str] = tuple(DEEDS)) -> list[Cell]:
    """Try every one of *deeds* as every person."""
    before = _rows(cast.database)
    tried = [await _cell(cast, before, name, person) for name in deeds for person in cast.people]
    return [cell for cell in tried if cell is not None]


async def _cell(cast: Cast, before: Rows, name: str, person: Person) -> Cell | None:
    """Try one deed in all its ways; None if there is no way."""
    deed = DEEDS[name]
    visible, opened, tells = cast.sees(person), [], ""
    for attempt, twin in zip(deed.ways(cast.subject), deed.ways(cast.twin), strict=True):
        if "channel" in attempt.options and person.place.guild is None:
            continue  # Discord offers no channels there
        answer = await answers_to(cast, person, attempt)
        changed = _of(cast.subject, _rows(cast.database)) != _of(cast.subject, before)
        opened.append(changed or any(one in answer for one in _secrets(cast.subject, attempt, visible)))
        _restore(cast.database, before)
        if not visible and deed.needs is not Needs.NEVER:
            other = await answers_to(cast, person, twin)
            _restore(cast.database, before)
            if _bare(answer, cast.subject) != _bare(other, cast.twin):
                tells = f"{answer} is not {other}"
    if not opened:
        return None
    allowed = _allowed(cast, deed, person, opened=any(opened))
    return Cell(name, cast.kind, person.kind, any(opened), allowed, tells)


def _allowed(cast: Cast, deed: Deed, person: Person, *, opened: bool) -> bool:
    """Tell whether a deed should be open to *person*, given that it is or is not *opened*.

    An archived thread is listed for those alone who manage the server, to save requests to Discord. Others
    who see it can name it, where the deed has an option for that.
    """
    if deed.needs is Needs.NEVER or (deed.posts and cast.kind == "deleted channel"):
        return False
    allowed = cast.manages(person) if deed.needs is Needs.TO_MANAGE else cast.sees(person)
    if allowed and cast.kind.startswith("archived") and not cast.manages_server(person):
        return opened
    return allowed


def _secrets(subject: Subject, attempt: Attempt, visible: bool) -> Iterator[str]:
    """Yield what the answer to *attempt* must not hold if the channel is hidden from the person."""
    said = {*attempt.typed, str(attempt.options.get("channel", "")), attempt.custom_id}
    yield from {subject.keyword, subject.removed_keyword} - said
    yield from (str(MESSAGE), _MARKDOWN, SAVED_TITLE)
    if not any(str(subject.channel) in one for one in said):
        yield f"<#{subject.channel}>"
    if not visible:
        yield f'#{subject.name}"'
        yield f"#{subject.name} "


def _bare(answer: str, subject: Subject) -> str:
    """Return *answer* without what differs between a subject and its twin because the person said it."""
    said = (f"“{subject.subscription}”", f"“{subject.keyword[:4]}”", str(subject.channel), subject.keyword)
    for words in said:
        answer = answer.replace(words, "…")
    return answer


def _rows(database: Path) -> Rows:
    with closing(sqlite3.connect(database)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {each: connection.execute(f"SELECT * FROM {each}").fetchall() for each in sorted(tables)}  # noqa: S608


def _of(subject: Subject, rows: Rows) -> Rows:
    """Return those of *rows* that are about the channel of *subject*."""
    found = {"destinations": [row for row in rows["destinations"] if row[0] == subject.destination]}
    for table in _OF_THE_CHANNEL:
        found[table] = [row for row in rows[table] if subject.destination in row[:3]]
    return found


def _restore(database: Path, before: Rows) -> None:
    now = _rows(database)
    changed = [table for table, rows in before.items() if now[table] != rows]
    if not changed:
        return
    with closing(sqlite3.connect(database, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for table in changed:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608
            if rows := before[table]:
                marks = ",".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        connection.execute("COMMIT")


def summary(tried: list[Cell]) -> str:
    """Return the cells of one kind of channel as a table: a line for each deed, a column for each person.

    `o` is open and should be, `·` is closed and should be; `!` is open and should not be, `x` is closed and
    should not be, and `?` tells by its refusal that there is something.
    """
    people = list(dict.fromkeys(cell.person for cell in tried))
    lines = [f"{number + 1:2}  {person}" for number, person in enumerate(people)]
    width = max(len(cell.deed) for cell in tried)
    lines.append(" " * width + "".join(f"{number + 1:3}" for number in range(len(people))))
    for deed in dict.fromkeys(cell.deed for cell in tried):
        marks = "".join(f"  {_mark(cell)}" for cell in tried if cell.deed == deed)
        lines.append(f"{deed:{width}}{marks}")
    return "\n".join(lines)


def _mark(cell: Cell) -> str:
    if cell.tells:
        return "?"
    return {(True, True): "o", (False, False): "·", (True, False): "!", (False, True): "x"}[
        cell.open, cell.allowed
    ]
