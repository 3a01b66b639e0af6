"""Discord's objects as JSON: users, guilds, channels, messages, interactions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

EPOCH_MS = 1_420_070_400_000

TEXT, DM, NEWS, NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 5, 10, 11, 12, 15
THREADS = {NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD}

MANAGE_CHANNELS = 1 << 4
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
SEND_MESSAGES_IN_THREADS = 1 << 38
EVERYTHING = (1 << 53) - 1


def stamp(seconds: float) -> str:
    """Return a Unix time in Discord's timestamp format."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def user(user_id: int, name: str, *, bot: bool = False) -> dict[str, Any]:
    return {
        "id": str(user_id),
        "username": name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": bot,
        "flags": 0,
        "public_flags": 0,
    }


def member(account: dict[str, Any], roles: list[int], *, permissions: int | None = None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "user": account,
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(role) for role in roles],
        "joined_at": stamp(1_700_000_000),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    if permissions is not None:
        data["permissions"] = str(permissions)
    return data


def role(role_id: int, name: str, permissions: int, position: int = 1) -> dict[str, Any]:
    return {
        "id": str(role_id),
        "name": name,
        "permissions": str(permissions),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": True,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def guild(guild_id: int, name: str, owner_id: int) -> dict[str, Any]:
    return {
        "id": str(guild_id),
        "name": name,
        "owner_id": str(owner_id),
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "nsfw": False,
        "large": False,
        "unavailable": False,
        "member_count": 2,
        "joined_at": stamp(1_700_000_000),
        "members": [],
        "channels": [],
        "threads": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def channel(channel_id: int, kind: int, name: str, guild_id: int, **extra: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": str(channel_id),
        "type": kind,
        "guild_id": str(guild_id),
        "name": name,
        "flags": 0,
        "last_message_id": None,
        "rate_limit_per_user": 0,
    }
    if kind in THREADS:
        data |= {
            "member_count": 1,
            "message_count": 0,
            "total_message_sent": 0,
            "applied_tags": [],
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": stamp(1_700_000_000),
                "locked": False,
                "create_timestamp": stamp(1_700_000_000),
            },
        }
    else:
        data |= {"position": 0, "parent_id": None, "topic": None, "nsfw": False, "permission_overwrites": []}
    if kind == FORUM:
        data |= {
            "available_tags": [],
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
            "template": "",
        }
    return data | extra


def message(
    message_id: int,
    channel_id: int,
    author: dict[str, Any],
    body: dict[str, Any],
    *,
    at: float,
    webhook_id: int | None = None,
) -> dict[str, Any]:
    """Return the message that *body* creates, with embeds completed as Discord does."""
    data: dict[str, Any] = {
        "id": str(message_id),
        "channel_id": str(channel_id),
        "author": author,
        "content": body.get("content") or "",
        "timestamp": stamp(at),
        "edited_timestamp": None,
        "tts": bool(body.get("tts")),
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [{"type": "rich"} | embed for embed in body.get("embeds") or []],
        "components": body.get("components") or [],
        "pinned": False,
        "type": 0,
        "flags": int(body.get("flags") or 0),
    }
    if "nonce" in body:
        data["nonce"] = body["nonce"]
    if webhook_id is not None:
        data |= {"webhook_id": str(webhook_id), "application_id": str(webhook_id)}
    if reference := body.get("message_reference"):
        where = {"channel_id": str(channel_id), "message_id": reference["message_id"]}
        data |= {"type": 19, "message_reference": where}
    return data
