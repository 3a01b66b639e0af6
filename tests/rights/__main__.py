"""Prints the matrix, kind by kind, and ends with 1 if a cell is not as it should be."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from tests.rights.cast import KINDS, cast
from tests.rights.matrix import Cell, cells, summary


async def _tried(kind: str) -> list[Cell]:
    with tempfile.TemporaryDirectory() as folder:
        async with cast(kind, Path(folder)) as players:
            return await cells(players)


def main(kinds: list[str]) -> int:
    logging.disable(logging.CRITICAL)
    everything: list[Cell] = []
    for kind in kinds or KINDS:
        tried = asyncio.run(_tried(kind))
        everything += tried
        opened = sum(cell.open for cell in tried)
        print(f"\n{kind}: {len(tried)} cells tried, {opened} open\n\n{summary(tried)}", flush=True)  # noqa: T201
    wrong = [cell for cell in everything if not cell.is_right]
    for cell in wrong:
        print(f"\n{cell.deed}, {cell.kind}, {cell.person}: open is {cell.open}. {cell.tells}")  # noqa: T201
    opened = sum(cell.open for cell in everything)
    print(f"\n{len(everything)} cells tried, {opened} open, {len(wrong)} not as they should be")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
