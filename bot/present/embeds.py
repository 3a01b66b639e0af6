"""All embeds of the bot under one name; nothing outside `bot.present` builds one."""

from __future__ import annotations

from bot.present.digests import digest_embeds, issue_embeds, list_embeds, quiet_day_embed
from bot.present.help import ACKNOWLEDGEMENT, error_embed, help_embed
from bot.present.posts import mentions, paper_embed, plain_post, post_content
from bot.present.status import (
    FailedPost,
    HeldPlace,
    OverflowPlace,
    PausedPlace,
    StatusReport,
    status_embed,
)

__all__ = [
    "ACKNOWLEDGEMENT",
    "FailedPost",
    "HeldPlace",
    "OverflowPlace",
    "PausedPlace",
    "StatusReport",
    "digest_embeds",
    "error_embed",
    "help_embed",
    "issue_embeds",
    "list_embeds",
    "mentions",
    "paper_embed",
    "plain_post",
    "post_content",
    "quiet_day_embed",
    "status_embed",
]
