"""How the keyword of a subscription is shown."""

from __future__ import annotations

from bot.present import limits
from bot.present.markdown import escape

_SHOWN = 150


def shown_keyword(keyword: str) -> str:
    """Return *keyword* in Discord's Markdown, cut to what fits a title or a heading with other words."""
    return limits.cut(escape(keyword), _SHOWN)
