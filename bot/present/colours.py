"""The colours of embeds, as 0xRRGGBB. Those of papers are in `bot.present.categories`."""

from __future__ import annotations

ARXIV_RED = 0xB31B1B
GOLD = 0xF0B132
"""Close to what people save, and on nothing else."""
BLURPLE = 0x5865F2
"""Discord's own."""
ORANGE = 0xE67E22
"""Somebody has to decide."""
GREEN, AMBER, RED, GREY = 0x2ECC71, 0xD99A1C, 0xC23B3B, 0x80848E
"""Done or well, doubtful, wrong, and empty."""
