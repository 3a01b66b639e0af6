"""`python -m tests.simulation [--seed N] [--only NAME …]`: weeks of arXiv for the real roads and poller.

Each scenario has the same papers and other faults of arXiv. The table says what was announced for the
channels and was not posted, or twice; how many days it took from the evening of the announcement, as median
and at most; and how many requests the bot made a day: the mean, and the most. The exit code is 1 if anything
is missing, doubled, or posted where nobody wants it, if arXiv's rules are broken, or if a day with all roads
open takes more than 40 requests.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.simulation.running import Outcome, Plan, run
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.traffic import KINDS

_WIDTH = 118


def table_of(outcomes: Sequence[Outcome], title: str) -> Table:
    """Return a row for each scenario."""
    table = Table(title=title, title_justify="left")
    table.add_column("scenario", no_wrap=True)
    for column in ("wanted", "missing", "doubled", "stray", "days", *KINDS):
        table.add_column(column, justify="right")
    for one in outcomes:
        faults, days = one.faults, one.faults.days
        counts = (faults.wanted, faults.missing, faults.doubled, faults.stray)
        table.add_row(
            one.plan.scenario.name,
            *(f"{count:,}" for count in counts),
            f"{median(days):.2f}, {days[-1]:.2f}" if days else "",
            *(f"{one.traffic.usual(kind):.1f}, {one.traffic.most(kind)}" for kind in KINDS),
        )
    return table


def verdict(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield how arXiv's rules were kept, a line for each of the first faults, and the verdict."""
    closest = min(one.traffic.closest for one in outcomes)
    together = max(one.traffic.together for one in outcomes)
    rushing = sum(one.traffic.rushing for one in outcomes)
    yield (
        f"requests at least {closest:.3f} s apart over all hosts, at most {together} at once; "
        f"polls and probes that began between 20:00 and 21:00 Eastern: {rushing}"
    )
    for one in outcomes:
        yield from (f"{one.plan.scenario.name}: {line}" for line in one.lines)
        if not one.passed:
            yield f"{one.plan.scenario.name}: FAILED"
    yield "PASSED" if all(one.passed for one in outcomes) else "FAILED"


def _outcomes(plans: Sequence[Plan], processes: int) -> list[Outcome]:
    found: dict[str, Outcome] = {}
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for each in as_completed([pool.submit(run, plan) for plan in plans]):
            outcome = each.result()
            found[outcome.plan.scenario.name] = outcome
            state = "passed" if outcome.passed else "FAILED"
            name, faults = outcome.plan.scenario.name, outcome.faults
            counts = f"{faults.missing} missing, {faults.doubled} doubled of {faults.wanted}"
            sys.stderr.write(f"{name}: {state} in {outcome.seconds:.0f} s, {counts}\n")
    return [found[plan.scenario.name] for plan in plans]


def main() -> int:
    """Simulate and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=11, help="of chance")
    parser.add_argument("--days", type=int, default=60, help="announcements")
    parser.add_argument("--new", type=int, default=1_500, help="new papers in each")
    parser.add_argument("--replaced", type=int, default=900, help="new versions in each")
    parser.add_argument("--every", type=int, default=5, help="a road that lies does so every so many days")
    parser.add_argument("--queries", type=int, default=0, help="at least so many; most match nothing")
    parser.add_argument("--source", choices=("auto", "api", "harvest"), default="harvest")
    parser.add_argument("--only", action="append", choices=tuple(SCENARIOS), help="only this scenario")
    parser.add_argument("--processes", type=int, default=2, help="scenarios at a time")
    given = parser.parse_args()
    plans = [
        Plan(
            SCENARIOS[name],
            seed=given.seed,
            days=given.days,
            new=given.new,
            replaced=given.replaced,
            every=given.every,
            queries=given.queries,
            source=given.source,
        )
        for name in given.only or SCENARIOS
    ]
    began = time.perf_counter()
    outcomes = _outcomes(plans, given.processes)
    queries = f", {given.queries:,} queries" if given.queries else ""
    title = (
        f"seed {given.seed}, source {given.source}{queries}: {given.days} days with {given.new:,} new and "
        f"{given.replaced:,} replaced papers ({time.perf_counter() - began:.0f} s)"
    )
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    console.print(table_of(outcomes, title))
    for line in verdict(outcomes):
        console.print(line, highlight=False, markup=False)
    return 0 if all(one.passed for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
