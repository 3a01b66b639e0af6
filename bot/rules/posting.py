"""What a paper's post says of the subscriptions that brought it (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.outbox import PaperMark, Posting
from bot.model.papers import Paper
from bot.model.subscriptions import Deliver, Options, State
from bot.rules.newness import wants


@dataclass(frozen=True, slots=True)
class MatchingSubscription:
    """A subscription of the channel whose query matches the paper, by these *words*."""

    keyword: str
    options: Options
    state: State = State.ACTIVE
    words: tuple[str, ...] = ()


def posting(
    paper: Paper,
    subscriptions: Iterable[MatchingSubscription],
    subscribed: int = 1,
    mark: PaperMark | None = None,
) -> Posting | None:
    """Return what a post of *paper* shows; None if no subscription wants the paper any more.

    Keywords, roles and words come in the order of *subscriptions*, each once. A subscription that only wants
    digests mentions nobody. A paused subscription counts only where no active one wants the paper: it has
    collected nothing since, but a paper that was queued for it before still arrives. *subscribed* is the
    number of the channel's subscriptions. A *mark* with a star is shown with its terms.
    """
    wanting = [one for one in subscriptions if wants(one.options, paper.categories, paper.primary_category)]
    wanting = [one for one in wanting if one.state is State.ACTIVE] or wanting
    if not wanting:
        return None
    live = [one.options for one in wanting if one.options.deliver is not Deliver.DIGEST]
    return Posting(
        paper=paper,
        keywords=tuple(dict.fromkeys(one.keyword for one in wanting)),
        role_ids=tuple(dict.fromkeys(options.role_id for options in live if options.role_id)),
        words=tuple(dict.fromkeys(word for one in wanting for word in one.words)),
        subscribed=subscribed,
        marked=mark.terms if mark and mark.star else None,
        best=mark is not None,
    )
