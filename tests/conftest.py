"""What tests of the commands share: a fake arXiv over real HTTP, a real database, the real bot in simcord.

`env` is simcord's environment, a simulated Discord under the real discord.py; `world` is a small server in
it. A test fails at its end if a command raised an error, except for `UserError` and `ArxivError`, which are
answers to a person.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
import discord
import pytest
import structlog
from discord.state import ConnectionState
from hypothesis import is_hypothesis_test
from hypothesis import settings as hypothesis_settings
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle
from simcord.env import Env
from simcord.results import InteractionResult

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings, Settings
from bot.model.errors import ArxivError, UserError
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.database import clear, lay_out
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers
from tests.postgres import Databases, server_or_skip, shared_server
from tests.shared import needs_shared

# Assertions in these modules are explained as those in tests are.
pytest.register_assert_rewrite(
    "tests.runtime.app_cases",
    "tests.delivery.digest_cases",
    "tests.delivery.membership_cases",
    "tests.present.embed_cases",
    "tests.runtime.client_cases",
    "tests.config.config_cases",
    "tests.delivery.delivery_cases",
    "tests.delivery.revision_cases",
)

# A busy machine must not fail a test; the test's time-out still applies.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

_LAST_SERVER = 0.1  # seconds
# What `-m "not slow"` leaves out: these files, the longest first; tests that run the bot, which one of the
# fixtures starts; properties, each tried on a hundred inputs; and tests that go through arXiv's real answers.
_SLOW_FILES = (
    "test_drill.py",
    "test_simulation.py",
    "polling/test_harvest_parity.py",
    "present/test_embed_audit.py",
    "end_to_end/",
    "runtime/test_app_storage.py",
    "store/test_machine.py",
    "runtime/test_app.py",
    "test_growth.py",
    "test_pains.py",
    "demo/",
    "query/test_parity.py",
    "polling/test_poller",
    "polling/test_source.py",
    "polling/test_held.py",
    "store/",
    "delivery/test_overflow.py",
    "cli/test_main.py",
    "cli/test_check.py",
    "cli/test_entry.py",
    "cli/test_subscriptions.py",
    "cli/test_stored_keywords.py",
    "interactions/test_rights.py",
    "i18n/test_sources.py",
    "arxiv/test_feed_hostile.py",
    "test_architecture.py",
    "polling/test_round.py",
    "polling/test_report.py",
    "cli/test_digest.py",
    "cli/test_match.py",
    "delivery/test_crossposts.py",
    "arxiv/test_client",
    "cli/test_backup.py",
    "runtime/test_clock_watch.py",
    "runtime/test_metrics.py",
)
# So many rows of a table that starts the bot, or takes as long, always run; all of them with `-m ""`.
_ROWS_THAT_ALWAYS_RUN = {
    "delivery/": 2,
    "runtime/": 2,
    "interactions/test_rights.py": 1,
    "cogs/": 2,
    "end_to_end/test_pictures.py": 1,
    "end_to_end/": 2,
    "demo/": 3,
    "arxiv/test_feed_hostile.py": 3,
    "test_growth.py": 2,
}
_RUN_THE_BOT = {"env", "fake", "discord", "desk"}
_READ_THE_CHECKOUT = ("test_architecture.py", "test_docs.py", "test_packaging.py", "i18n/test_sources.py")
_rows: Counter[str] = Counter()  # those collected so far, by test
MakeBot = Callable[[], PaperBot]


def pytest_sessionstart() -> None:
    gc.disable()  # the thousands of tests that are collected are no garbage, however often one looks


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)  # before `-m` selects by the marks
def pytest_itemcollected(item: pytest.Item) -> None:
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    if name.startswith(_READ_THE_CHECKOUT):
        item.add_marker("checkout")
    table = item.nodeid.partition("[")[0]
    _rows[table] += 1
    most = next((rows for files, rows in _ROWS_THAT_ALWAYS_RUN.items() if name.startswith(files)), None)
    if most is not None and _rows[table] > most and _starts_the_bot(item, name):
        item.add_marker("thorough")
    if (
        name.startswith(_SLOW_FILES)
        or not _RUN_THE_BOT.isdisjoint(getattr(item, "fixturenames", ()))
        or is_hypothesis_test(getattr(item, "obj", None))
        or needs_shared.mark in item.iter_markers()
    ):
        item.add_marker("slow")


def _starts_the_bot(item: pytest.Item, name: str) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return (
        not _RUN_THE_BOT.isdisjoint(fixtures) or name.startswith(_SLOW_FILES) or name in _ROWS_THAT_ALWAYS_RUN
    )


@pytest.hookimpl(trylast=True)  # after pytest-randomly has shuffled them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the long tests, so that no worker is left with one at the end."""
    items.sort(key=_place_in_line)


