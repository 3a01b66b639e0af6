"""Every method of the store meets a closed store, a busy database and a damaged one."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from bot.model.errors import StoreError
from bot.model.interests import Verdict
from bot.model.outbox import Crosspost, DigestPage, Kind, Notice, OutboxRow, PaperSubject, Section
from bot.model.outcomes import Pause, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, Options, Place, Schedule, State, Style
from bot.store import Store, sqlite_errors
from bot.store.imports import ChannelEntry, SubscriptionEntry
from tests.database import file_of, lay_out
from tests.store.store_cases import (
    CHANNEL,
    GUILD,
    NEWS,
    NOW,
    OLD,
    OTHER_CHANNEL,
    PERSON,
    TTS,
    UNDO,
    damage,
    filled,
    prune,
    record,
    store,
    subscribe,
    url_of,
)

__all__ = ["store"]

PLACE = Place(GUILD, CHANNEL)
ROW = OutboxRow(1, Destination(1, GUILD, CHANNEL), Kind.PAPER, PaperSubject(NEWS.id, NEWS.version), NOW)
PAGE = DigestPage(date(2026, 7, 21), 1, 1, 1, (Section("TTS", (NEWS.id,)),))
CROSSPOST = Crosspost(1, CHANNEL, 5, attempts=0)
CHANNEL_ENTRY = ChannelEntry(GUILD, OTHER_CHANNEL, entries=(SubscriptionEntry("TTS", TTS, Options()),))
NOTICE = Notice(1, ROW.destination, Reason(ReasonCode.NOT_ALLOWED), "", NOW, PERSON, 0)
READS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "papers.get": lambda store: store.papers.get(NEWS.id),
    "papers.get_many": lambda store: store.papers.get_many([NEWS.id]),
    "papers.texts": lambda store: store.papers.texts([NEWS.id]),
    "papers.newest": lambda store: store.papers.newest(TTS, 5),
    "papers.matched_between": lambda store: store.papers.matched_between(TTS, NOW, NOW),
    "papers.highest": lambda store: store.papers.highest(),
    "papers.count": lambda store: store.papers.count(),
    "papers.as_stored": lambda store: store.papers.as_stored([NEWS.id]),
    "papers.provisional": lambda store: store.papers.provisional(5),
    "harvests.versions": lambda store: store.harvests.versions([NEWS.id]),
    "queries.active": lambda store: store.queries.active(),
    "destinations.get": lambda store: store.destinations.get(1),
    "destinations.by_channel": lambda store: store.destinations.by_channel(CHANNEL),
    "destinations.scheduled": lambda store: store.destinations.scheduled(),
    "destinations.paused": lambda store: store.destinations.paused(),
    "destinations.of_guild": lambda store: store.destinations.of_guild(GUILD),
    "destinations.gone": lambda store: store.destinations.gone(),
    "destinations.guilds": lambda store: store.destinations.guilds(),
    "destinations.counts": lambda store: store.destinations.counts(),
    "subscriptions.get": lambda store: store.subscriptions.get(1),
    "subscriptions.of_channel": lambda store: store.subscriptions.of_channel(CHANNEL),
    "subscriptions.of_guild": lambda store: store.subscriptions.of_guild(GUILD),
    "subscriptions.of_user": lambda store: store.subscriptions.of_user(PERSON),
    "subscriptions.all": lambda store: store.subscriptions.all(),
    "subscriptions.count_guild": lambda store: store.subscriptions.count_guild(GUILD),
    "subscriptions.count_user": lambda store: store.subscriptions.count_user(PERSON),
    "subscriptions.keywords": lambda store: store.subscriptions.keywords(GUILD, "", 5),
    "outbox.heads": lambda store: store.outbox.heads(NOW, 5),
    "outbox.next_due": lambda store: store.outbox.next_due(NOW),
    "outbox.prepare": lambda store: store.outbox.prepare(ROW),
    "outbox.depth": lambda store: store.outbox.depth(),
    "outbox.backlog": lambda store: store.outbox.backlog(),
    "outbox.failed": lambda store: store.outbox.failed([1], 5),
    "crossposts.due": lambda store: store.crossposts.due(NOW, 5),
    "crossposts.waiting": lambda store: store.crossposts.waiting(1),
    "subscriptions.removed_from": lambda store: store.subscriptions.removed_from(1),
    "subscriptions.removed_role": lambda store: store.subscriptions.removed_role(1),
    "history.of": lambda store: store.history.of(NEWS.id, [ROW.destination]),
    "notices.waiting": lambda store: store.notices.waiting(),
    "digests.pending": lambda store: store.digests.pending(1),
    "discussions.get": lambda store: store.discussions.get(1, NEWS.id),
    "discussions.post": lambda store: store.discussions.post(1, NEWS.id),
    "discussions.taken": lambda store: store.discussions.taken(1, [5]),
    "overflow.overflowed": lambda store: store.overflow.overflowed(1, [NEWS.id]),
    "overflow.waiting": lambda store: store.overflow.waiting(date(2026, 7, 21)),
    "overflow.sections": lambda store: store.overflow.sections(1),
    "held.waiting": lambda store: store.held.waiting(),
    "library.get": lambda store: store.library.get(PERSON, NEWS.id),
    "library.page": lambda store: store.library.page(PERSON, 0, 5),
    "library.all": lambda store: store.library.all(PERSON),
    "library.find": lambda store: store.library.find(PERSON, "", 5),
    "library.savers": lambda store: store.library.savers(5, NEWS.id),
    "library.count": lambda store: store.library.count(PERSON),
    "choices.marks": lambda store: store.choices.marks(1, [NEWS.id]),
    "choices.standing": lambda store: store.choices.standing(1, NEWS.id, NOW, NOW),
    "choices.facts": lambda store: store.choices.facts(
        [TTS], [NEWS.id], announced=NOW, now=NOW, default_cap=None
    ),
    "feedback.of_channel": lambda store: store.feedback.of_channel(1),
    "feedback.of_person": lambda store: store.feedback.of_person(PERSON),
    "feedback.saves_count": lambda store: store.feedback.saves_count(PERSON),
    "feedback.sample": lambda store: store.feedback.sample(),
    "feedback.lately": lambda store: store.feedback.lately(1, since=NOW),
    "feedback.most_saved": lambda store: store.feedback.most_saved([CHANNEL], since=NOW, most=5),
    "signatures.missing": lambda store: store.signatures.missing(5),
    "signatures.all": lambda store: store.signatures.all(),
    "people.export": lambda store: store.people.export(PERSON),
    # These two write only where there is something to decide on.
    "overflow.defer_backlogs": lambda store: store.overflow.defer_backlogs(NOW),
    "held.review": lambda store: store.held.review(returned=[], asked={}, over=[], now=NOW),
    "digests.last_run": lambda store: store.digests.last_run(1),
    "digests.last_with_papers": lambda store: store.digests.last_with_papers(1, before=PAGE.day),
    "digests.issue": lambda store: store.digests.issue(CHANNEL, Kind.DIGEST, PAGE.day),
    "meta.get": lambda store: store.meta.get("key"),
    "gaps": lambda store: store.gaps(),
    "verify": lambda store: store.verify(),
}
WRITES: dict[str, Callable[[Store], Awaitable[object]]] = {
    "record": lambda store: record(store, NEWS, asked=[TTS]),
    "settle": lambda store: store.settle(ROW, Sent(1), NOW),
    "settle ": lambda store: store.settle(ROW, Pause(Reason(ReasonCode.NOT_ALLOWED)), NOW),
    "responds": lambda store: store.responds(),
    "make_due": lambda store: store.make_due(NOW),
    "prune": lambda store: prune(store, NOW),
    "queries.mark_failed": lambda store: store.queries.mark_failed([TTS], "why", NOW),
    "destinations.ensure": lambda store: store.destinations.ensure(Place(GUILD, CHANNEL), NOW),
    "destinations.schedule": lambda store: store.destinations.schedule(1, None, NOW),
    "destinations.post_best": lambda store: store.destinations.post_best(1, Schedule(9, "UTC"), NOW),
    "destinations.post_all": lambda store: store.destinations.post_all(1, unschedule=NOW, now=NOW),
    "destinations.pause": lambda store: store.destinations.pause(1, Reason(ReasonCode.NOT_ALLOWED), NOW),
    "destinations.resume": lambda store: store.destinations.resume(1, NOW),
    "destinations.end": lambda store: store.destinations.end(1, Reason(ReasonCode.NOT_ALLOWED), NOW),
    "destinations.leave": lambda store: store.destinations.leave(GUILD, Reason(ReasonCode.NOT_ALLOWED), NOW),
    "destinations.rejoin": lambda store: store.destinations.rejoin(GUILD, NOW),
    "notices.claim": lambda store: store.notices.claim([NOTICE], NOW, channel_id=5),
    "notices.settle": lambda store: store.notices.settle([NOTICE], Sent(1), NOW),
    "erase_gone": lambda store: store.erase_gone(NOW, timedelta(days=30)),
    "library.save": lambda store: store.library.save(PERSON, [NEWS], NOW, most=5),
    "library.note": lambda store: store.library.note(PERSON, NEWS.id, "a note"),
    "library.give_keys": lambda store: store.library.give_keys(PERSON, {NEWS.id: "author2026news"}),
    "library.remove": lambda store: store.library.remove(PERSON, NEWS.id),
    "feedback.give": lambda store: store.feedback.give(1, [NEWS], Verdict.MORE, NOW),
    "feedback.dislike": lambda store: store.feedback.dislike(PERSON, NEWS, NOW),
    "feedback.take_back": lambda store: store.feedback.take_back(1, NEWS.id, NOW),
    "feedback.undislike": lambda store: store.feedback.undislike(PERSON),
    "feedback.reset": lambda store: store.feedback.reset(1, NOW),
    "feedback.count_saves": lambda store: store.feedback.count_saves(PERSON, count=False),
    "signatures.put": lambda store: store.signatures.put([(NEWS, b"1" * 96)]),
    "people.erase": lambda store: store.people.erase(PERSON),
    "destinations.change": lambda store: store.destinations.change(
        PLACE, NOW, cap=5, crosspost=False, style=Style.FULL
    ),
    "subscriptions.subscribe": subscribe,
    "subscriptions.backfill": lambda store: store.subscriptions.backfill(1, [OLD.id], NOW),
    "subscriptions.remove": lambda store: store.subscriptions.remove(1, NOW),
    "subscriptions.restore": lambda store: store.subscriptions.restore(1, NOW, UNDO),
    "imports.apply": lambda store: store.imports.apply([CHANNEL_ENTRY], NOW),
    "crossposts.settle": lambda store: store.crossposts.settle(CROSSPOST, Sent(5), NOW),
    "subscriptions.edit": lambda store: store.subscriptions.edit(1, Options()),
    "subscriptions.set_state": lambda store: store.subscriptions.set_state(1, State.PAUSED),
    "outbox.claim": lambda store: store.outbox.claim(ROW, NOW),
    "outbox.release": lambda store: store.outbox.release(ROW),
    "digests.replace_page": lambda store: store.digests.replace_page(replace(ROW, page=PAGE)),
    "discussions.keep": lambda store: store.discussions.keep(1, NEWS, 5, NOW),
    "digests.run": lambda store: store.digests.run(1, date(2026, 7, 21), [], NOW),
    "overflow.run": lambda store: store.overflow.run(1, PAGE, NOW),
    "held.post": lambda store: store.held.post(1, NOW),
    "held.to_digest": lambda store: store.held.to_digest(1, NOW),
    "held.drop": lambda store: store.held.drop(1),
    "meta.set": lambda store: store.meta.set("key", "value"),
}
SHORT = timedelta(milliseconds=50)


def test_every_method_of_the_store_is_among_these_cases() -> None:
    store = Store.__new__(Store)
    Store.__init__(store, None)
    methods = {name for name, _ in inspect.getmembers(Store, inspect.iscoroutinefunction) if name[0] != "_"}
    for name, part in vars(store).items():
        methods |= {
            f"{name}.{method}"
            for method, _ in inspect.getmembers(type(part), inspect.iscoroutinefunction)
            if method[0] != "_"
        }
    assert methods - {"open", "close"} == {name.strip() for name in READS | WRITES}


async def outcomes(store: Store, methods: Iterable[str]) -> dict[str, str]:
    """Call each of *methods*; return how each ended: with an error and its sentence, or well."""
    ended = {}
    for name in methods:
        try:
            await (READS | WRITES)[name](store)
        except StoreError as error:
            ended[name] = f"{type(error).__name__}: {error}"
        else:
            ended[name] = "done"
    return ended


async def test_a_closed_store_says_so_whatever_is_asked_of_it(store: Store) -> None:
    await store.close()
    closed = f"StoreError: The database {store.database.name} is closed."
    assert await outcomes(store, READS | WRITES) == dict.fromkeys(READS | WRITES, closed)


async def test_beside_another_process_that_writes_reads_read_and_writes_are_busy(tmp_path: Path) -> None:
    lay_out(tmp_path / "papers.db")
    async with await Store.open(url_of(tmp_path), busy_timeout=SHORT) as store:
        await subscribe(store)
        path = file_of(store)
        busy = f"StoreBusy: {sqlite_errors.busy(path)}"
        with _locked(path):
            assert await outcomes(store, WRITES) == dict.fromkeys(WRITES, busy)
            assert await outcomes(store, READS) == dict.fromkeys(READS, "done")
        # Nothing is stuck afterwards.
        assert await outcomes(store, WRITES) == dict.fromkeys(WRITES, "done")


async def test_a_database_that_is_damaged_under_way_says_so_whatever_is_asked_of_it(tmp_path: Path) -> None:
    async with filled(tmp_path) as store:
        path = file_of(store)
    async with await Store.open(url_of(tmp_path)) as store:
        damaged = f"StoreCorrupt: {sqlite_errors.corrupt(path, 'damaged')}"
        damage(path, keep=100)
        for name in READS | WRITES:
            for engine in store.database._engines():
                await engine.dispose()  # their next connections meet the file as it then is
            assert await outcomes(store, [name]) == {name: damaged}


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
