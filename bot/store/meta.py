"""Small facts about this installation, such as its id and the fingerprint of its commands."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.tables import meta


class Meta:
    """Maps keys to texts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        async with self._database.read() as connection:
            value: str | None = await connection.scalar(sa.select(meta.c.value).where(meta.c.key == key))
            return value

    async def set(self, key: str, value: str) -> None:
        statement = insert(meta).values(key=key, value=value)
        async with self._database.write(single=True) as connection:
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[meta.c.key], set_={"value": statement.excluded.value}
                )
            )
