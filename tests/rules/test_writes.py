"""What is written for each intent: seen, in a digest again, or a row of the outbox."""

from __future__ import annotations

from typing import Any

import pytest

from bot.model.outbox import Kind
from bot.model.papers import PaperId
from bot.rules.newness import Intent
from bot.rules.writes import writes_of

PAPER = PaperId("2607.01001")


def intent(kind: Kind = Kind.PAPER, *, destination: int = 1, **fields: Any) -> Intent:
    return Intent(destination, PAPER, 1, kind, **({"live": True, "digest": False} | fields))


@pytest.mark.parametrize(
    ("one", "seen", "again", "rows", "counts"),  # counts: queued, for a digest, held
    [
        (intent(), 1, 0, 1, (1, 0, 0)),
        (intent(live=False, digest=True), 1, 0, 0, (0, 1, 0)),
        (intent(digest=True), 1, 0, 1, (1, 1, 0)),
        (intent(held=True), 1, 0, 1, (0, 0, 1)),
        (intent(live=False, digest=True, held=True), 1, 0, 1, (0, 0, 1)),
        (intent(Kind.REVISION), 0, 0, 1, (1, 0, 0)),
        (intent(Kind.REVISION, digest=True), 0, 1, 1, (1, 1, 0)),
        (intent(Kind.REVISION, live=False, digest=True), 0, 1, 0, (0, 1, 0)),
    ],
)
def test_an_intent_becomes_rows(
    one: Intent, seen: int, again: int, rows: int, counts: tuple[int, int, int]
) -> None:
    writes = writes_of([one], waiting=set())
    assert (len(writes.seen), len(writes.digest_again), len(writes.rows)) == (seen, again, rows)
    assert (writes.queued, writes.for_digest, writes.held) == counts


def test_a_revision_of_a_paper_that_still_waits_is_left_out_there_alone() -> None:
    here, there = intent(Kind.REVISION, digest=True), intent(Kind.REVISION, destination=2, digest=True)
    writes = writes_of([here, there, intent(destination=3)], waiting={(1, PAPER), (3, PAPER)})
    assert writes.digest_again == (there,)
    assert [row.destination for row in writes.rows] == [3, 2]
