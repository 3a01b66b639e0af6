"""The schema's history, run by `bot.store.schema.migrate` at every start; nothing here runs from a shell.

A change of `bot/store/tables.py` needs a new file in `versions/` with explicit operations and the last file's
`revision` as its `down_revision`; files that were released never change. `tests/store/test_migrations.py`
fails until both say the same and shows what is missing. There are no downgrades: a backup is the way back.
"""
