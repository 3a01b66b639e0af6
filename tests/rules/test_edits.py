"""Which posts are edited when a paper changes without a new version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.outbox import Sending
from bot.model.subscriptions import Options
from bot.rules.edits import Post, to_edit
from tests.fakes.papers import make_paper

EARLY, LATE = make_paper(1001), make_paper(1002)
CHANGED = {EARLY.id: EARLY, LATE.id: LATE}
SENT = Post(1, LATE.id, Sending.SENT, attempts=1, plain=False, options=Options(revisions=True))


@pytest.mark.parametrize(
    ("post", "edited"),
    [
        (SENT, True),
        (replace(SENT, state=Sending.QUEUED), True),  # a try may have been posted
        (replace(SENT, state=Sending.QUEUED, attempts=0), False),  # it will show the change itself
        (replace(SENT, state=Sending.HELD, attempts=0), False),
        (replace(SENT, state=Sending.FAILED), False),
        (replace(SENT, plain=True), False),
        (replace(SENT, options=Options(revisions=True, categories=("math",))), False),
    ],
)
def test_what_shows_the_old_facts_is_edited(post: Post, edited: bool) -> None:
    assert to_edit([post], CHANGED) == ([(1, LATE.id)] if edited else [])


def test_a_revision_that_waits_beside_the_post_shows_the_change() -> None:
    assert to_edit([SENT, replace(SENT, state=Sending.QUEUED, attempts=0)], CHANGED) == []


def test_edits_are_sorted_and_each_is_made_once() -> None:
    elsewhere = replace(SENT, destination=2, paper=EARLY.id)
    posts = [elsewhere, SENT, replace(SENT, paper=EARLY.id), SENT]
    assert to_edit(posts, CHANGED) == [(1, EARLY.id), (1, LATE.id), (2, EARLY.id)]
