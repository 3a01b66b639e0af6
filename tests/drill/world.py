"""One world: an arXiv that keeps publishing, a Discord, a database, and a bot that is killed again and again.

After its share of the kills, a world has no more faults until nothing is missing or nothing arrives any more.
Then the bot starts once more, and nothing further may arrive. The witness says what arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import yaml

from tests.drill import plan
from tests.drill.clock import WorldClock
from tests.drill.fakes import DrillArxiv, DrillDiscord
from tests.drill.furnishing import configuration, furnish, subscribe
from tests.drill.losses import Losses
from tests.drill.outages import Closures, Outages
from tests.drill.papers import Author, topics_for
from tests.drill.plan import Disk, Fate, fate
from tests.drill.processes import Launcher, Life, Untouched
from tests.drill.publishing import Publisher
from tests.drill.schema import at_revision, revisions
from tests.drill.witness import Count, Witness

SCALE = 20.0
"""How much faster time runs for a launched process and its Discord: minutes of an outage take seconds."""
_TICK = 0.15  # seconds between two checks of what the fakes have seen
_TO_SIGN = 90.0  # seconds until a process must have sent its first request
_STALLED = 15.0  # seconds without an arrival after which the world ends
_PATIENCE = 2000.0  # seconds of the world to skip then: longer than any back-off of the bot
_A_DAY = 86_400.0
_CALMS = 5
SOURCES = ("auto", "harvest", "api")
_SWITCHES = 0.15  # share of the lives before which `arxiv.source` changes
_FULL = 4096  # bytes that a file may have on a full disk


@dataclass
class Tally:
    """What happened besides the posts."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    diary: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """A planned world: *untouched* runs `python -m bot run` in real time, else time is compressed.

    If it is *capped* at the default number of posts a day, the other papers arrive as lists. *source* is the
    `arxiv.source` with which it begins.
    """

    number: int
    seed: int
    kills: int
    channels: int
    untouched: bool
    folder: Path
    capped: bool = False
    source: str = "auto"


class World:
    """Owns everything of one world except the launchers of processes."""

    def __init__(
        self, given: Plan, launcher: Launcher, untouched: Untouched, migrating: asyncio.Lock
    ) -> None:
        self.plan = given
        self.tally = Tally()
        self.witness = Witness()
        self.clock = WorldClock(1.0 if given.untouched else SCALE)
        chance = Random(f"{given.seed} {given.number}")  # noqa: S311 - random choices, not secrets
        self._chance = chance
        self._moved = False
        self._backup: Path | None = None
        self._skew = 0.0 if given.untouched else chance.uniform(-60, 60)
        self._launcher = launcher
        self._migrating = migrating  # Alembic runs one migration at a time in a process
        self._untouched = untouched
        self._discord = DrillDiscord(self.clock, Random(chance.random()), self.witness)  # noqa: S311
        self._arxiv = DrillArxiv(self.clock, Random(chance.random()), self.witness)  # noqa: S311
        self._losses = Losses(self._discord, chance, self.tally.faults)
        self._outages = Outages(self._discord, self.clock, chance, faults=self.tally.faults, note=self._note)
        self._closures = Closures(self._arxiv, self.clock, chance, faults=self.tally.faults, note=self._note)
        self._source = given.source
        self._author = Author(Random(chance.random()))  # noqa: S311
        self._wanted: dict[int, tuple[str, ...]] = {}
        self._names: dict[int, str] = {}

    @property
    def database(self) -> str:
        return f"sqlite:///{self.plan.folder}/papers.db"

    @property
    def names(self) -> dict[int, str]:
        """The channels and their names, in the order of their creation."""
        return self._names

    @property
    def killed(self) -> int:
        return self.tally.kills.total()

    def counts(self) -> dict[int, Count]:
        return {channel: self.witness.count(channel) for channel in self._names}

    async def run(self) -> None:
        """Run the planned lives, then let everything arrive."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._discord)
            await stack.enter_async_context(self._arxiv)
            self._furnish()
            self._configure()
            await self._migrate()
            publisher = Publisher(
                self._arxiv, self._author, self._wanted, self.witness, clock=self.clock, chance=self._chance
            )
            flow = asyncio.create_task(publisher.run())
            try:
                while self.killed < self.plan.kills:
                    if not self.plan.untouched:
                        self._outages.maybe_begin()
                    self._closures.maybe_begin()
                    self._maybe_switch()
                    await self._live(self._draw())
            finally:
                flow.cancel()
                await self._outages.end()
                await self._closures.end()
                await self._losses.make_good()
            await asyncio.wait({flow})
            if not flow.cancelled():
                flow.result()
            await self._calm()
        self.tally.faults.update({f"Discord: {k}": n for k, n in self._discord.faults_made.items()})
        self.tally.faults.update({f"arXiv: {k}": n for k, n in self._arxiv.faults_made.items()})
        self.tally.other.update({f"requests to arXiv's {k}": n for k, n in self._arxiv.asked_for.items()})
        self.tally.other["nonces that Discord knew already"] += self._discord.repeated
        self.tally.other["looks at a channel's history"] += len(
            self._discord.sent("GET", "/channels/{channel_id}/messages")
        )
        self.tally.unexpected += self._discord.invalid

    # --- before the first paper ----------------------------------------------------------------------------

    def _furnish(self) -> None:
        self._names = furnish(self._discord, self.plan.channels)
        self._wanted = topics_for(self._chance, list(self._names))

    def _configure(self) -> None:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        content = configuration(
            api_base=self._discord.api_base,
            arxiv=self._arxiv,
            source=self._source,
            database=self.database,
            real=self.plan.untouched,
            capped=self.plan.capped,
            scale=SCALE,
        )
        self._config.write_text(yaml.safe_dump(content), encoding="utf-8")

    def _maybe_switch(self) -> None:
        """Let the next life prefer another road to arXiv."""
        if self._chance.random() < _SWITCHES:
            self._source = self._chance.choice([each for each in SOURCES if each != self._source])
            self._note(f"arxiv.source is {self._source} from now on")
            self.tally.faults["arxiv.source changed between two lives"] += 1
            self._configure()

    @property
    def _config(self) -> Path:
        return self.plan.folder / "config.yaml"

    async def _migrate(self) -> None:
        """Kill the first starts in the middle of a migration; the next start must finish it.

        Half of the worlds start without a database, the others with one in an older schema.
        """
        path = self.plan.folder / "papers.db"
        older = self._chance.choice((None, *revisions()[:-1])) if self._chance.random() < 0.5 else None
        if older is not None:
            await self._subscribe()
            present = path.rename(path.with_name("present.db"))
            async with self._migrating:
                at_revision(present, older, path)
        for _ in range(min(3, self.plan.kills // 10)):
            statement = self._chance.randint(1, 28 if older is None else 8)
            async with self._process(point=plan.MIGRATION, at=statement) as life:
                await self._sign(life)
                self._killed(life, plan.MIGRATION)
        async with self._process() as life:
            await self._sign(life)
            life.kill(signal.SIGTERM)
            await life.end()
        if older is None:
            await self._subscribe()

    async def _subscribe(self) -> None:
        capped = self.plan.capped
        await subscribe(
            self.database, self._wanted, self._discord, self.clock, self._migrating, capped=capped
        )

    # --- one life ------------------------------------------------------------------------------------------

    def _draw(self) -> Fate:
        drawn = fate(self._chance, untouched=self.plan.untouched)
        while self._discord.down and drawn.point not in {plan.KILL_AT_RANDOM, "before send", plan.ON_ARRIVAL}:
            drawn = fate(self._chance, untouched=self.plan.untouched)
        return drawn

    @asynccontextmanager
    async def _process(
        self, *, point: str = "", at: int = 0, clock_wrong_by: float = 0.0
    ) -> AsyncIterator[Life]:
        """Run the bot during the block; the arguments are those of the launcher."""
        self._discord.signs.clear()
        environ = {"DISCORD_TOKEN": self._discord.token}
        if self.plan.untouched and not point and not self._moved:
            life = await self._untouched.start(self._config, environ)
        else:
            reading = self.clock.skewed(self._skew + clock_wrong_by)
            life = await self._launcher.start(self._config, environ, clock=reading, point=point, at=at)
        try:
            yield life
        finally:
            life.kill()
            await life.end()
            self._discord.arriving.clear()
            self._discord.performed.clear()
            self._arxiv.answering.clear()

    async def _sign(self, life: Life) -> None:
        """Wait for the first request to Discord, or the end of the process."""
        sign, end = asyncio.create_task(self._discord.signs.wait()), asyncio.create_task(life.end())
        done, late = await asyncio.wait({sign, end}, timeout=_TO_SIGN, return_when=asyncio.FIRST_COMPLETED)
        for task in late:
            task.cancel()
        if not done:
            self._unexpected(life, "made no request")

    async def _live(self, drawn: Fate) -> None:
        launched = drawn.point if drawn.point not in _BY_FAKES else ""
        if drawn.restore is not None and self._backup is not None:
            await self._run_program("restore", self._backup, drawn.restore, plan.RESTORE)
        clock_wrong_by = 0.0 if self.plan.untouched else drawn.clock_wrong_by
        self.tally.faults["clock wrong by up to 2 hours"] += bool(clock_wrong_by)
        async with self._process(point=launched, at=drawn.at, clock_wrong_by=clock_wrong_by) as life:
            self._note(f"{drawn}")
            self._discord.weather = self._arxiv.weather = True
            pull = life.kill
            plugs = {
                plan.ON_ARRIVAL: self._discord.arriving,
                plan.AFTER_SEND: self._discord.performed,
                plan.ARXIV_ANSWERS: self._arxiv.answering,
            }
            if drawn.point in plugs:
                plugs[drawn.point].set(drawn.at, pull)
            if not drawn.from_birth:
                await self._sign(life)
            troubles = asyncio.create_task(self._trouble(life, drawn))
            try:
                if drawn.backup is not None:
                    await self._back_up(drawn.backup)
                await life.end(within=drawn.lasts)
            finally:
                troubles.cancel()
                await asyncio.wait({troubles})
            if drawn.in_order and life.running:
                await self._end_in_order(life)
            else:
                self._killed(life, drawn.point, disk=drawn.disk)

    async def _back_up(self, killed_after: float) -> None:
        file = self.plan.folder / f"backup-{self.killed}.db"
        if await self._run_program("backup", file, killed_after, plan.BACKUP):
            self._backup = file

    async def _run_program(self, command: str, file: Path, killed_after: float, point: str) -> bool:
        """Run a command of the bot, killed after so many seconds unless 0; return whether it succeeded."""
        self._note(f"{command} {file.name}, killed after {killed_after:.1f} s")
        program = await self._untouched.start(self._config, {}, command, str(file))
        await program.end(within=killed_after or _TO_SIGN)
        program.kill()
        await program.end()
        if program.code == -signal.SIGKILL:
            self.tally.kills[point] += 1
        elif program.code == 0:
            self.tally.other[f"{command}s completed"] += 1
        else:
            self._unexpected(program, f"{command} ended with exit code {program.code}")
        return program.code == 0

    def _note(self, what: str) -> None:
        self.tally.diary.append(f"{self.clock.unix():.1f} {what}")

    def _killed(self, life: Life, point: str, *, disk: Disk = Disk.FINE) -> None:
        """Count a kill: at *point* if the process died there, else kill it now."""
        self._note("killed" if life.running else f"ended with {life.code}")
        if life.running:
            life.kill()
            self.tally.kills[plan.KILL_AT_RANDOM] += 1
        elif life.code == -signal.SIGKILL:
            self.tally.kills[point] += 1
        elif disk is not Disk.FINE and life.code == 1 and not any("Traceback" in line for line in life.log):
            self.tally.other["ends with a sentence about the disk"] += 1
        else:
            self._unexpected(life, f"ended by itself with exit code {life.code}")

    def _unexpected(self, life: Life, what: str) -> None:
        self.tally.unexpected.append(f"world {self.plan.number}: {what}\n  " + "\n  ".join(life.log))

    async def _end_in_order(self, life: Life) -> None:
        life.kill(signal.SIGTERM)
        if not await life.end(within=20):
            self._unexpected(life, "did not end at SIGTERM")
        elif life.code:
            self._unexpected(life, f"ended at SIGTERM with exit code {life.code}")
        self.tally.other["orderly stops (SIGTERM)"] += 1

    async def _trouble(self, life: Life, drawn: Fate) -> None:
        """Cause the other faults of this life."""
        longest = min(drawn.lasts, 1.0)
        if drawn.loss or self._losses.lasting:
            await asyncio.sleep(longest * self._chance.random())
            if not self._losses.lasting:
                await self._losses.strike(drawn.loss)
                await asyncio.sleep(longest * self._chance.random())
            await self._losses.make_good()
        if drawn.gateway:
            await asyncio.sleep(longest * self._chance.random())
            gateway = self._discord.gateway
            match drawn.gateway:
                case "drop":
                    await gateway.drop(self._chance.choice((1001, 4000, 4001, 4008, 4009)))
                case "reconnect":
                    await gateway.reconnect()
                case _:
                    await gateway.invalidate(resumable=self._chance.random() < 0.5)
            self.tally.faults[f"gateway: {drawn.gateway}"] += 1
        if drawn.disk is not Disk.FINE:
            await asyncio.sleep(longest * self._chance.random())
            life.limit_files(_FULL)
            self.tally.faults["disk full"] += 1
            if drawn.disk is Disk.FULL_FOR_A_WHILE:
                await asyncio.sleep(longest * self._chance.random())
                life.limit_files(None)

    # --- the end -------------------------------------------------------------------------------------------

    async def _calm(self) -> None:
        """Run while something arrives, then start once more; nothing further may arrive."""
        self._discord.weather = self._arxiv.weather = False
        for number in range(_CALMS):
            async with self._process() as life:
                await self._arrivals(life)
                await self._end_in_order(life)
            if not self.witness.missing:
                break
            # The rest waits for its next attempt, perhaps half an hour away in real time, or for the list of
            # the next day: beyond a cap, or after the server removed the bot a second time in one day.
            self.clock.jump(_A_DAY if number or self.plan.capped else _PATIENCE)
            self._moved = True
            self.tally.other["jumps of the clock to the next try"] += 1
        async with self._process() as life:
            await self._sign(life)
            answers = self._arxiv.answers
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STALLED):
                    while self._arxiv.answers < answers + 4:  # noqa: ASYNC110 - a server process has no event of ours
                        await asyncio.sleep(_TICK)
            await self._end_in_order(life)

    async def _arrivals(self, life: Life) -> None:
        await self._sign(life)
        seen, since = self.witness.arrivals, time.monotonic()
        while self.witness.missing and life.running and time.monotonic() - since < _STALLED:
            await asyncio.sleep(_TICK)
            if self.witness.arrivals > seen:
                seen, since = self.witness.arrivals, time.monotonic()


_BY_FAKES = {plan.KILL_AT_RANDOM, plan.ON_ARRIVAL, plan.AFTER_SEND, plan.ARXIV_ANSWERS}
