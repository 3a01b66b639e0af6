"""Which posts are edited when a paper changes without a new version (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.model.outbox import Sending
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Options
from bot.rules.newness import wants


@dataclass(frozen=True, slots=True)
class Post:
    """An outbox row that posts a paper, and a subscription there that wants revisions of the paper."""

    destination: int
    paper: PaperId
    state: Sending
    attempts: int
    plain: bool
    options: Options


def to_edit(posts: Iterable[Post], changed: Mapping[PaperId, Paper]) -> list[tuple[int, PaperId]]:
    """Return the destinations and *changed* papers whose post is to be edited, sorted by both.

    A post that has not been tried yet will show the change itself. Neither a post that Discord refused nor a
    plain one shows any of the facts that change.
    """
    posted: set[tuple[int, PaperId]] = set()
    waiting: set[tuple[int, PaperId]] = set()
    for post in posts:
        paper = changed[post.paper]
        if not wants(post.options, paper.categories, paper.primary_category):
            continue
        key = (post.destination, paper.id)
        if post.state in {Sending.QUEUED, Sending.HELD} and not post.attempts:
            waiting.add(key)
        elif post.state is not Sending.FAILED and not post.plain:
            posted.add(key)
    return sorted(posted - waiting, key=lambda key: (key[0], key[1].serial))
