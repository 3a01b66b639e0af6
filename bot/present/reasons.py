"""A stored reason as a sentence in the language spoken."""

from __future__ import annotations

from bot import i18n
from bot.i18n import format_list, gettext_noop
from bot.i18n import gettext as _
from bot.model.reasons import ChannelKind, Permission, Reason, ReasonCode

_SENTENCES = {
    ReasonCode.CHANNEL_DELETED: gettext_noop("The channel was deleted."),
    ReasonCode.SERVER_UNKNOWN: gettext_noop("The server was deleted, or I am no longer a member of it."),
    ReasonCode.BOT_REMOVED: gettext_noop("I was removed from the server."),
    ReasonCode.THREAD_LOCKED: gettext_noop(
        "The thread is locked. Unlock it, or grant me the Manage Threads permission."
    ),
    ReasonCode.THREAD_ARCHIVED: gettext_noop("The thread is archived, and I am not allowed to reopen it."),
    ReasonCode.CHANNEL_HIDDEN: gettext_noop(
        "I cannot see the channel. Grant me the View Channel permission."
    ),
    ReasonCode.NOT_ALLOWED: gettext_noop(
        "I am not allowed to post here. Grant me the permissions Send Messages (in threads: Send Messages in "
        "Threads) and Embed Links."
    ),
    ReasonCode.DIRECT_MESSAGES_CLOSED: gettext_noop("This person does not accept direct messages from me."),
    ReasonCode.POSTING_REFUSED: gettext_noop("Discord does not let me post here ({answer})."),
    ReasonCode.DISCORD_ERROR: "{answer}",
    ReasonCode.RATE_LIMITED: gettext_noop("Discord asked me to send more slowly."),
    ReasonCode.NO_RESPONSE: gettext_noop("Discord did not respond in time."),
    ReasonCode.CONNECTION_FAILED: gettext_noop("The connection to Discord failed ({detail})."),
    ReasonCode.ANSWER_UNREADABLE: gettext_noop("Discord's response could not be read ({detail})."),
    ReasonCode.NOT_WRITTEN: gettext_noop("The message could not be written ({detail})."),
    ReasonCode.NO_SUBSCRIPTION: gettext_noop("No subscription in this channel wants this paper anymore."),
    ReasonCode.TOKEN_REFUSED: gettext_noop("Discord no longer accepts my token."),
    ReasonCode.NO_RECIPIENT: gettext_noop("There was nobody to notify."),
    ReasonCode.WITHDRAWN: gettext_noop("The notice was no longer needed."),
    ReasonCode.OTHER: "{detail}",
}
_MISSING = gettext_noop(
    "I do not have the {missing} permission. Grant it in the channel's settings, under Permissions."
)
_MISSING_AND_MORE = gettext_noop(
    "I do not have the {missing} permission (I also need {others}). Grant it in the channel's settings, "
    "under Permissions."
)
_MISSING_IN_THREAD = gettext_noop(
    "I do not have the {missing} permission. Grant it in the settings of the thread's parent channel, under "
    "Permissions."
)
_MISSING_AND_MORE_IN_THREAD = gettext_noop(
    "I do not have the {missing} permission (I also need {others}). Grant it in the settings of the thread's "
    "parent channel, under Permissions."
)
_PERMISSIONS = {
    # TRANSLATORS: a permission as Discord's settings call it, here and below; in quotes where a list of them
    # needs those
    Permission.VIEW_CHANNEL: gettext_noop("View Channel"),
    Permission.SEND_MESSAGES: gettext_noop("Send Messages"),
    Permission.SEND_MESSAGES_IN_THREADS: gettext_noop("Send Messages in Threads"),
    Permission.EMBED_LINKS: gettext_noop("Embed Links"),
}
_CREATE_POSTS = gettext_noop("Create Posts")


def reason_in_words(reason: Reason | None) -> str:
    """Return *reason* as a sentence without Markdown, "" for None; somebody else's words stay as they are."""
    if reason is None:
        return ""
    if reason.code is ReasonCode.PERMISSION_MISSING:
        return _missing(reason)
    return _(_SENTENCES[reason.code]).format(answer=_answer(reason), detail=reason.detail)


def reason_in_english(reason: Reason | None) -> str:
    """Return *reason* as a sentence for the log, whatever language is spoken."""
    with i18n.in_language(i18n.ENGLISH):
        return reason_in_words(reason)


def permission_name(permission: Permission, kind: ChannelKind) -> str:
    """Return what Discord's settings call *permission* in a channel of this *kind*."""
    if kind is ChannelKind.FORUM and permission is Permission.SEND_MESSAGES:
        return _(_CREATE_POSTS)
    return _(_PERMISSIONS[permission])


def _missing(reason: Reason) -> str:
    missing, *others = [permission_name(each, reason.kind) for each in reason.permissions]
    if reason.kind is ChannelKind.THREAD:
        sentence = _MISSING_AND_MORE_IN_THREAD if others else _MISSING_IN_THREAD
    else:
        sentence = _MISSING_AND_MORE if others else _MISSING
    return _(sentence).format(missing=missing, others=format_list(others) if others else "")


def _answer(reason: Reason) -> str:
    """Return what Discord answered, without a full stop: it may be part of a sentence."""
    if not reason.detail:
        answer = _("Discord responded with HTTP {status}")
    elif not reason.error:
        answer = _("Discord responded with HTTP {status}: {detail}")
    else:
        answer = _("Discord responded with HTTP {status}, error {error}: {detail}")
    return answer.format(status=reason.status, error=reason.error, detail=reason.detail)
