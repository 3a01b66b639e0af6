from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.model.errors import (
    ArxivBusy,
    ArxivError,
    ArxivHTTPError,
    ArxivRefused,
    ArxivUnreachable,
    IncompleteAnswer,
)
from bot.polling.health import Outage, PollHealth
from bot.polling.schedule import Wait

STARTED = datetime(2026, 7, 24, 8, tzinfo=UTC)
ENDED = STARTED + timedelta(minutes=7)
MINUTE = timedelta(minutes=1)
SHORT = IncompleteAnswer("short.")
BROKEN = ArxivHTTPError("broken.", status=500)
SILENT = ArxivUnreachable("silent.")
REFUSED = ArxivRefused("refused.")
BUSY = ArxivBusy("busy.", status=503)
ASKED = ArxivBusy("busy.", status=429, retry_after=timedelta(seconds=90))

Attempt = tuple[ArxivError, bool] | None
NEW, KNOWN = True, False  # whether the attempt held a query that had not failed before
ANSWER = None


def after(*attempts: Attempt, before: PollHealth | None = None) -> PollHealth:
    """Return the health in a round after *attempts*: an answer, or an error with NEW or KNOWN."""
    health = (before or PollHealth()).round_started()
    for attempt in attempts:
        health = (
            health.attempt_answered()
            if attempt is None
            else health.attempt_failed(attempt[0], new=attempt[1])
        )
    return health


def ended(
    health: PollHealth, *, interval: timedelta | None = None, queries_failing: bool = False
) -> PollHealth:
    return health.round_ended(ENDED, started=STARTED, interval=interval, queries_failing=queries_failing)


DOWN = ended(after((BUSY, NEW)))


@pytest.mark.parametrize(
    ("attempts", "breaks_off"),
    [
        pytest.param([], False, id="nothing happened"),
        pytest.param([(SHORT, NEW)] * 7, False, id="seven failures in a row"),
        pytest.param([(SHORT, NEW)] * 8, True, id="eight failures in a row"),
        pytest.param([(SHORT, KNOWN)] * 8, True, id="eight of queries that failed before"),
        pytest.param([(SHORT, NEW)] * 7 + [ANSWER, (SHORT, NEW)], False, id="an answer among them"),
        pytest.param([(SHORT, NEW)] * 7 + [(REFUSED, NEW), (SHORT, NEW)], False, id="a refusal among them"),
        pytest.param([(SILENT, NEW)], False, id="no reply once"),
        pytest.param([(SILENT, NEW)] * 2, True, id="no reply twice"),
        pytest.param([(SHORT, NEW)] * 3 + [(SILENT, NEW)], False, id="seven with the weight of no reply"),
        pytest.param([(BROKEN, NEW)] * 4 + [(SILENT, NEW)], True, id="eight with the weight of no reply"),
        pytest.param([(BUSY, NEW)], True, id="busy"),
        pytest.param([ANSWER, (ASKED, KNOWN)], True, id="busy after an answer"),
        pytest.param([(REFUSED, NEW)] * 9, False, id="refusals"),
    ],
)
def test_a_round_breaks_off_when_arxiv_is_down(attempts: list[Attempt], breaks_off: bool) -> None:
    assert bool(after(*attempts).outage) is breaks_off


