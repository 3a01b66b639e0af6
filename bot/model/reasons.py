"""Why a channel gets no papers: written down in English, told in the language of who reads it (pure).

A reason is stored when a channel stops and read much later, by people of several languages and by the log. So
what is stored is the English sentence, and `told` finds out which one it is.
"""

from __future__ import annotations

import re
from functools import cache

from bot import i18n
from bot.i18n import format_list, gettext_noop
from bot.i18n import gettext as _

GONE = gettext_noop("The channel no longer exists.")
SERVER_GONE = gettext_noop("The server no longer exists, or I am no longer in it.")
KICKED = gettext_noop("I was removed from the server.")
LOCKED = gettext_noop("The thread is locked.")
LOCKED_WITHOUT_RIGHT = gettext_noop(
    "The thread is locked: unlock it, or give me the permission Manage Threads."
)
ARCHIVED = gettext_noop("The thread is archived, and I may not open it again.")
UNSEEN = gettext_noop("I cannot see the channel: give me the permission View Channel.")
NO_MESSAGES = gettext_noop("This person does not accept direct messages from me.")
NOT_ALLOWED = gettext_noop(
    "I am not allowed to post here: give me the permissions Send Messages (in threads: Send Messages in "
    "Threads) and Embed Links."
)
UNWANTED = gettext_noop("nothing in this channel asks for it any more")
REFUSED = gettext_noop("Discord does not let me post here ({error}).")
_LACKS = gettext_noop(
    "I lack the permission {missing}: give it to me in the channel's settings under Permissions."
)
_LACKS_MORE = gettext_noop(
    "I lack the permission {missing} (and need {later}): give it to me in the channel's settings under "
    "Permissions."
)
_LACKS_ABOVE = gettext_noop(
    "I lack the permission {missing}: give it to me in the settings of the channel above the thread under "
    "Permissions."
)
_LACKS_MORE_ABOVE = gettext_noop(
    "I lack the permission {missing} (and need {later}): give it to me in the settings of the channel above "
    "the thread under Permissions."
)
_FIXED = (
    GONE,
    SERVER_GONE,
    KICKED,
    LOCKED,
    LOCKED_WITHOUT_RIGHT,
    ARCHIVED,
    UNSEEN,
    NO_MESSAGES,
    NOT_ALLOWED,
    UNWANTED,
)
_FILLED = (_LACKS_MORE_ABOVE, _LACKS_ABOVE, _LACKS_MORE, _LACKS, REFUSED)  # the longer ones first

# TRANSLATORS: a right as Discord calls it, here and below; in quotes where a list of them needs those
VIEW_CHANNEL = gettext_noop("View Channel")
SEND_MESSAGES = gettext_noop("Send Messages")
SEND_IN_THREADS = gettext_noop("Send Messages in Threads")
CREATE_POSTS = gettext_noop("Create Posts")
EMBED_LINKS = gettext_noop("Embed Links")


def lacking(missing: str, later: list[str], *, above: bool) -> str:
    """Return that the right *missing* is, and those *later* are needed; *above*: it is set above a thread."""
    one, several = (_LACKS_ABOVE, _LACKS_MORE_ABOVE) if above else (_LACKS, _LACKS_MORE)
    if not later:
        return one.format(missing=missing)
    with i18n.in_language(i18n.ENGLISH):
        return several.format(missing=missing, later=format_list(later))


def told(reason: str) -> str:
    """Return a stored *reason* in the language spoken; one that is not known, as it is."""
    if reason in _FIXED:
        return _(reason)
    for template in _FILLED:
        if found := _pattern(template).fullmatch(reason):
            facts = found.groupdict()
            return _(template).format(**{name: _shown(name, value) for name, value in facts.items()})
    return reason


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template)), re.DOTALL)


def _shown(name: str, value: str) -> str:
    """Return what fills a template: rights by their name in the language, anything else as it is."""
    return value if name == "error" else format_list([_(right) for right in re.split(r", | and ", value)])
