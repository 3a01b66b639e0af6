"""How each life of the bot ends, and with which faults: all random choices of the drill.

The seed determines the choices, but not the instants, which depend on the machine's speed.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from random import Random

from tests.drill.losses import KINDS

KILL_AT_RANDOM = "at a random instant"
ON_ARRIVAL = "message at Discord, not performed"
AFTER_SEND = "performed by Discord, not answered"
ARXIV_ANSWERS = "arXiv about to answer"
MIGRATION = "during migration"
BACKUP = "backup, beside the bot"
RESTORE = "restore"


class Disk(enum.Enum):
    """What happens to the disk in one life."""

    FINE = enum.auto()
    FULL_FOR_A_WHILE = enum.auto()
    FULL = enum.auto()


@dataclass(frozen=True)
class Fate:
    """The plan of one life.

    *point* is the instant of the kill: one of the constants above or of `child.POINTS`; *at* says at which
    occurrence. *lasts* is the length of the life in seconds if the instant is random, else how long to wait
    for the named one. *from_birth* counts *lasts* from the start of the process, not from its first request.
    *in_order* ends it with SIGTERM instead of a kill. *backup* and *restore* are commands that run during and
    before it, killed after so many seconds, 0 for never; None means no command. *loss* is what people take
    from the bot. The machine's clock is wrong by *clock_wrong_by* seconds until the next life.
    """

    point: str
    at: int
    lasts: float
    from_birth: bool = False
    in_order: bool = False
    backup: float | None = None
    restore: float | None = None
    disk: Disk = Disk.FINE
    gateway: str = ""
    loss: str = ""
    clock_wrong_by: float = 0.0


_BY_LAUNCHER = (
    (KILL_AT_RANDOM, 30),
    ("before commit", 9),
    ("after commit", 9),
    ("before send", 9),
    (ON_ARRIVAL, 7),
    (AFTER_SEND, 14),
    ("before settle", 12),
    ("after settle", 6),
    (ARXIV_ANSWERS, 4),
)
_UNTOUCHED = ((KILL_AT_RANDOM, 80), (AFTER_SEND, 12), (ON_ARRIVAL, 6), (ARXIV_ANSWERS, 2))
_FIRST_FEW = {"before commit": 2, "after commit": 2, ARXIV_ANSWERS: 3}
_LONGEST_LIFE = 1.6
_LONGEST_WAIT = 6.0
_START_UP = 3.0
_WRONG_CLOCK = 7200.0
_BACKUPS, _RESTORES = 0.12, 0.05  # share of the lives of an unmodified bot
_LOSSES = 0.06  # share of all lives
_PROGRAM = (0.6, 2.0)  # seconds after which such a command is killed; it takes about one to start


def fate(chance: Random, *, untouched: bool) -> Fate:
    """Return a random life."""
    kinds, weights = zip(*(_UNTOUCHED if untouched else _BY_LAUNCHER), strict=True)
    [point] = chance.choices(kinds, weights)
    from_birth = point == KILL_AT_RANDOM and chance.random() < 0.1
    lasts = chance.uniform(0, _LONGEST_LIFE) if point == KILL_AT_RANDOM else _LONGEST_WAIT
    dice = chance.random()
    # Only in real time: what is compared with Discord's clock must run at its speed.
    backup = untouched and chance.random() < _BACKUPS
    restore = untouched and chance.random() < _RESTORES
    return Fate(
        point=point,
        at=chance.randint(1, _FIRST_FEW.get(point, 60)),
        lasts=chance.uniform(0, _START_UP) if from_birth else lasts,
        from_birth=from_birth,
        in_order=point == KILL_AT_RANDOM and not from_birth and chance.random() < 0.06,
        backup=chance.choice((0.0, chance.uniform(*_PROGRAM))) if backup else None,
        restore=chance.choice((0.0, chance.uniform(*_PROGRAM))) if restore else None,
        disk=Disk.FULL if dice < 0.02 else Disk.FULL_FOR_A_WHILE if dice < 0.06 else Disk.FINE,
        gateway=chance.choice(("drop", "reconnect", "invalidate")) if chance.random() < 0.1 else "",
        loss=chance.choice(KINDS) if chance.random() < _LOSSES else "",
        clock_wrong_by=chance.uniform(-_WRONG_CLOCK, _WRONG_CLOCK) if chance.random() < 0.02 else 0.0,
    )
