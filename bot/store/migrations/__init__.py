"""The migrations of the schema. `bot.store.schema.migrate` runs them at every start; there is no command.

A change to `bot/store/tables.py` needs a new file in `versions/` with explicit operations, whose
`down_revision` is the `revision` of the last file. Released files never change.
`tests/store/test_migrations.py` compares the tables with the migrations and shows what is missing. There are
no downgrades; to go back, restore a backup.
"""
