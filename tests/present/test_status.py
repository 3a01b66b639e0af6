"""Parts of the answer to `/status`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.model.polling import CheckedDay, PollState, Road, RoadStatus
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Place, State
from bot.present.status import (
    LastRound,
    OperatorReport,
    OverflowChannel,
    StatusReport,
    StoppedChannel,
    duration,
    status_embed,
)

NOW = datetime(2026, 7, 27, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (timedelta(seconds=-90), "0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h 0 min"),
        (timedelta(hours=23, minutes=59), "23 h 59 min"),
        (timedelta(days=1), "1 day 0 h"),
        (timedelta(days=2, hours=23, minutes=59), "2 days 23 h"),
        (timedelta(days=1234, hours=1), "1,234 days 1 h"),
    ],
)
def test_a_length_of_time_is_shown_in_its_two_largest_units(value: timedelta, shown: str) -> None:
    assert duration(value) == shown


def shown(**changes: Any) -> dict[str, str]:
    """Return the fields of the answer by name."""
    embed = status_embed(StatusReport("1.2.3", timedelta(0), **changes))
    return {field.name or "": field.value or "" for field in embed.fields}


def test_papers_above_the_cap_wait_for_a_digest_or_a_list() -> None:
    over = [OverflowChannel(Place(1, 2), 1, True), OverflowChannel(Place(1, 3), 2, True)]
    over += [OverflowChannel(Place(1, 4), 1, False), OverflowChannel(Place(1, 5), 2, False)]
    assert shown(overflow=over)["Not posted one by one"].splitlines() == [
        "<#2>: 1 paper is waiting for the next digest",
        "<#3>: 2 papers are waiting for the next digest",
        "<#4>: 1 paper is waiting for the next daily list",
        "<#5>: 2 papers are waiting for the next daily list",
    ]


@pytest.mark.parametrize(("count", "lines", "last"), [(8, 8, "<#7>"), (9, 9, "and 1 more")])
def test_eight_channels_are_listed_and_the_others_counted(count: int, lines: int, last: str) -> None:
    paused = [StoppedChannel(Place(1, number), Reason(ReasonCode.CHANNEL_DELETED)) for number in range(count)]
    found = shown(paused=paused)["Paused channels"].splitlines()
    assert len(found) == lines
    assert found[-1].startswith(last)


def test_operators_see_counts_of_everything() -> None:
    found = shown(operator=OperatorReport(servers=3, shards=1, channels={}, queued=4, papers=5))
    assert found["Servers"] == "3 (shards: 1)"
    assert found["Channels"] == "active: 0, paused: 0, ended: 0"
    assert (found["Messages to send"], found["Stored papers"]) == ("4", "5")
    assert (found["Failing jobs"], found["Last arXiv error"]) == ("none", "none")
    counts = {State.ACTIVE: 1, State.PAUSED: 2, State.GONE: 3}
    failing = {"poll": "no connection", "prune": "disk"}
    report = OperatorReport(1, 1, counts, 0, 0, failing=failing, last_round=LastRound(6, 7, 8, 9))
    found = shown(operator=report)
    assert found["Channels"] == "active: 1, paused: 2, ended: 3"
    assert found["Failing jobs"] == "poll: no connection; prune: disk"
    assert found["Last round"] == "requests: 6, papers: 7, matches: 8, unclaimed: 9"


ROADS = (RoadStatus(Road.API), RoadStatus(Road.OAI, served=NOW))
CLOSED = (RoadStatus(Road.API, closed_since=NOW, error="It asked for *a* pause."), ROADS[1])


def test_operators_see_by_which_roads_arxiv_is_reached() -> None:
    operator = OperatorReport(servers=1, shards=1, channels={}, queued=0, papers=0)
    assert shown(roads=ROADS, operator=operator)["Access to arXiv"].splitlines() == [
        "query API: open",
        f"OAI-PMH: open, last answered <t:{NOW.timestamp():.0f}:R>",
    ]
    assert "Access to arXiv" not in shown(roads=ROADS)
    assert "Access to arXiv" not in shown(roads=ROADS[:1], operator=operator)


def test_everybody_sees_which_road_is_closed_since_when_and_why() -> None:
    assert shown(roads=CLOSED)["Access to arXiv"].splitlines()[0] == (
        rf"query API: closed since <t:{NOW.timestamp():.0f}:f>. It asked for \*a\* pause."
    )


def test_an_incomplete_day_says_how_much_of_it_was_read() -> None:
    def told(checked: CheckedDay | None) -> str:
        report = StatusReport("1.2.3", timedelta(0), state=PollState.INCOMPLETE, checked=checked)
        return status_embed(report).description or ""

    assert told(None).startswith("Incomplete: ")
    assert "Read:" not in told(None)
    checked = CheckedDay(NOW.date(), listed=1500, read=1210, complete=False)
    assert told(checked).endswith("Read: 1,210 of 1,500 papers.")