def _place_in_line(item: pytest.Item) -> int:
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    return next((place for place, file in enumerate(_SLOW_FILES) if name.startswith(file)), len(_SLOW_FILES))


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Restore the logging configuration of the process after a test that changed it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def impatient_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip two waits of discord.py: two seconds for further servers, and five before a new session."""

    def read(state: ConnectionState[Any]) -> float:
        return min(vars(state)["guild_ready_timeout"], _LAST_SERVER)

    def write(state: ConnectionState[Any], seconds: float) -> None:
        vars(state)["guild_ready_timeout"] = seconds

    async def identify_at_once(*_arguments: object, **_options: object) -> None:
        pass

    monkeypatch.setattr(ConnectionState, "guild_ready_timeout", property(read, write), raising=False)
    monkeypatch.setattr(discord.Client, "before_identify_hook", identify_at_once)


@dataclass(frozen=True)
class World:
    """A server with a channel, a member who manages channels, and one who does not."""

    env: Env
    guild: GuildHandle
    papers: ChannelHandle
    manager: MemberActor
    member: MemberActor

    @property
    def bot(self) -> PaperBot:
        return cast("PaperBot", self.env.bot)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def arxiv() -> AsyncIterator[FakeArxiv]:
    async with FakeArxiv(make_papers(30)) as fake:
        yield fake


@pytest.fixture
def settings(arxiv: FakeArxiv, tmp_path: Path) -> Settings:
    return Settings(
        arxiv=ArxivSettings(api_url=arxiv.url, contact="operator@example.org", min_interval=0, timeout=2),
        database={"url": f"sqlite:///{tmp_path}/papers.db"},
    )


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, worker: str) -> Databases:
    """Databases on a PostgreSQL server that all workers share; skips the test where none can be started."""
    base = tmp_path_factory.getbasetemp()
    return Databases(server_or_skip(shared_server(base.parent if worker else base)), worker or "main")


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this worker of pytest-xdist, "" where there are none."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", ""))


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The URL of an empty database; the tests of the store get one on each engine."""
    lay_out(tmp_path / "papers.db")
    return f"sqlite:///{tmp_path}/papers.db"


@pytest.fixture
async def store(settings: Settings, tmp_path: Path) -> AsyncIterator[Store]:
    lay_out(tmp_path / "papers.db")
    async with await Store.open(settings.database.url) as opened:
        yield opened


@pytest.fixture
async def make_bot(settings: Settings, store: Store, clock: Clock) -> AsyncIterator[MakeBot]:
    """A function that creates the bot as a start of the process does, without state of a previous one."""
    async with aiohttp.ClientSession() as session:

        def make() -> PaperBot:
            gate = Gate(settings.arxiv.min_interval, waiting=settings.limits.waiting_searches)
            client = ArxivClient(session, gate, settings.arxiv, clock=clock)
            return PaperBot(settings=settings, store=store, arxiv=client, poller=None, clock=clock)

        yield make


@pytest.fixture
async def env(make_bot: MakeBot) -> AsyncIterator[Env]:
    # Less than aiohttp's keep-alive of 15 seconds, or simcord would wait for idle connections.
    environment = Env(make_bot(), shard_count=1, settle_timeout=10)
    await environment.start()
    try:
        yield environment
    finally:
        await environment.shutdown()
    bugs = [error for error in environment.errors if not isinstance(_cause(error), UserError | ArxivError)]
    if bugs:
        raise BaseExceptionGroup("the bot raised", bugs)


@pytest.fixture
def world(env: Env) -> World:
    return _world(env)


@asynccontextmanager
async def another(world: World) -> AsyncIterator[World]:
    """A world of the same bot in a server of its own, with a store that is cleared."""
    await clear(world.bot.store)
    yield _world(world.env)


def _world(env: Env) -> World:
    guild = env.create_guild("Lab")
    managers = guild.create_role("Managers", permissions=discord.Permissions(manage_channels=True))
    return World(
        env,
        guild,
        guild.create_text_channel("papers"),
        guild.add_member(env.create_user("mary"), roles=[managers]),
        guild.add_member(env.create_user("joe")),
    )


def text_of(result: InteractionResult | Any) -> str:
    """Return the whole text of the answer to a command, in its latest version."""
    message = (
        result.followups[-1] if getattr(result, "followups", None) else getattr(result, "response", result)
    )
    assert message is not None, "the bot did not answer"
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title, embed.description, embed.footer.text]
        parts += [part for field in embed.fields for part in (field.name, field.value)]
    return "\n".join(part for part in parts if part)


async def only(store: Store) -> Any:
    """Return the only subscription."""
    (subscription,) = await store.subscriptions.all()
    return subscription


def _cause(error: BaseException) -> BaseException:
    return getattr(error, "original", error)


def buttons_of(result: Any) -> dict[str, bool]:
    """Return the labels of the buttons under an answer, each with whether it is enabled."""
    message = getattr(result, "response", result)
    return {
        button["label"]: not button.get("disabled", False)
        for row in message.components
        for button in row["components"]
        if button["type"] == discord.ComponentType.button.value
    }
