"""Runs the benchmarks: `python -m tests.benchmarks [NAME…]`.

Each module `bench_<name>` has `run() -> list[(what, ours, naive, ratio)]`, or names its other columns in
`COLUMNS`. They assert nothing: numbers depend on the machine, ratios less so.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table


def main(names: list[str]) -> int:
    """Run the benchmarks *names*, or all of them, and print a table for each."""
    known = sorted(file.stem.removeprefix("bench_") for file in Path(__file__).parent.glob("bench_*.py"))
    if unknown := [name for name in names if name not in known]:
        print(f"No such benchmark: {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 110)
    for name in names or known:
        started = time.perf_counter()
        benchmark = importlib.import_module(f"tests.benchmarks.bench_{name}")
        rows = benchmark.run()
        table = Table("what", title=f"{name} ({time.perf_counter() - started:.1f} s)", title_justify="left")
        for column in getattr(benchmark, "COLUMNS", ("ours", "naive", "ratio")):
            table.add_column(column, justify="right")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
