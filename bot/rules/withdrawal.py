"""Which papers are taken back when a subscription ends or asks for digests instead of posts (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver, Options
from bot.rules.newness import wants


@dataclass(frozen=True, slots=True)
class Claim:
    """Another subscription of the channel whose query matches the waiting *paper*."""

    paper: PaperId
    categories: tuple[str, ...]
    primary_category: str
    options: Options


def claimed(claims: Iterable[Claim], *, as_post: bool = False) -> set[PaperId]:
    """Return the papers that another subscription wants; with *as_post*, that it wants as a post."""
    return {
        claim.paper
        for claim in claims
        if wants(claim.options, claim.categories, claim.primary_category)
        and not (as_post and claim.options.deliver is Deliver.DIGEST)
    }


def turns_to_digest(before: Options, after: Options) -> bool:
    """Tell whether an edit moves what waits to be posted into the next digest."""
    return after.deliver is Deliver.DIGEST and before.deliver is not Deliver.DIGEST
