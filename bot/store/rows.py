"""Turns table rows into the values of `bot.model`, and back; lists the columns that each value needs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.model.outbox import (
    DigestPage,
    Kind,
    OutboxRow,
    PaperMark,
    QuietNote,
    Section,
    Sending,
    WeeklyTop,
    parse_subject,
)
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import (
    Deliver,
    Destination,
    Live,
    Notify,
    Options,
    QuietHours,
    Schedule,
    State,
    Style,
    Subscription,
)
from bot.store.tables import destinations, outbox, papers, queries, subscriptions

CHANGING_FIELDS = (
    "title",
    "abstract",
    "authors",
    "categories",
    "primary_category",
    "published",
    "updated",
    "comment",
    "journal_ref",
    "doi",
    "withdrawn",
)
"""The columns of a paper that may change."""
PAPER_FIELDS = [papers.c[name] for name in ("id", "version", *CHANGING_FIELDS)]
DESTINATION_FIELDS = [
    destinations.c[name].label(f"destination_{name}")
    for name in (
        "id",
        "guild_id",
        "channel_id",
        "user_id",
        "hour",
        "zone",
        "days",
        "quiet",
        "scheduled_at",
        "cap",
        "state",
        "reason",
        "state_since",
        "kicked_at",
        "crosspost",
        "style",
        "live",
        "best",
        "notify",
        "quiet_from",
        "quiet_until",
        "quiet_zone",
        "top",
        "file",
    )
]
# The destination's id is in DESTINATION_FIELDS, under the same name.
SUBSCRIPTION_FIELDS = [
    *(column for column in subscriptions.c if column.name != "destination_id"),
    queries.c.canonical,
    *DESTINATION_FIELDS,
]
"""The columns of subscriptions joined with their query and destination."""
OUTBOX_FIELDS = [
    *(column for column in outbox.c if column.name not in {"destination_id", "place"}),
    *DESTINATION_FIELDS,
]
"""The columns of outbox rows joined with their destination."""


def to_paper(row: sa.Row[Any], *, prefix: str = "") -> Paper:
    """Read a paper from a row with `PAPER_FIELDS`, whose names begin with *prefix*."""
    given = row._asdict()
    fields = {field.name: given[prefix + field.name] for field in PAPER_FIELDS}
    fields["authors"] = tuple(fields["authors"])
    fields["categories"] = tuple(fields["categories"])
    return Paper(**fields)


def to_destination(row: sa.Row[Any]) -> Destination:
    """Read a destination from a row with `DESTINATION_FIELDS`."""
    schedule = None
    if row.destination_hour is not None:
        schedule = Schedule(
            hour=row.destination_hour,
            zone=row.destination_zone,
            days=frozenset(row.destination_days),
            quiet=row.destination_quiet,
            top=row.destination_top,
            file=row.destination_file,
        )
    return Destination(
        id=row.destination_id,
        guild_id=row.destination_guild_id,
        channel_id=row.destination_channel_id,
        user_id=row.destination_user_id,
        schedule=schedule,
        scheduled_at=row.destination_scheduled_at,
        cap=row.destination_cap,
        state=State(row.destination_state),
        reason=row.destination_reason,
        state_since=row.destination_state_since,
        kicked=row.destination_kicked_at is not None,
        crosspost=row.destination_crosspost,
        style=Style(row.destination_style),
        live=Live(row.destination_live),
        best=row.destination_best,
        notify=Notify(row.destination_notify),
        quiet_hours=_quiet_hours(row),
    )


def _quiet_hours(row: sa.Row[Any]) -> QuietHours | None:
    if row.destination_quiet_from is None:
        return None
    return QuietHours(row.destination_quiet_from, row.destination_quiet_until, row.destination_quiet_zone)


def from_quiet_hours(hours: QuietHours | None) -> dict[str, Any]:
    """Return the columns of `destinations` that hold quiet hours, or none."""
    return {
        "quiet_from": hours.first if hours else None,
        "quiet_until": hours.last if hours else None,
        "quiet_zone": hours.zone if hours else None,
    }


def to_options(row: sa.Row[Any]) -> Options:
    """Read the options from a row with the columns of `subscriptions`."""
    return Options(
        deliver=Deliver(row.deliver),
        role_id=row.role_id,
        categories=tuple(row.categories),
        cross_lists=row.cross_lists,
        revisions=row.revisions,
    )


def from_options(options: Options) -> dict[str, Any]:
    """Return the columns of `subscriptions` that hold *options*."""
    return {
        "deliver": options.deliver,
        "role_id": options.role_id,
        "categories": list(options.categories),
        "cross_lists": options.cross_lists,
        "revisions": options.revisions,
    }


def to_subscription(row: sa.Row[Any]) -> Subscription:
    """Read a subscription from a row of `SUBSCRIPTION_FIELDS`."""
    return Subscription(
        id=row.id,
        destination=to_destination(row),
        keyword=row.keyword,
        query=row.canonical,
        options=to_options(row),
        since=row.since,
        created_at=row.created_at,
        created_by=row.created_by,
        state=State(row.state),
        reason=row.reason,
    )


def to_outbox_row(row: sa.Row[Any]) -> OutboxRow:
    """Read an outbox row from a row of `OUTBOX_FIELDS`."""
    return OutboxRow(
        id=row.id,
        destination=to_destination(row),
        kind=Kind(row.kind),
        subject=parse_subject(row.subject),
        due=row.due,
        attempts=row.attempts,
        first_tried=row.first_tried,
        state=Sending(row.state),
        message_id=row.message_id,
        error=row.error,
        page=to_page(row.page) if row.page else None,
        plain=row.plain,
        created_at=row.created_at,
        ambiguous=row.ambiguous,
    )


def from_page(page: DigestPage) -> dict[str, Any]:
    """Return a page of a digest as JSON."""
    return {
        "day": page.day.isoformat(),
        "number": page.number,
        "pages": page.pages,
        "total": page.total,
        "sections": [
            {
                "keyword": section.keyword,
                "papers": [paper.text for paper in section.papers],
                "more": section.more,
                "also": {paper.text: list(keywords) for paper, keywords in section.also.items()},
                "best": section.best,
                "terms": {paper.text: list(terms) for paper, terms in section.terms.items()},
            }
            for section in page.sections
        ],
        "top": _from_top(page.top) if page.top else None,
        "file": page.file,
        "note": asdict(page.note) if page.note else None,
        "enough_saved": page.enough_saved,
    }


def _from_top(top: WeeklyTop) -> dict[str, Any]:
    return {
        "first": top.first.isoformat(),
        "last": top.last.isoformat(),
        "counts": [[paper.text, people] for paper, people in top.counts],
    }


def to_page(page: dict[str, Any]) -> DigestPage:
    """Read a page of a digest from JSON."""
    return DigestPage(
        day=date.fromisoformat(page["day"]),
        number=page["number"],
        pages=page["pages"],
        total=page["total"],
        sections=tuple(_section(section) for section in page["sections"]),
        top=_to_top(page["top"]) if page.get("top") else None,
        file=page.get("file", True),  # in earlier versions, every digest had one
        note=_to_note(page["note"]) if page.get("note") else None,
        enough_saved=page.get("enough_saved"),
    )


def _to_note(note: dict[str, Any]) -> QuietNote:
    return QuietNote(**note | {"keywords": tuple(note["keywords"])})


def _to_top(top: dict[str, Any]) -> WeeklyTop:
    return WeeklyTop(
        first=date.fromisoformat(top["first"]),
        last=date.fromisoformat(top["last"]),
        counts=tuple((PaperId(text), people) for text, people in top["counts"]),
    )


def _section(section: dict[str, Any]) -> Section:
    papers = tuple(PaperId(text) for text in section["papers"])
    return Section(
        keyword=section["keyword"],
        papers=papers,
        more=section["more"],
        also=_by_paper(section.get("also", {})),
        best=section.get("best", False),
        terms=_by_paper(section.get("terms", {})),
    )


def _by_paper(texts: dict[str, list[str]]) -> dict[PaperId, tuple[str, ...]]:
    return {PaperId(paper): tuple(words) for paper, words in texts.items()}


def from_mark(mark: PaperMark) -> dict[str, Any]:
    """Return a mark as JSON."""
    return {"star": mark.star, "terms": list(mark.terms)}


def to_mark(mark: dict[str, Any]) -> PaperMark:
    """Read a mark from JSON."""
    return PaperMark(star=mark["star"], terms=tuple(mark["terms"]))
