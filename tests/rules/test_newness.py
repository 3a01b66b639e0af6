"""Which papers are new: identifiers, the margin below them, categories, and several keywords at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.outbox import Kind
from bot.model.papers import NUMBERS_A_MONTH, PaperId
from bot.model.subscriptions import Deliver, Options
from bot.rules.newness import (
    MARGIN,
    Candidate,
    Facts,
    Intent,
    Interest,
    amended,
    decide,
    edit_subject,
    is_new,
    is_postponed,
    margin_floor,
    wants,
)
from tests.fakes.papers import make_paper

JANUARY = PaperId("2601.00001").month or 0
HIGHEST = {JANUARY - 1: 27_000, JANUARY: 28_000, JANUARY + 1: 5_000}


def candidate(
    paper: str = "2602.00011",
    *,
    since: str | None = "2602.00010",
    margin: bool = True,
    options: Options | None = None,
    **changes: object,
) -> Candidate:
    fields: dict[str, object] = {
        "version": 1,
        "categories": ("cs.CL", "eess.AS"),
        "primary_category": "cs.CL",
        "first": True,
        "revised": False,
        "seen": False,
    }
    interest = Interest(
        destination=1,
        options=options or Options(),
        since=PaperId(since) if since else None,
        margin=margin,
    )
    return Candidate(interest=interest, paper=PaperId(paper), **(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "highest", "floor"),
    [
        ("2602.04000", HIGHEST, "2602.01000"),
        ("2602.03000", HIGHEST, "2602.00000"),
        ("2602.00010", HIGHEST, "2601.25010"),  # 10 numbers in February, 2,990 in January
        ("2601.00100", HIGHEST, "2512.24100"),  # across the year
        ("2602.00010", {JANUARY: 1_000, JANUARY - 1: 27_000}, "2512.25010"),  # a month hardly known
        ("2602.00010", {}, "2602.00000"),  # nothing known of January: no reaching into it
        ("2602.00010", {JANUARY: 1_000}, "2601.00000"),
    ],
)
def test_the_margin_goes_on_below_the_highest_number_of_the_month_before(
    since: str, highest: dict[int, int], floor: str
) -> None:
    assert margin_floor(PaperId(since), highest) == PaperId(floor).serial


def test_an_old_style_identifier_has_no_margin() -> None:
    since = PaperId("hep-th/0703001")
    assert margin_floor(since, HIGHEST) == since.serial


@given(
    st.integers(1, 99_999),
    st.dictionaries(st.integers(JANUARY - 6, JANUARY), st.integers(1, 30_000), max_size=7),
)
def test_the_margin_never_reaches_above_since_nor_further_than_its_numbers(
    number: int, highest: dict[int, int]
) -> None:
    since = PaperId(f"2602.{number:05d}")
    floor = margin_floor(since, highest)
    assert floor < since.serial
    known = {**highest, JANUARY + 1: number}
    inside = sum(
        max(0, min(last, NUMBERS_A_MONTH - 1) - max(0, floor - month * NUMBERS_A_MONTH))
        for month, last in known.items()
        if month * NUMBERS_A_MONTH + last > floor
    )
    assert inside <= MARGIN


@pytest.mark.parametrize(
    ("paper", "since", "away", "put_off"),
    [
        ("2602.00011", "2602.00010", True, True),
        ("2602.00010", "2602.00010", True, False),  # a revision of the very last known one
        ("2602.00009", "2602.00010", True, False),  # late
        ("2602.00011", None, True, False),
        ("2602.00011", "2602.00010", False, False),
    ],
)
def test_what_the_next_poll_finds_again_is_postponed_while_the_bot_is_away(
    paper: str, since: str | None, away: bool, put_off: bool
) -> None:
    one = candidate(paper, since=since, options=Options(revisions=True), first=False, revised=True)
    one = replace(one, interest=replace(one.interest, away=away))
    assert is_postponed(one) is put_off
    assert bool(decide([one], HIGHEST)) is not put_off


@pytest.mark.parametrize(
    ("case", "new"),
    [
        ({"paper": "2602.00011"}, True),
        ({"paper": "2602.00010", "first": False}, False),  # since itself was known then
        ({"paper": "2602.00009"}, True),  # late, with a low number
        ({"paper": "2601.25011"}, True),
        ({"paper": "2601.25010"}, False),  # outside the margin
        ({"paper": "hep-th/9901001"}, False),
        ({"paper": "2602.00011", "seen": True}, False),
        ({"paper": "2602.00009", "seen": True}, False),
        ({"paper": "2602.00009", "first": False}, False),  # it matched at subscription time
        ({"paper": "2602.00011", "first": False}, True),  # recorded, but never announced
        ({"paper": "2602.00009", "revised": True}, False),  # a version was known before: not late
        ({"paper": "2602.00009", "margin": False}, False),
        ({"paper": "2602.00011", "margin": False}, True),
        ({"paper": "2602.00011", "since": None}, False),  # the first poll is the baseline
        ({"paper": "0704.0001", "since": "hep-th/0703001"}, True),
        ({"paper": "math/0703001", "since": "hep-th/0703001"}, True),  # same serial, sorted by archive
        ({"paper": "astro-ph/0703001", "since": "hep-th/0703001"}, False),
    ],
)
def test_a_paper_is_new_when_its_identifier_says_so(case: dict[str, object], new: bool) -> None:
    one = candidate(**case)  # type: ignore[arg-type]
    floor = margin_floor(one.interest.since, HIGHEST) if one.interest.since and one.interest.margin else None
    assert is_new(one, floor) is new
    assert bool(decide([one], HIGHEST)) is new


@pytest.mark.parametrize(
    ("chosen", "cross_lists", "categories", "wanted"),
    [
        ((), True, ("cs.CL",), True),
        ((), False, ("cs.CL",), True),
        (("cs.CL",), True, ("eess.AS", "cs.CL"), True),
        (("cs.CL",), False, ("eess.AS", "cs.CL"), False),
        (("cs.CL",), False, ("cs.CL", "eess.AS"), True),
        (("cs",), True, ("eess.AS", "cs.CL"), True),
        (("cs",), True, ("csx.CL",), False),
        (("math",), True, ("math-ph",), False),
        (("math-ph",), False, ("math-ph", "hep-th"), True),
        (("stat", "eess.AS"), True, ("cs.CL", "eess.AS"), True),
        (("stat", "q-bio"), True, ("cs.CL", "eess.AS"), False),
    ],
)
def test_categories_choose_papers(
    chosen: tuple[str, ...], cross_lists: bool, categories: tuple[str, ...], wanted: bool
) -> None:
    options = Options(categories=chosen, cross_lists=cross_lists)
    assert wants(options, categories, categories[0]) is wanted


@pytest.mark.parametrize(
    ("delivers", "live", "digest"),
    [
        ([Deliver.LIVE], True, False),
        ([Deliver.DIGEST], False, True),
        ([Deliver.BOTH], True, True),
        ([Deliver.LIVE, Deliver.LIVE], True, False),
        ([Deliver.LIVE, Deliver.DIGEST], True, True),
        ([Deliver.DIGEST, Deliver.DIGEST], False, True),
    ],
)
def test_keywords_of_one_channel_unite_in_one_intent(
    delivers: list[Deliver], live: bool, digest: bool
) -> None:
    found = [candidate(options=Options(deliver=deliver)) for deliver in delivers]
    assert decide(found, HIGHEST) == [
        Intent(1, PaperId("2602.00011"), 1, kind=Kind.PAPER, live=live, digest=digest)
    ]


def test_a_keyword_for_which_the_paper_is_old_has_no_say() -> None:
    found = [
        candidate(options=Options(deliver=Deliver.LIVE)),
        candidate(options=Options(deliver=Deliver.DIGEST), since="2602.00500", first=False),
    ]
    assert [(intent.live, intent.digest) for intent in decide(found, HIGHEST)] == [(True, False)]


def test_a_changed_paper_is_a_revision_only_where_revisions_are_asked_for() -> None:
    old = {"paper": "2501.00001", "first": False, "revised": True, "version": 3}
    silent = candidate(**old)  # type: ignore[arg-type]
    asking = candidate(options=Options(revisions=True), seen=True, **old)  # type: ignore[arg-type]
    unchanged = candidate(options=Options(revisions=True), seen=True)
    assert decide([silent, unchanged], HIGHEST) == []
    [intent] = decide([silent, asking], HIGHEST)
    assert (intent.kind, str(intent.subject)) == (Kind.REVISION, "2501.00001v3")


@pytest.mark.parametrize("order", [1, -1])
def test_a_paper_that_is_new_for_one_keyword_is_no_revision_for_the_other(order: int) -> None:
    found = [
        candidate(revised=True),
        candidate(revised=True, since="2602.00500", options=Options(revisions=True, deliver=Deliver.DIGEST)),
    ][::order]
    [intent] = decide(found, HIGHEST)
    assert (intent.kind, intent.live, intent.digest) == (Kind.PAPER, True, False)


def test_intents_come_in_the_order_of_identifiers() -> None:
    found = [candidate(text) for text in ("2602.10000", "2602.00011", "2603.00001", "2601.27000")]
    assert [str(intent.paper) for intent in decide(found, HIGHEST)] == [
        "2601.27000",
        "2602.00011",
        "2602.10000",
        "2603.00001",
    ]


# --- what changes without a new version --------------------------------------------------------------------

KNOWN = make_paper(1)


@pytest.mark.parametrize(
    "changes",
    [{"journal_ref": "J. 1"}, {"doi": "10.1/2"}, {"withdrawn": True}],
    ids=lambda one: next(iter(one)),
)
def test_what_became_known_amends_a_post_and_so_does_what_was_taken_back(changes: dict[str, Any]) -> None:
    before, after = Facts.of(KNOWN), Facts.of(replace(KNOWN, **changes))
    assert amended(before, after)
    assert amended(after, before)


@pytest.mark.parametrize("changes", [{}, {"comment": "9 pages"}, {"title": "Other"}])
def test_nothing_else_amends_a_post(changes: dict[str, Any]) -> None:
    assert not amended(Facts.of(KNOWN), Facts.of(replace(KNOWN, **changes)))


def test_a_new_version_is_a_revision_whatever_else_changed() -> None:
    assert not amended(Facts.of(KNOWN), Facts.of(replace(KNOWN, version=2, journal_ref="J. 1")))


def test_the_same_facts_are_the_same_edit() -> None:
    published = replace(KNOWN, journal_ref="J. 1")
    assert edit_subject(published) == edit_subject(replace(published, comment="9 pages"))
    assert edit_subject(published) != edit_subject(KNOWN)
    assert str(edit_subject(published)).startswith("2607.00001v1#")
    assert (edit_subject(published).paper, edit_subject(published).version) == (published.id, 1)
    assert len(str(edit_subject(make_paper(1, id="astro-ph.CO/9901001", version=99)))) <= 64


# --- versions that the store does not know -----------------------------------------------------------------

BEGAN = datetime(2026, 2, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD = "1907.00001"


def version(
    paper: str = OLD,
    *,
    updated: timedelta,
    began: datetime | None = BEGAN,
    polled: bool = False,
    revisions: bool = True,
    **changes: object,
) -> Candidate:
    """Return a candidate in its third version, *updated* so long after the subscription *began*."""
    made = candidate(paper, options=Options(revisions=revisions), **({"version": 3} | changes))  # type: ignore[arg-type]
    interest = replace(made.interest, began=began, deadline=BEGAN - 17 * HOUR, polled=polled)
    return replace(made, interest=interest, updated=BEGAN + updated)


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        pytest.param(version(updated=DAY), Kind.REVISION, id="since the subscription"),
        pytest.param(version(updated=700 * DAY), Kind.REVISION, id="years later"),
        pytest.param(version(updated=-16 * HOUR), Kind.REVISION, id="after the deadline: not shown by then"),
        pytest.param(version(updated=-18 * HOUR), None, id="before the deadline: perhaps shown by then"),
        pytest.param(version(updated=-18 * HOUR, polled=True), Kind.REVISION, id="… but not in a poll since"),
        pytest.param(version(updated=-6 * DAY, polled=True), Kind.REVISION, id="days before, not in a poll"),
        pytest.param(version(updated=-8 * DAY, polled=True), None, id="long before: an older look-back"),
        pytest.param(version(updated=-90 * DAY, polled=True), None, id="months before"),
        pytest.param(version(updated=DAY, began=None), None, id="before the baseline is complete"),
        pytest.param(version(updated=DAY, revisions=False), None, id="where nobody asks for revisions"),
        pytest.param(version(updated=DAY, first=False), None, id="a known match in the same version"),
        pytest.param(version(updated=-90 * DAY, revised=True), Kind.REVISION, id="a known earlier version"),
        pytest.param(version(updated=DAY, version=1), None, id="a first version below since"),
        pytest.param(version("2602.00005", updated=DAY), Kind.REVISION, id="within the margin"),
        pytest.param(version("2602.00005", updated=DAY, revisions=False), None, id="… without revisions"),
        pytest.param(version("2602.00005", updated=DAY, version=1), Kind.PAPER, id="… announced late"),
        pytest.param(version("2602.00011", updated=DAY), Kind.PAPER, id="above since"),
        pytest.param(version("2602.00011", updated=-90 * DAY, revisions=False), Kind.PAPER, id="… always"),
        pytest.param(
            version("2602.00011", updated=DAY, seen=True), Kind.REVISION, id="above since, and seen"
        ),
        pytest.param(version("2602.00011", updated=DAY, seen=True, revisions=False), None, id="… seen"),
        pytest.param(version("hep-th/9901001", updated=DAY), Kind.REVISION, id="of an old-style identifier"),
        pytest.param(version(updated=DAY, seen=True), Kind.REVISION, id="of a paper that was posted"),
        pytest.param(version(updated=DAY, categories=("math.AG",)), Kind.REVISION, id="of other categories"),
    ],
)
def test_which_versions_are_announced_and_as_what(case: Candidate, kind: Kind | None) -> None:
    assert [intent.kind for intent in decide([case], HIGHEST)] == ([kind] if kind else [])
