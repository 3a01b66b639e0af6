"""From a database of version 0.1.0, which stored English sentences, to one of this version."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import i18n
from bot.model.reasons import ChannelKind, Permission, Reason, ReasonCode
from bot.present.reasons import reason_in_words
from bot.store import Store
from bot.store.tables import crossposts, notices, outbox, removed
from tests.store.store_cases import NOW, url_of
from tests.store.upgrade_cases import OldDatabase, database_of_0_1_0

VIEW, EMBED = Permission.VIEW_CHANNEL, Permission.EMBED_LINKS
SEND, IN_THREADS = Permission.SEND_MESSAGES, Permission.SEND_MESSAGES_IN_THREADS
HERE = ": give it to me in the channel's settings under Permissions."
ABOVE = ": give it to me in the settings of the channel above the thread under Permissions."


def missing(*permissions: Permission, kind: ChannelKind = ChannelKind.CHANNEL) -> Reason:
    return Reason(ReasonCode.PERMISSION_MISSING, permissions=permissions, kind=kind)


def answer(status: int, error: int = 0, detail: str = "", *, refused: bool = False) -> Reason:
    code = ReasonCode.POSTING_REFUSED if refused else ReasonCode.DISCORD_ERROR
    return Reason(code, status=status, error=error, detail=detail)


def because(code: ReasonCode, detail: str = "") -> Reason:
    return Reason(code, detail=detail)


CHANNELS = {
    "The channel no longer exists.": because(ReasonCode.CHANNEL_DELETED),
    "The server no longer exists, or I am no longer in it.": because(ReasonCode.SERVER_UNKNOWN),
    "I was removed from the server.": because(ReasonCode.BOT_REMOVED),
    "The thread is locked.": because(ReasonCode.THREAD_LOCKED),
    "The thread is locked: unlock it, or give me the permission Manage Threads.": because(
        ReasonCode.THREAD_LOCKED
    ),
    "The thread is archived, and I may not open it again.": because(ReasonCode.THREAD_ARCHIVED),
    "I cannot see the channel: give me the permission View Channel.": because(ReasonCode.CHANNEL_HIDDEN),
    "This person does not accept direct messages from me.": because(ReasonCode.DIRECT_MESSAGES_CLOSED),
    (
        "I am not allowed to post here: give me the permissions Send Messages (in threads: Send Messages in "
        "Threads) and Embed Links."
    ): because(ReasonCode.NOT_ALLOWED),
    f"I lack the permission Embed Links{HERE}": missing(EMBED),
    f"I lack the permission Send Messages (and need Embed Links){HERE}": missing(SEND, EMBED),
    f"I lack the permission View Channel (and need Send Messages and Embed Links){HERE}": missing(
        VIEW, SEND, EMBED
    ),
    f"I lack the permission Create Posts (and need Embed Links){HERE}": missing(
        SEND, EMBED, kind=ChannelKind.FORUM
    ),
    f"I lack the permission View Channel (and need Create Posts and Embed Links){HERE}": missing(
        VIEW, SEND, EMBED, kind=ChannelKind.FORUM
    ),
    f"I lack the permission Embed Links{ABOVE}": missing(EMBED, kind=ChannelKind.THREAD),
    f"I lack the permission Send Messages in Threads (and need Embed Links){ABOVE}": missing(
        IN_THREADS, EMBED, kind=ChannelKind.THREAD
    ),
    f"I lack the permission View Channel (and need Send Messages in Threads and Embed Links){ABOVE}": missing(
        VIEW, IN_THREADS, EMBED, kind=ChannelKind.THREAD
    ),
    "Discord does not let me post here (Discord answered 403, code 40001: Unauthorized (sic).).": answer(
        403, 40001, "Unauthorized (sic).", refused=True
    ),
    "Discord does not let me post here (Discord answered 404).": answer(404, refused=True),
}
"""What 0.1.0 wrote where a channel was paused or gone, and what it becomes."""
MESSAGES = {
    "Discord answered 503": answer(503),
    "Discord answered 502, code 0: <html> Bad Gateway </html>": answer(502, 0, "<html> Bad Gateway </html>"),
    "Discord answered 400, code 50035: Invalid Form Body": answer(400, 50035, "Invalid Form Body"),
    "RateLimited: Too many requests. Retry in 86400.00 seconds.": because(ReasonCode.RATE_LIMITED),
    "Discord did not answer in time": because(ReasonCode.NO_RESPONSE),
    "ServerDisconnectedError: Server disconnected": because(
        ReasonCode.CONNECTION_FAILED, "Server disconnected"
    ),
    "ClientOSError: [Errno 104] Connection reset by peer": because(
        ReasonCode.CONNECTION_FAILED, "[Errno 104] Connection reset by peer"
    ),
    "ConnectionResetError": because(ReasonCode.CONNECTION_FAILED, "ConnectionResetError"),
    "KeyError: 'title'": because(ReasonCode.NOT_WRITTEN, "KeyError: 'title'"),
    "nothing in this channel asks for it any more": because(ReasonCode.NO_SUBSCRIPTION),
}
"""What it wrote beside a message that did not arrive."""
NOTICES = {
    "nobody could be told": because(ReasonCode.NO_RECIPIENT),
    "taken back": because(ReasonCode.WITHDRAWN),
    "401 Unauthorized (error code: 0): 401: Unauthorized": because(ReasonCode.TOKEN_REFUSED),
}
"""What it wrote beside a notice that was not sent."""
UNKNOWN = {
    text: because(ReasonCode.OTHER, text)
    for text in (
        "The moon is full.",
        f"I lack the permission Fly{HERE}",
        "Discord does not let me post here (why, it does not say).",
        '{"not": "a reason"}',
        "Half a word",
        "Sentence: with a colon",
    )
}
"""What it did not write."""
ALL = CHANNELS | MESSAGES | NOTICES | UNKNOWN


def fill(old: OldDatabase, sentences: list[str]) -> None:
    """Put every sentence into every column that holds one; the rows' numbers are the sentences'."""
    paper = old.paper(1001)
    query = old.insert("queries", canonical="tts", last_error="The moon is full.")
    for number, sentence in enumerate(sentences, 1):
        old.insert("destinations", id=number, channel_id=number, state="paused", reason=sentence)
        old.insert("subscriptions", id=number, destination_id=number, query_id=query, reason=sentence)
        old.insert("removed", id=number, destination_id=number, reason=sentence)
        old.post(number, paper, id=number, state="failed", error=sentence)
        old.insert("crossposts", id=number, destination_id=number, message_id=7, error=sentence)
        old.insert("notices", id=number, destination_id=number, reason=sentence, error=sentence)


async def test_every_reason_of_0_1_0_becomes_its_code_wherever_it_is_stored(tmp_path: Path) -> None:
    with database_of_0_1_0(tmp_path / "papers.db") as old:
        fill(old, list(ALL))
    expected = list(ALL.values())
    async with await Store.open(url_of(tmp_path)) as store:
        subscriptions = await store.subscriptions.all()
        assert [one.destination.reason for one in subscriptions] == expected
        assert [one.reason for one in subscriptions] == expected
        assert [one.reason for one in await store.notices.waiting()] == expected
        failed = await store.outbox.failed([one.destination.id for one in subscriptions], 1000)
        assert [one.error for one in failed][::-1] == expected
        async with store.database.read() as connection:
            for column in (removed.c.reason, crossposts.c.error, notices.c.error, outbox.c.error):
                rows = await connection.scalars(column.table.select().with_only_columns(column))
                assert list(rows) == expected


@pytest.mark.parametrize("sentence", CHANNELS | MESSAGES)
def test_every_reason_of_0_1_0_is_shown_in_the_readers_language(sentence: str) -> None:
    reason = ALL[sentence]
    english = reason_in_words(reason)
    with i18n.in_language("de"):
        german = reason_in_words(reason)
    assert english != german
    assert reason.detail in english
    assert reason.detail in german


@pytest.mark.parametrize("sentence", UNKNOWN)
@pytest.mark.parametrize("language", i18n.languages())
def test_a_sentence_that_0_1_0_did_not_write_is_shown_as_it_is(sentence: str, language: str) -> None:
    with i18n.in_language(language):
        assert reason_in_words(ALL[sentence]) == sentence


def everything_but_reasons(file: Path) -> dict[str, list[dict[str, object]]]:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return {
            table: [
                {key: value for key, value in dict(row).items() if key not in {"reason", "error"}}
                for row in connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
            ]
            for (table,) in names
            if table not in {"alembic_version", "meta"}
        }


MOVED = {"citation_key"}  # has a table of its own since 0.2.0


async def test_nothing_else_in_the_database_changes(tmp_path: Path) -> None:
    with database_of_0_1_0(tmp_path / "papers.db") as old:
        fill(old, list(ALL))
        old.insert("destinations", id=99, channel_id=99)  # without a reason
    before = everything_but_reasons(tmp_path / "papers.db")
    async with await Store.open(url_of(tmp_path)) as store:
        found = await store.destinations.get(99)
        assert found is not None
        assert found.reason is None
    after = everything_but_reasons(tmp_path / "papers.db")
    for table, rows in before.items():
        kept = [
            {key: row[key] for key in old_row if key in row}
            for row, old_row in zip(after[table], rows, strict=True)
        ]
        assert kept == [{key: row[key] for key in row if key not in MOVED} for row in rows], table
    assert before["queries"][0]["last_error"] == "The moon is full."


async def test_what_managers_were_told_before_the_upgrade_is_not_told_again(tmp_path: Path) -> None:
    sentence = f"I lack the permission Send Messages (and need Embed Links){HERE}"
    with database_of_0_1_0(tmp_path / "papers.db") as old:
        place = old.insert("destinations", channel_id=5)
        old.insert("notices", destination_id=place, reason=sentence, state="sent")
    async with await Store.open(url_of(tmp_path)) as store:
        await store.destinations.pause(place, missing(SEND, EMBED), NOW)
        assert await store.notices.waiting() == []
        await store.destinations.resume(place, NOW)
        await store.destinations.pause(place, missing(EMBED), NOW)
        assert len(await store.notices.waiting()) == 1
