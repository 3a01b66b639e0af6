"""Foreign text in Discord's Markdown: papers, keywords and queries are shown as they are, and do nothing.

Discord's parser removes a backslash before any punctuation, so that is how Markdown is escaped. What could be
taken for a mention gets a zero-width space as well: a server's mention parser knows no backslash.
"""

from __future__ import annotations

import re
import unicodedata

_BLANK = "\u200b"
# Directional overrides reverse the rest of a message; lone surrogates cannot be sent at all.
_UNWANTED = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ADDRESS = re.compile(r"<https?://[^\s<>]+>|https?://[^\s<>]+", re.IGNORECASE)
_LINE_START = re.compile(r"(?P<number>\d{1,9})(?P<dot>[.)](?=\s|$))|(?P<mark>[>#+-])")
_SPECIAL = re.compile(
    r"(?P<mark>[\\*_~|`\[\]])"
    r"|(?P<mention>@(?=everyone|here|[!&]?\d))"
    r"|(?P<angle><(?=[@#/:]|a:|t:|id:))"
    r"|(?P<emoji>:(?=[A-Za-z0-9_+~-]{1,64}:))",
    re.IGNORECASE,
)
_BRACKETS = str.maketrans("[]", "［］")
_IN_ADDRESS = {character: f"%{ord(character):02X}" for character in "()<>[]\\`|*@\"' "}


def clean(text: str) -> str:
    """Return *text* on one line: white space collapsed, control characters and directional marks gone."""
    text = _UNWANTED.sub("", text)
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
    return " ".join(text.split())


def escape(text: str) -> str:
    """Return *text* on one line so that Discord shows it as it is.

    No bold, italics, strike-through, spoiler, code, heading, list, quote, masked link, emoji, timestamp or
    mention comes out of it. A bare address stays clickable and unchanged.
    """
    text = clean(text)
    parts: list[str] = []
    at = 0
    for address in _ADDRESS.finditer(text):
        parts += (_escape(text[at : address.start()], start=at == 0), _bare(address[0]))
        at = address.end()
    parts.append(_escape(text[at:], start=at == 0))
    return "".join(parts)


def label(text: str) -> str:
    """Return *text* for the brackets of a masked link.

    Discord's parser ends the label at an odd bracket even where it is escaped, and refuses labels that look
    like an address: brackets become full-width ones, and addresses lose their colon's grip.
    """
    text = re.sub(r"(https?:)(?=//)", rf"\1{_BLANK}", clean(text).translate(_BRACKETS), flags=re.IGNORECASE)
    return _escape(text, start=True)


def link(text: str, url: str) -> str:
    """Return a masked link that shows *text* and leads to *url*."""
    return f"[{label(text) or 'link'}]({address(url)})"


def address(url: str) -> str:
    """Return *url* so that it ends where it ends: parentheses, quotes and blanks are percent-encoded."""
    return "".join(_IN_ADDRESS.get(character, character) for character in clean(url))


def code(text: str) -> str:
    """Return *text* as inline code; its backticks become apostrophes that look alike."""
    return f"`{clean(text).replace('`', 'ˋ') or ' '}`"


def code_block(text: str) -> str:
    """Return the lines of *text* as a block of code that nothing in them can end."""
    return f"```\n{text.replace('`', 'ˋ')}\n```"


def _bare(url: str) -> str:
    """An address as it is, but for the two words that a server would take for a mention."""
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
