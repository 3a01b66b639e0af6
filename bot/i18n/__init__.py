"""Translation: catalogues, plurals, dates, numbers and lists in each language that the bot supports.

It writes no sentence itself: sentences stand in the code that says them, and their translations in
`bot/i18n/LANGUAGE.po`, a gettext catalogue named after a Discord locale.

    from bot.i18n import gettext as _, ngettext

    _("No subscriptions in {where} yet.").format(where=where)
    ngettext("{count} paper", "{count} papers", count).format(count=format_number(count))
"""

from __future__ import annotations

from bot.i18n.catalogues import all_translations, gettext, gettext_noop, ngettext, pgettext
from bot.i18n.formats import (
    format_date,
    format_day,
    format_day_and_month,
    format_duration,
    format_list,
    format_number,
    join_sentences,
)
from bot.i18n.language import (
    ENGLISH,
    babel_locale,
    current_language,
    in_language,
    languages,
    nearest,
    use_language,
)

__all__ = [
    "ENGLISH",
    "all_translations",
    "babel_locale",
    "current_language",
    "format_date",
    "format_day",
    "format_day_and_month",
    "format_duration",
    "format_list",
    "format_number",
    "gettext",
    "gettext_noop",
    "in_language",
    "join_sentences",
    "languages",
    "nearest",
    "ngettext",
    "pgettext",
    "use_language",
]
