"""Escapes foreign text, such as titles and keywords, so that Discord's Markdown shows it literally.

A backslash escapes any punctuation. Possible mentions also get a zero-width space, because Discord looks for
mentions before it looks for backslashes.
"""

from __future__ import annotations

import re

from bot.model.foreign_text import clean_text

_BLANK = "\u200b"
_ADDRESS = re.compile(r"<https?://[^\s<>]+>|https?://[^\s<>]+", re.IGNORECASE)
_LINE_START = re.compile(r"(?P<number>\d{1,9})(?P<dot>[.)](?=\s|$))|(?P<mark>[>#+-])")
_SPECIAL = re.compile(
    r"(?P<mark>[\\*_~|`\[\]])"
    r"|(?P<mention>@(?=everyone|here|[!&]?\d))"
    r"|(?P<angle><(?=[@#/:]|a:|t:|id:))"
    r"|(?P<emoji>:(?=[A-Za-z0-9_+~-]{1,64}:))",
    re.IGNORECASE,
)
_LOOK_ALIKES = str.maketrans("[]*_~|`\\", "［］∗ˍ∼∣ˋ∖")
_ACTIVE = re.compile(
    r"@(?=everyone|here|[!&]?\d)|<(?=[@#/:]|a:|t:|id:)|:(?=[A-Za-z0-9_+-]{1,64}:)", re.IGNORECASE
)
_IN_ADDRESS = {character: f"%{ord(character):02X}" for character in "()<>[]\\`|*@\"' "}


def clean(text: str) -> str:
    """Return *text* on one line, without what cannot be seen, as `clean_text` does."""
    return clean_text(text)


def escape(text: str) -> str:
    """Return *text* on one line, escaped so that Discord shows it literally.

    It produces no formatting, heading, list, quote, code, masked link, emoji, timestamp or mention. A bare
    address stays clickable and unchanged.
    """
    text = clean(text)
    parts: list[str] = []
    at = 0
    for address in _ADDRESS.finditer(text):
        parts += (_escape(text[at : address.start()], start=at == 0), _bare(address[0]))
        at = address.end()
    parts.append(_escape(text[at:], start=at == 0))
    return "".join(parts)


def escape_inside(part: str) -> str:
    """Return *part*, a piece of a longer text, as `escape` does, but keep a space at either end."""
    escaped = escape(part)
    left = " " if part[:1].isspace() else ""
    right = " " if part[-1:].isspace() and escaped else ""
    return f"{left}{escaped}{right}"


def label(text: str) -> str:
    """Return *text* for the label of a masked link, with look-alikes for Markdown's signs.

    Discord shows a backslash in a label, ends a label at an unbalanced bracket even if it is escaped, and
    rejects labels that look like an address. So there is no escaping: each sign becomes one that looks
    like it, and a zero-width space splits addresses, mentions and emoji.
    """
    text = re.sub(r"(https?:)(?=//)", rf"\1{_BLANK}", clean(text), flags=re.IGNORECASE)
    return _ACTIVE.sub(lambda sign: f"{sign[0]}{_BLANK}", text.translate(_LOOK_ALIKES))


def link(text: str, url: str) -> str:
    """Return a masked link to *url* with the label *text*."""
    return f"[{label(text) or 'link'}]({address(url)})"


def address(url: str) -> str:
    """Return *url* with parentheses, quotes and spaces percent-encoded, so that none ends the link."""
    return "".join(_IN_ADDRESS.get(character, character) for character in clean(url))


def code(text: str) -> str:
    """Return *text* as inline code; a similar character replaces its backticks."""
    return f"`{clean(text).replace('`', 'ˋ') or ' '}`"


def code_block(text: str) -> str:
    """Return *text* as a code block; a similar character replaces backticks, which could end it."""
    return f"```\n{text.replace('`', 'ˋ')}\n```"


def _bare(url: str) -> str:
    """Return *url* unchanged except for `@everyone` and `@here`, which would be mentions."""
    return re.sub("@(?=everyone|here)", "%40", url, flags=re.IGNORECASE)


def _escape(text: str, *, start: bool) -> str:
    if start:
        match = _LINE_START.match(text)
        if match:
            head = f"\\{match['mark']}" if match["mark"] else f"{match['number']}\\{match['dot']}"
            return head + _escape(text[match.end() :], start=False)
    return _SPECIAL.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    if match["mark"]:
        return "\\" + match["mark"]
    if match["emoji"]:
        return "\\:"
    return f"@{_BLANK}" if match["mention"] else f"\\<{_BLANK}"
