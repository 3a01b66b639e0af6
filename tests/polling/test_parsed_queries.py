"""The queries that a poller holds parsed, with those that it cannot read."""

from __future__ import annotations

from bot.polling.parsed_queries import ParsedQueries
from tests.fakes.papers import make_paper

PAPER = make_paper(1)


async def matched(parsed: ParsedQueries) -> list[str]:
    return [match.query for match in await parsed.match([PAPER])]


async def test_a_query_that_cannot_be_read_is_named_and_stops_no_other() -> None:
    parsed = ParsedQueries()
    assert await parsed.update(["ti:speech", "ti:quantum"]) == {}
    assert await matched(parsed) == ["ti:speech"]
    refused = await parsed.update(["ti:speech", "ti:quantum", "ti:("])
    assert list(refused) == ["ti:("]
    assert "parentheses are empty" in refused["ti:("]
    assert await matched(parsed) == ["ti:speech"]
    assert await parsed.update(["ti:speech", "ti:quantum", "ti:("]) == refused


async def test_a_query_that_is_replaced_is_neither_matched_nor_named_any_more() -> None:
    parsed = ParsedQueries()
    await parsed.update(["ti:speech", "ti:("])
    assert await parsed.update(["ti:synthesis"]) == {}
    assert await matched(parsed) == ["ti:synthesis"]
    assert await parsed.update([]) == {}
    assert await matched(parsed) == []
