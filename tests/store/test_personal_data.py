"""What the store holds about a person: all of it is exported, and erased without a trace."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.outbox import Kind
from bot.model.outcomes import Pause
from bot.model.papers import Match
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Schedule, State
from bot.store import Store
from bot.store.tables import leases, metadata, queries, subscriptions, writers
from tests.store.store_cases import (
    CHANNEL,
    NEWS,
    NOW,
    OLD,
    OTHER_CHANNEL,
    TTS,
    VOCODER,
    queued,
    record,
    store,
    subscribe,
)

__all__ = ["store"]

PERSON = 30_011_223_344  # no part of any other number here
SOMEBODY = 30_099_887_766
CONVERSATION = 900
MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=365)


async def _make_maker(store: Store, keyword: str, person: int) -> None:
    statement = subscriptions.update().where(subscriptions.c.keyword == keyword).values(created_by=person)
    async with store.database.write() as connection:
        await connection.execute(statement)


async def _live(store: Store) -> None:
    """Let PERSON have something of everything, beside somebody else's and a server's."""
    await subscribe(store, known=[OLD])
    await subscribe(store, "secret", channel=CONVERSATION, guild=0, user=PERSON, known=[OLD])
    await subscribe(store, VOCODER, channel=901, guild=0, user=SOMEBODY, known=[OLD])
    for keyword, maker in (("TTS", PERSON), ("SECRET", PERSON), ("VOCODER", SOMEBODY)):
        await _make_maker(store, keyword, maker)
    place = await store.destinations.by_channel(CONVERSATION)
    assert place is not None
    await store.destinations.schedule(place.id, Schedule(9, "Europe/Berlin"), NOW)
    await record(store, NEWS, queries=(TTS, "secret", VOCODER), asked=(TTS, "secret", VOCODER))
    await store.digests.run(place.id, NOW.date(), [], NOW)
    await store.library.save(PERSON, [NEWS, OLD], NOW, most=10)
    await store.library.save(SOMEBODY, [NEWS], NOW, most=10)
    await store.library.note(PERSON, NEWS.id, "private thoughts")
    await store.library.give_keys(PERSON, {NEWS.id: "author2026news"})
    await store.library.give_keys(SOMEBODY, {NEWS.id: "author2026news"})
    for person in (PERSON, SOMEBODY):
        await store.feedback.dislike(person, OLD, NOW)
        await store.feedback.count_saves(person, count=False)
    server = await store.destinations.by_channel(CHANNEL)
    assert server is not None
    await store.destinations.pause(server.id, Reason(ReasonCode.NOT_ALLOWED), NOW)
    [notice] = await store.notices.waiting()
    await store.notices.claim([notice], NOW, user_id=PERSON)
    await _remove_one_and_refuse(store)


async def _remove_one_and_refuse(store: Store) -> None:
    """Let PERSON make a subscription that is removed, and refuse a notice that another person gets."""
    removed = await subscribe(store, "vocoding", channel=OTHER_CHANNEL, known=[OLD])
    await _make_maker(store, "VOCODING", PERSON)
    await store.subscriptions.remove(removed.subscription.id, NOW)
    other = removed.subscription.destination.id
    await store.destinations.pause(other, Reason(ReasonCode.NOT_ALLOWED), NOW)
    [notice] = [one for one in await store.notices.waiting() if one.destination.id == other]
    await store.notices.claim([notice], NOW, user_id=PERSON)
    refused = Pause(Reason(ReasonCode.DIRECT_MESSAGES_CLOSED))
    await store.notices.settle([notice], refused, NOW, place=PERSON)
    await store.notices.claim([notice], NOW, user_id=SOMEBODY)


def _code(reason: Reason) -> str:
    return reason.code


async def test_the_export_holds_everything_about_a_person_and_nothing_about_others(store: Store) -> None:
    await _live(store)
    exported = json.loads(json.dumps(await store.people.export(PERSON), default=_code))
    assert exported["person"] == str(PERSON)
    assert [(one["paper"], one["note"]) for one in exported["reading_list"]] == [
        ("2607.01000", ""),
        ("2607.01001", "private thoughts"),
    ]
    assert exported["citation_keys"] == [{"paper": NEWS.id.text, "key": "author2026news"}]
    [conversation] = exported["direct_messages"]
    assert conversation["channel_id"] == str(CONVERSATION)
    assert (conversation["hour"], conversation["zone"]) == (9, "Europe/Berlin")
    [subscription] = conversation["subscriptions"]
    assert (subscription["keyword"], subscription["query"]) == ("SECRET", "secret")
    assert [post["subject"] for post in conversation["outbox"]] == ["2607.01001v1"]
    assert "2607.01001" in {one["paper_id"] for one in conversation["seen"]}
    assert [one["day"] for one in conversation["digest_runs"]] == ["2026-07-21"]
    [made] = exported["subscriptions_made_in_servers"]
    assert (made["keyword"], made["channel_id"]) == ("TTS", str(CHANNEL))
    assert made["created_by"] == str(PERSON)
    [removed] = exported["removed_made_in_servers"]
    assert (removed["keyword"], removed["channel_id"]) == ("VOCODING", str(OTHER_CHANNEL))
    assert removed["removed_at"] == NOW.isoformat()
    assert [(one["reason"], one["channel_id"], one["refused"]) for one in exported["notices"]] == [
        ("not_allowed", str(CHANNEL), False),
        ("not_allowed", str(OTHER_CHANNEL), True),
    ]
    assert str(SOMEBODY) not in json.dumps(exported)
    assert "vocoder" not in json.dumps(exported).lower()


async def test_the_export_of_a_stranger_is_empty(store: Store) -> None:
    await _live(store)
    exported = await store.people.export(999)
    assert exported == {
        "person": "999",
        "reading_list": [],
        "citation_keys": [],
        "dislikes": [],
        "uncounted": [],
        "direct_messages": [],
        "subscriptions_made_in_servers": [],
        "removed_made_in_servers": [],
        "notices": [],
    }


async def test_the_export_holds_every_row_that_erasing_touches(store: Store) -> None:
    """Also of a table that is added later: whoever adds it is to think of this."""
    await _live(store)
    exported = await store.people.export(PERSON)
    before = await _rows_by_table(store)
    await store.people.erase(PERSON)
    after = await _rows_by_table(store)
    touched = {name: len(rows - after[name]) for name, rows in before.items() if rows - after[name]}
    # The text of a query is in each subscription's row, and which papers match it is not about a person.
    assert (touched.pop("queries"), touched.pop("matches")) == (1, 2)
    assert touched.keys() >= {
        "library",
        "citation_keys",
        "dislikes",
        "uncounted",
        "destinations",
        "subscriptions",
        "removed",
        "notices",
        "seen",
    }
    assert touched == {name: _exported(exported, name) for name in touched}


async def _rows_by_table(store: Store) -> dict[str, set[str]]:
    async with store.database.read() as connection:
        return {
            table.name: {str(row) for row in await connection.execute(table.select())}
            for table in metadata.sorted_tables
            if table not in {leases, writers}
        }


def _exported(exported: dict[str, Any], table: str) -> int:
    """Count the exported rows of a table, in direct messages and elsewhere."""
    name = {"library": "reading_list", "destinations": "direct_messages"}.get(table, table)
    return sum(
        len(part.get(key, ()))
        for part in (exported, *exported["direct_messages"])
        for key in (name, f"{name}_made_in_servers")
    )


async def test_erasing_leaves_nothing_of_a_person_and_all_of_the_others(store: Store) -> None:
    await _live(store)
    erased = await store.people.erase(PERSON)
    assert (erased.papers, erased.subscriptions, erased.made) == (2, 1, 1)
    assert await store.people.export(PERSON) == await store.people.export(999) | {"person": str(PERSON)}
    assert await store.destinations.by_channel(CONVERSATION) is None
    assert await queued(store, CONVERSATION) == []
    assert "secret" not in {one.canonical for one in await store.queries.active()}
    [server] = await store.subscriptions.of_channel(CHANNEL)
    assert (server.keyword, server.created_by, server.destination.state) == ("TTS", 0, State.PAUSED)
    assert len(await queued(store)) == 1
    assert await store.library.count(SOMEBODY) == 1
    assert await store.subscriptions.count_user(SOMEBODY) == 1


@pytest.mark.sqlite
async def test_erasing_takes_the_words_out_of_the_file_itself(store: Store, tmp_path: Path) -> None:
    await _live(store)

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("papers.db"))

    assert b"private thoughts" in on_disk()
    await store.people.erase(PERSON)
    assert b"private thoughts" not in on_disk()
    assert b"SECRET" not in on_disk()


async def test_erasing_takes_the_words_of_earlier_subscriptions_too(store: Store) -> None:
    earlier = await subscribe(store, "my own words", channel=CONVERSATION, guild=0, user=PERSON)
    await store.subscriptions.remove(earlier.subscription.id, NOW)
    await store.people.erase(PERSON)
    async with store.database.read() as connection:
        assert (await connection.scalars(queries.select().with_only_columns(queries.c.canonical))).all() == []


async def test_no_table_names_a_person_who_was_erased(store: Store) -> None:
    """Also one that is added later: whoever adds it is to think of this."""
    await _live(store)
    named = await _tables_naming(store, PERSON)
    assert named >= {"library", "destinations", "subscriptions", "removed", "notices"}
    await store.people.erase(PERSON)
    assert await _tables_naming(store, PERSON) == set()
    left = {"library", "citation_keys", "dislikes", "uncounted", "destinations", "subscriptions", "notices"}
    assert await _tables_naming(store, SOMEBODY) == left


async def _tables_naming(store: Store, person: int) -> set[str]:
    found = set()
    async with store.database.read() as connection:
        for table in metadata.sorted_tables:
            rows = await connection.execute(table.select())
            if any(str(person) in str(value) for row in rows for value in row):
                found.add(table.name)
    return found


async def test_a_keyword_that_others_want_too_stays_theirs(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, channel=CONVERSATION, guild=0, user=PERSON)
    await store.people.erase(PERSON)
    assert [one.canonical for one in await store.queries.active()] == [TTS]
    await record(store, NEWS)
    assert await queued(store) == ["2607.01001v1"]


async def test_a_poll_that_ends_after_an_erasure_stores_no_words_again(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, "ti:private", channel=CONVERSATION, guild=0, user=PERSON)
    asked = [one.canonical for one in await store.queries.active()]
    assert len(asked) == 2
    await store.people.erase(PERSON)
    matches = [Match(query, NEWS.id, ("speech",)) for query in asked]
    assert (await store.record([NEWS], matches, NOW, asked=asked)).queued == 1
    async with store.database.read() as connection:
        assert list(await connection.scalars(queries.select().with_only_columns(queries.c.canonical))) == [
            TTS
        ]
    assert await queued(store) == ["2607.01001v1"]


async def test_who_refused_a_notice_is_forgotten_and_the_notice_stays(store: Store) -> None:
    await subscribe(store)
    await _make_maker(store, "TTS", PERSON)
    place = await store.destinations.by_channel(CHANNEL)
    assert place is not None
    await store.destinations.pause(place.id, Reason(ReasonCode.NOT_ALLOWED), NOW)
    [notice] = await store.notices.waiting()
    await store.notices.claim([notice], NOW, user_id=PERSON)
    await store.notices.settle([notice], Pause(Reason(ReasonCode.DIRECT_MESSAGES_CLOSED)), NOW, place=PERSON)
    [notice] = await store.notices.waiting()
    assert PERSON in notice.refused
    await store.people.erase(PERSON)
    [notice] = await store.notices.waiting()
    assert notice.refused == ()
    assert notice.subscriber == 0


async def test_what_is_being_sent_while_its_reader_is_erased_ends_quietly(store: Store) -> None:
    await _live(store)
    [row] = [row for row in await store.outbox.heads(NOW, 10) if row.destination.user_id == PERSON]
    assert row.kind is Kind.PAPER
    claimed = await store.outbox.claim(row, NOW)
    await store.people.erase(PERSON)
    await store.settle(claimed, Pause(Reason(ReasonCode.CHANNEL_DELETED), gone=True), NOW)
    assert await store.destinations.by_channel(CONVERSATION) is None
