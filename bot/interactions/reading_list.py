"""Saves papers to a person's reading list, for the button *Save* and the commands that save."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.interactions.context import Interaction
from bot.model.papers import Paper
from bot.present import library


async def save_papers(interaction: Interaction, papers: Sequence[Paper]) -> discord.Embed:
    """Put *papers* on the person's reading list; return the answer that says what became of each."""
    bot, person = interaction.client, interaction.user.id
    most = bot.settings.limits.saved_papers
    before = {paper.id for paper in papers if await bot.store.library.get(person, paper.id)}
    added = set(await bot.store.library.save(person, papers, bot.clock(), most=most))
    return library.saved_embed(
        [paper for paper in papers if paper.id in added],
        [paper for paper in papers if paper.id in before],
        [paper.id for paper in papers if paper.id not in added | before],
    )
