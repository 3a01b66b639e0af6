"""What commands and their options are called in each language, as Discord shows them to people.

Names are not sentences: the catalogues hold them in contexts of their own, so that `export` can be the name
of a command in one place and of a choice in another.
"""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Place
from discord.app_commands import TranslationContextTypes, locale_str

from bot import i18n
from bot.present.audience import AUTO

CONTEXTS = {
    Place.command_name: "command name",
    Place.group_name: "command name",
    Place.command_description: "command description",
    Place.group_description: "command description",
    Place.parameter_name: "option name",
    Place.parameter_description: "option description",
    Place.choice_name: "choice",
}


class Translator(app_commands.Translator):
    """Reads names and descriptions from the catalogues.

    A *language* that the configuration fixes is told for every locale: what the answers call a command is
    what people have to type.
    """

    def __init__(self, language: str = AUTO) -> None:
        self._fixed = None if language == AUTO else language

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """Return what *string* is called where *locale* is set; None where that is as in English."""
        with i18n.in_language(self._fixed or i18n.nearest(locale.value)):
            called = i18n.pgettext(CONTEXTS.get(context.location, "other"), string.message)
        return called if called != string.message else None
