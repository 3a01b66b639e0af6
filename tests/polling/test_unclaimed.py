from __future__ import annotations

import pytest

from bot.model.papers import PaperId
from bot.polling.unclaimed import UnclaimedPapers
from tests.fakes.papers import make_papers


def ids(count: int, *, first: int = 1) -> list[PaperId]:
    return [paper.id for paper in make_papers(count, first=first)]


def test_each_paper_is_logged_once_with_its_request(caplog: pytest.LogCaptureFixture) -> None:
    unclaimed = UnclaimedPapers()
    unclaimed.log(ids(2), "ti:one")
    unclaimed.log(ids(3), "ti:two")
    unclaimed.log(ids(3), "ti:three")
    unclaimed.log([], "ti:four")
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "2607.00001, 2607.00002; request: ti:one",
        "2607.00003; request: ti:two",
    ]


@pytest.mark.parametrize(("count", "more"), [(20, False), (21, True)])
def test_twenty_are_named(caplog: pytest.LogCaptureFixture, count: int, more: bool) -> None:
    UnclaimedPapers().log(ids(count), "ti:one")
    [message] = [record.getMessage() for record in caplog.records]
    assert message.startswith(f"arXiv returned {count} papers")
    assert ("2607.00020 …;" in message) is more
    assert "2607.00021" not in message


def test_a_long_request_is_shortened(caplog: pytest.LogCaptureFixture) -> None:
    UnclaimedPapers().log(ids(1), "ti:one OR " * 100)
    [message] = [record.getMessage() for record in caplog.records]
    assert len(message) < 450
    assert message.endswith(" …")


def test_the_latest_ten_thousand_are_remembered(caplog: pytest.LogCaptureFixture) -> None:
    unclaimed = UnclaimedPapers()
    unclaimed.log(ids(10_000), "ti:one")
    unclaimed.log(ids(1), "ti:one")
    assert len(caplog.records) == 1
    unclaimed.log(ids(1, first=10_001), "ti:one")  # the oldest is forgotten
    unclaimed.log(ids(10_000, first=2), "ti:one")
    assert len(caplog.records) == 2
    unclaimed.log(ids(1), "ti:one")
    assert len(caplog.records) == 3
