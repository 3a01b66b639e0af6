from __future__ import annotations

import pytest

from bot.model.subscriptions import Destination, QuietHours, Schedule
from bot.rules.first_schedule import first_schedule

BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"


def channel(schedule: Schedule | None = None, quiet: QuietHours | None = None) -> Destination:
    return Destination(1, 10, 20, schedule=schedule, quiet_hours=quiet)


@pytest.mark.parametrize(
    ("here", "others", "hour", "zone"),
    [
        pytest.param(channel(), [], 9, "UTC", id="nothing is known"),
        pytest.param(channel(quiet=QuietHours(22, 7, TOKYO)), [], 9, TOKYO, id="quiet hours name the zone"),
        pytest.param(channel(quiet=QuietHours(22, 11, TOKYO)), [], 11, TOKYO, id="it is quiet at nine"),
        pytest.param(channel(quiet=QuietHours(8, 17, TOKYO)), [], 17, TOKYO, id="it is quiet all day"),
        pytest.param(channel(quiet=QuietHours(8, 0, TOKYO)), [], 0, TOKYO, id="quiet until midnight"),
        pytest.param(channel(), [channel(Schedule(7, BERLIN))], 7, BERLIN, id="as another digest"),
        pytest.param(channel(), [channel(quiet=QuietHours(22, 7, BERLIN))], 9, BERLIN, id="another's zone"),
        pytest.param(
            channel(),
            [channel(Schedule(7, TOKYO)), channel(Schedule(8, BERLIN)), channel(Schedule(8, BERLIN))],
            8,
            BERLIN,
            id="as most digests",
        ),
        pytest.param(
            channel(quiet=QuietHours(22, 7, TOKYO)),
            [channel(Schedule(8, BERLIN)), channel(Schedule(8, BERLIN))],
            9,
            TOKYO,
            id="its own zone first",
        ),
        pytest.param(
            channel(quiet=QuietHours(22, 9, TOKYO)),
            [channel(Schedule(8, TOKYO))],
            9,
            TOKYO,
            id="but not quietly",
        ),
    ],
)
def test_the_hour_is_one_that_somebody_has_chosen_or_nine(
    here: Destination, others: list[Destination], hour: int, zone: str
) -> None:
    assert first_schedule(here, others) == Schedule(hour, zone)
