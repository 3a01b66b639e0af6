"""Papers for tests: plausible, distinct, and derived from their number alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.papers import Paper, PaperId

EPOCH = datetime(2026, 7, 20, 12, tzinfo=UTC)


def make_paper(number: int = 1, **changes: Any) -> Paper:
    """Return the paper 2607.NNNNN, submitted *number* minutes after `EPOCH`; any field can be overridden.

    `id` may be a string (`"hep-th/9901001"`); `updated` is `published` unless given.
    """
    identifier = changes.pop("id", f"2607.{number:05d}")
    published = changes.pop("published", EPOCH + timedelta(minutes=number))
    fields: dict[str, Any] = {
        "id": PaperId(identifier) if isinstance(identifier, str) else identifier,
        "version": 1,
        "title": f"Speech synthesis with model {number}",
        "abstract": f"We study speech synthesis and present model number {number}.",
        "authors": (f"Ada Author{number}", "Bob Writer"),
        "categories": ("cs.CL", "cs.SD"),
        "primary_category": "cs.CL",
        "published": published,
        "updated": published,
    }
    return Paper(**(fields | changes))


def make_papers(count: int, *, first: int = 1, **changes: Any) -> list[Paper]:
    """Return *count* papers numbered from *first*, oldest first."""
    return [make_paper(number, **changes) for number in range(first, first + count)]
