"""Which papers still need a signature, and what is kept of those that have one."""

from __future__ import annotations

from dataclasses import replace

from bot.store import Store
from tests.fakes.papers import make_paper
from tests.store.store_cases import MORE, NEWS, NOW, record, store, subscribe

__all__ = ["store"]

ONE, TWO = b"1" * 96, b"2" * 96


async def test_new_papers_need_one_the_newest_first_and_those_that_have_one_do_not(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS, MORE)
    assert [paper.id for paper in await store.signatures.missing(10)][:2] == [MORE.id, NEWS.id]
    assert [paper.id for paper in await store.signatures.missing(1)] == [MORE.id]
    await store.signatures.put([(NEWS, ONE), (MORE, TWO)])
    assert not {NEWS.id, MORE.id} & {paper.id for paper in await store.signatures.missing(10)}
    assert dict(await store.signatures.all()) == {NEWS.id: ONE, MORE.id: TWO}


async def test_a_new_version_needs_a_new_one_which_replaces_the_old(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    await store.signatures.put([(NEWS, ONE)])
    second = replace(NEWS, version=2, title="Another title", updated=NOW)
    await record(store, second)
    assert second in await store.signatures.missing(10)
    await store.signatures.put([(second, TWO)])
    assert second not in await store.signatures.missing(10)
    assert dict(await store.signatures.all())[NEWS.id] == TWO


async def test_a_paper_that_is_no_longer_stored_gets_none(store: Store) -> None:
    await store.signatures.put([(make_paper(9_999), ONE)])
    assert await store.signatures.all() == []