@pytest.mark.parametrize(
    ("before", "attempts", "outage"),
    [
        pytest.param(PollHealth(), [], None, id="nothing happened"),
        pytest.param(PollHealth(), [ANSWER], None, id="all answered"),
        pytest.param(PollHealth(), [(SHORT, NEW)], "short.", id="one new failure and no answer"),
        pytest.param(PollHealth(), [(SHORT, KNOWN)], None, id="a query that fails again, and no other"),
        pytest.param(PollHealth(), [(SHORT, NEW), ANSWER], None, id="one failure and an answer"),
        pytest.param(PollHealth(), [ANSWER, (SHORT, NEW)], None, id="an answer and one failure"),
        pytest.param(PollHealth(), [(REFUSED, NEW), (SHORT, NEW)], None, id="a refusal and one failure"),
        pytest.param(PollHealth(), [(SHORT, KNOWN), (BROKEN, NEW)], "broken.", id="the latest is new"),
        pytest.param(PollHealth(), [(SHORT, NEW), (BROKEN, KNOWN)], "broken.", id="the first is new"),
        pytest.param(PollHealth(), [ANSWER, *[(SHORT, KNOWN)] * 8], "short.", id="an answer, then eight"),
        pytest.param(DOWN, [(SHORT, KNOWN)], "short.", id="still no answer after an outage"),
        pytest.param(DOWN, [(SHORT, KNOWN), ANSWER], None, id="an answer after an outage"),
        pytest.param(DOWN, [], None, id="nothing left to ask after an outage"),
    ],
)
def test_a_round_without_answers_is_an_outage_unless_its_queries_failed_before(
    before: PollHealth, attempts: list[Attempt], outage: str | None
) -> None:
    after_it = ended(after(*attempts, before=before), queries_failing=True)
    assert (after_it.outage.error if after_it.outage else None) == outage
    assert after_it.outages == (before.outages + 1 if outage else 0)


def test_an_outage_makes_the_poller_wait_longer_each_time() -> None:
    health, waits = PollHealth(), []
    for _ in range(4):
        health = ended(after((BUSY, NEW), before=health))
        assert health.wait is not None
        waits.append((health.wait.until - ENDED) / MINUTE)
    assert waits == [5, 10, 20, 40]
    assert ended(after(ANSWER, before=health)).wait is None


def test_the_wait_is_never_longer_than_the_interval() -> None:
    health = ended(after((BUSY, NEW), before=PollHealth(outages=5)), interval=30 * MINUTE)
    assert health.wait == Wait(ENDED, ENDED + 30 * MINUTE)


def test_the_wait_is_as_long_as_arxiv_asks() -> None:
    health = ended(after((ASKED, NEW), before=PollHealth(outages=5)))
    assert health.wait == Wait(ENDED, ENDED + timedelta(seconds=90))
    assert health.outage == Outage("busy.", timedelta(seconds=90))


def test_the_poller_waits_up_to_the_last_moment_and_not_longer() -> None:
    assert not PollHealth().is_waiting(ENDED)
    assert DOWN.is_waiting(ENDED + 5 * MINUTE - timedelta(seconds=1))
    assert not DOWN.is_waiting(ENDED + 5 * MINUTE)
    assert not DOWN.is_waiting(ENDED - MINUTE), "the clock was set back"


@pytest.mark.parametrize("attempts", [[ANSWER], [(BUSY, NEW)]], ids=["answered", "outage"])
def test_failing_begins_with_the_round_and_lasts_while_a_query_fails(attempts: list[Attempt]) -> None:
    health = ended(after(*attempts), queries_failing=True)
    assert health.failing_since == STARTED
    later = PollHealth(failing_since=STARTED - MINUTE)
    assert ended(after(*attempts, before=later), queries_failing=True).failing_since == STARTED - MINUTE
    assert ended(after(ANSWER, before=later)).failing_since is None


def test_an_outage_is_failing_although_no_query_is_to_blame() -> None:
    assert ended(after((BUSY, NEW))).failing_since == STARTED


def test_a_failure_from_before_a_restart_is_forgotten_when_nothing_is_asked_for_any_more() -> None:
    restored = PollHealth(failing_since=STARTED)
    assert restored.nothing_due(queries_failing=False) == PollHealth()
    assert restored.nothing_due(queries_failing=True) == restored
    assert DOWN.nothing_due(queries_failing=False) == DOWN


def test_a_new_round_knows_only_what_outlasts_rounds() -> None:
    in_trouble = after((SHORT, NEW), (REFUSED, NEW), (BUSY, NEW), before=DOWN)
    assert in_trouble.round_started() == PollHealth(DOWN.outages, DOWN.wait, DOWN.failing_since)
