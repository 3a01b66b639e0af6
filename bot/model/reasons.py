"""Why a channel gets no papers: written down in English, told in the language of who reads it (pure).

A reason is stored when a channel stops and read much later, by people of several languages and by the log. So
what is stored is the English sentence, and `told` finds out which one it is.
"""

from __future__ import annotations

import re
from functools import cache

from bot import i18n
from bot.i18n import gettext as _
from bot.i18n import listed, marked

GONE = marked("The channel no longer exists.")
SERVER_GONE = marked("The server no longer exists, or I am no longer in it.")
KICKED = marked("I was removed from the server.")
LOCKED = marked("The thread is locked.")
LOCKED_WITHOUT_RIGHT = marked("The thread is locked: unlock it, or give me the permission Manage Threads.")
ARCHIVED = marked("The thread is archived, and I may not open it again.")
UNSEEN = marked("I cannot see the channel: give me the permission View Channel.")
NO_MESSAGES = marked("This person does not accept direct messages from me.")
NOT_ALLOWED = marked(
    "I am not allowed to post here: give me the permissions Send Messages (in threads: Send Messages in "
    "Threads) and Embed Links."
)
UNWANTED = marked("nothing in this channel asks for it any more")
REFUSED = marked("Discord does not let me post here ({error}).")
_LACKS = marked("I lack the permission {missing}: give it to me in the channel's settings under Permissions.")
_LACKS_MORE = marked(
    "I lack the permission {missing} (and need {later}): give it to me in the channel's settings under "
    "Permissions."
)
_LACKS_ABOVE = marked(
    "I lack the permission {missing}: give it to me in the settings of the channel above the thread under "
    "Permissions."
)
_LACKS_MORE_ABOVE = marked(
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
VIEW_CHANNEL = marked("View Channel")
SEND_MESSAGES = marked("Send Messages")
SEND_IN_THREADS = marked("Send Messages in Threads")
CREATE_POSTS = marked("Create Posts")
EMBED_LINKS = marked("Embed Links")


def lacking(missing: str, later: list[str], *, above: bool) -> str:
    """Return that the right *missing* is, and those *later* are needed; *above*: it is set above a thread."""
    one, several = (_LACKS_ABOVE, _LACKS_MORE_ABOVE) if above else (_LACKS, _LACKS_MORE)
    if not later:
        return one.format(missing=missing)
    with i18n.speaking(i18n.ENGLISH):
        return several.format(missing=missing, later=listed(later))


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
    return value if name == "error" else listed([_(right) for right in re.split(r", | and ", value)])
