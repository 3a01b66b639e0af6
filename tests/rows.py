"""Tables whose rows share what is expensive: one test tries them all, and a failure names its row."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

Test = Callable[..., Awaitable[None]]


def in_turn(
    rows: Mapping[str, Mapping[str, Any]], **renewed: Callable[[Any], AbstractAsyncContextManager[Any]]
) -> Callable[[Test], Test]:
    """Make one test of the rows of a table; each row holds the arguments that differ, under its name.

    The fixtures in *renewed* are given to each row as new as the context manager there makes them from the
    fixture, so that no row sees what another one left behind.
    """
    [(fixture, renew)] = renewed.items()
    varied = {name for row in rows.values() for name in row}

    def decorate(test: Test) -> Test:
        signature = inspect.signature(test)
        kept = [one for one in signature.parameters.values() if one.name not in varied]
        own = [inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY)]

        @functools.wraps(test)
        async def each(*, subtests: pytest.Subtests, **fixtures: Any) -> None:
            for name, row in rows.items():
                with subtests.test(msg=name):
                    async with renew(fixtures[fixture]) as new:
                        await test(**{**fixtures, **row, fixture: new})

        del each.__dict__["__wrapped__"]  # pytest would read its arguments
        named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in kept]
        each.__dict__["__signature__"] = signature.replace(parameters=[*named, *own])
        return each

    return decorate


def named(argument: str, rows: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a table for `in_turn` of which only one argument differs."""
    return {name: {argument: value} for name, value in rows.items()}


def product(**arguments: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a table for `in_turn` of every combination of these arguments."""
    rows: dict[str, dict[str, Any]] = {"": {}}
    for argument, values in arguments.items():
        rows = {
            f"{name}, {label}".removeprefix(", "): row | {argument: value}
            for name, row in rows.items()
            for label, value in values.items()
        }
    return rows
