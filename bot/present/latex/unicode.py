r"""Converts LaTeX in titles and abstracts to readable Unicode.

arXiv's feed converts accents and Greek letters and leaves the rest: `$O(n^2)$`, `H$_2$O`,
`\textit{in vitro}`, `Fig.~5`. pylatexenc knows the symbols, but its parser is not used, because abstracts are
not LaTeX documents: a dollar may be money, a tilde may mean “about”, an underscore may belong to a name, and
an author's macro has no definition. `to_unicode` accepts any text, never raises, and takes linear time.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache

from bot.present.latex import shapes
from bot.present.latex import symbols as tex
from bot.present.latex.markup import read_markup

_TOKEN = re.compile(
    r"(?P<address>https?://(?:\\[_%#&~]|[^\s\\{}$<>])+)"
    r"|\\(?P<command>[A-Za-z]+|.)"
    r"|(?P<dollars>\$\$?)"
    r"|(?P<mark>[\\{}^_~`'-])"
    r"|(?P<plain>h?[^\\${}^_~`'h-]+|h)",
    re.DOTALL,
)
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_POWER = re.compile(r"([-+]?\d{1,4})(?!\w)|\(([-+]?\d{1,4})\)")
_DEGREES = re.compile(r"\{\\circ\}|\\circ(?![A-Za-z])|[∘◦]")
_SHORT_GROUP = re.compile(r"\{([^{}\\$\s]{1,12})\}")
_DASHES = re.compile("-+")
_GROUPS_OR_COMMANDS = re.compile(r"\{[^{}]*\}|\\[A-Za-z]+")
_PROSE = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,}[,;:.]?\s+(?:[A-Za-z]+[,;:.]?\s+)?[A-Za-z]{3,}")
_LONGEST_FORMULA = 1000
_DEEPEST = 24
# Marks a removed citation, until the space or the parentheses around it are removed too.
_REMOVED = "\ue000"
_AROUND_REMOVED = re.compile(rf" ?\({_REMOVED}\)| ?\[{_REMOVED}\]| ?{_REMOVED}")


# A post shows its title in several forms, and a paper goes to many channels in a row.
@lru_cache(maxsize=256)
def to_unicode(text: str) -> str:
    """Return *text* with LaTeX and HTML as Unicode and white space collapsed; nothing else changes."""
    text = " ".join(read_markup(text).replace(_REMOVED, "").split())
    if not any(mark in text for mark in "\\$^~`{") and "--" not in text:
        return text
    converted = " ".join(_Converter(text).convert(0, len(text)).split())
    return unicodedata.normalize("NFC", _AROUND_REMOVED.sub("", converted)).strip()


class _Converter:
    """Converts one text. Positions are indexes into it; methods that consume text also return the next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._closing = _matching_braces(text)
        self._signs: dict[str, list[int]] = {}  # where each sign that closes a formula stands
        self._quotes = 0

    def convert(self, at: int, end: int, *, math: bool = False, depth: int = 0) -> str:
        """Return the text between *at* and *end*, converted as mathematics or as prose."""
        if depth > _DEEPEST:
            return re.sub(r"[\\{}$]", "", self._text[at:end])
        out: list[str] = []
        before = ""
        while at < end and (token := _TOKEN.match(self._text, at, end)):
            at = token.end()
            if token["plain"]:
                shown = token["plain"]
            elif token["command"]:
                shown, at = self._command(token["command"], at, end, math=math, depth=depth, before=before)
            elif token["address"]:
                shown = re.sub(r"\\(.)", r"\1", token["address"])
            elif token["dollars"]:
                shown, at = self._dollars(token["dollars"], at, end, math=math, depth=depth)
            elif math:
                shown, at = self._math_mark(token["mark"], at, end, depth=depth)
            else:
                shown, at = self._text_mark(token["mark"], at, end, depth=depth, before=before)
            out.append(shown)
            before = shown[-1:] or before
        return "".join(out)

    # -- where mathematics begins ---------------------------------------------------------------------------

    def _dollars(self, sign: str, at: int, end: int, *, math: bool, depth: int) -> tuple[str, int]:
        if math:
            return "", at
        close = self._find(sign, at, end)
        if close < 0 or not self._is_formula(at, close, close + len(sign)):
            return sign, at
        return self._formula(at, close, depth), close + len(sign)

    def _is_formula(self, at: int, close: int, after: int) -> bool:
        """Tell whether the text between two dollars is a formula rather than words between two prices."""
        formula = self._text[at:close]
        bare = _GROUPS_OR_COMMANDS.sub(" ", formula)
        if not formula.strip() or _PROSE.search(bare):
            return False
        plain = not re.search(r"[\\^_=<>|+*/{}]", formula)
        if formula[0].isdigit() and plain:
            return not (self._text[after : after + 1].isdigit() or formula[-1].isspace())
        if formula[0].isdigit():  # `$5/hr and $x$`: a price for an hour is not a fraction
            plain = not re.search(r"[\\^_{}]", formula)
        lopsided = formula[0].isspace() != formula[-1].isspace()
        return not (plain and lopsided and re.search(r"[A-Za-z]{2}", formula))

    def _formula(self, at: int, end: int, depth: int) -> str:
        return self.convert(at, end, math=True, depth=depth + 1).strip()

    def _find(self, sign: str, at: int, end: int) -> int:
        """Return the first position of *sign* that may close a formula begun at *at*, -1 if there is none."""
        if sign not in self._signs:
            escaped = r"(?<!\\)" if sign[0] == "$" else ""
            found = re.finditer(f"{escaped}(?={re.escape(sign)})", self._text)
            self._signs[sign] = [match.start() for match in found]
        positions = self._signs[sign]
        following = bisect_left(positions, at)
        end = min(end, at + _LONGEST_FORMULA) - len(sign)
        return positions[following] if following < len(positions) and positions[following] <= end else -1

    # -- single characters ----------------------------------------------------------------------------------

    def _text_mark(self, mark: str, at: int, end: int, *, depth: int, before: str) -> tuple[str, int]:
        following = self._text[at : min(at + 1, end)]
        if mark == "{":
            return self._text_group(at, end, depth, before)
        if mark in "^_":
            return self._text_script(mark, at, end, before)
        if mark == "~":
            tied = (before.isalnum() or before in tuple(".,;:)]")) and not following.isspace()
            return " " if tied and not (before.isdigit() and following.isdigit()) else mark, at
        if mark in "`'" and following == mark and (mark == "`" or self._quotes > 0):
            self._quotes += 1 if mark == "`" else -1
            return "“" if mark == "`" else "”", at + 1
        if mark == "-" and (dashes := _DASHES.match(self._text, at - 1, end)):
            return {2: "–", 3: "—"}.get(len(dashes[0]), dashes[0]), dashes.end()
        return mark, at

    def _text_script(self, mark: str, at: int, end: int, before: str) -> tuple[str, int]:
        """Convert a superscript or subscript in prose; anything else may be part of a name, and stays."""
        if not (before.isalnum() or before in tuple(")|")):
            return mark, at
        raised = mark == "^"
        power = _POWER.match(self._text, at, end) if raised else None
        if script := _SHORT_GROUP.match(self._text, at, end) or power:
            return shapes.script(script[script.lastindex or 0], raised=raised), script.end()
        if raised and (degrees := _DEGREES.match(self._text, at, end)):
            return "°", degrees.end()
        return mark, at

    def _text_group(self, at: int, end: int, depth: int, before: str) -> tuple[str, int]:
        r"""Convert a group in prose: `{\bf x}`, `Schr{ö}dinger`, `1{,}000` lose their braces, sets do not."""
        close = self._closing.get(at - 1, end)
        if close >= end:
            return "{", at
        inner = self.convert(at, close, depth=depth + 1)
        after = self._text[close + 1 : min(close + 2, end)]
        within = before.isalnum() and after.isalnum() and (inner in tuple(",.-/") or inner.isalpha())
        is_tex = close == at or self._text[at] == "\\" or within
        return inner if is_tex else f"{{{inner}}}", close + 1

    def _math_mark(self, mark: str, at: int, end: int, *, depth: int) -> tuple[str, int]:
        if mark in "^_":
            nothing_before = self._text[max(at - 3, 0) : at - 1] == "{}"  # `{}_{ΛΛ}^4n`, a nucleus
            text, at = self._argument(at, end, math=True, depth=depth)
            script = shapes.script(text, raised=mark == "^")
            return script.removeprefix(mark) if nothing_before else script, at
        if mark == "{" and (close := self._closing.get(at - 1, end)) < end:
            return self.convert(at, close, math=True, depth=depth + 1), close + 1
        return {"'": "′", "~": " ", "{": "", "}": ""}.get(mark, mark), at

    # -- commands -------------------------------------------------------------------------------------------

    def _command(
        self, name: str, at: int, end: int, *, math: bool, depth: int, before: str
    ) -> tuple[str, int]:
        if not (name.isalpha() and name.isascii()):
            return self._sign(name, at, end, math=math, depth=depth)
        if name in tex.SILENT:
            return "", self._after_switch(name, at, end)
        if name in tex.TEXT_WRAPPERS:
            as_math = math and not name.startswith(("text", "mbox", "hbox", "emph"))
            return self._argument(at, end, math=as_math, depth=depth)
        if (shown := self._shaped(name, at, end, math=math, depth=depth, before=before)) is not None:
            return shown
        if (shape := tex.symbol(name)) is not None:
            return self._spaced(name, shape, at, end, math=math, before=before)
        return self._unknown(name, at, end, math=math, depth=depth)

    def _sign(self, sign: str, at: int, end: int, *, math: bool, depth: int) -> tuple[str, int]:
        """Convert a command of one non-letter: a formula's bracket, an accent, an escape."""
        if sign in "([" and (close := self._find("\\)" if sign == "(" else "\\]", at, end)) >= 0:
            return self._formula(at, close, depth), close + 2
        if sign in tex.ACCENTS and not math and not (sign == '"' and self._ends_word(at)):
            text, at = self._argument(at, end, math=False, depth=depth)
            return shapes.accented(text, tex.ACCENTS[sign]), at
        if sign == "\\":
            at = self._option(at, end)[1]
        return tex.CHARACTERS.get(sign, "‖" if sign == "|" and math else sign), at

    def _shaped(
        self, name: str, at: int, end: int, *, math: bool, depth: int, before: str
    ) -> tuple[str, int] | None:
        """Convert a command with arguments, such as a fraction; return None if *name* is not one."""
        if name in tex.CITATIONS or name in tex.DROPPED:
            at = self._group(self._option(at, end)[1], end)[1]
            return _REMOVED if name in tex.CITATIONS else " ", at
        if (restyle := self._restyling(name, at, math=math)) is not None:
            text, at = self._argument(at, end, math=math or name not in tex.ACCENTS, depth=depth)
            return restyle(text), at
        if name in tex.RAW_ARGUMENTS:
            return self._raw(name, at, end, depth)
        if name not in tex.ARGUMENTS:
            return None
        option, at = self._option(at, end)
        if name in tex.TWO_OPTIONS:
            at = self._option(at, end)[1]
        arguments = []
        for _ in range(tex.ARGUMENTS[name]):
            text, at = self._argument(at, end, math=math and name not in tex.PROSE_ARGUMENTS, depth=depth)
            arguments.append(text)
        if name in tex.IN_ONE_GROUP_OR_TWO and self._text[at : min(at + 1, end)] == "{":
            text, at = self._argument(at, end, math=math, depth=depth)
            arguments = [f"{arguments[0]}|{text}"]
        return shapes.command(name, arguments, option, before), at

    def _restyling(self, name: str, at: int, *, math: bool) -> Callable[[str], str] | None:
        """Return the function that changes the look of the argument of *name*; None if it does not."""
        if name in tex.ALPHABETS:
            return lambda text: tex.in_alphabet(text, tex.ALPHABETS[name])
        if name in tex.MATH_ACCENTS:
            return lambda text: shapes.math_accented(text, tex.MATH_ACCENTS[name])
        if name in tex.ACCENTS and not math and self._takes_letter(at):
            return lambda text: shapes.accented(text, tex.ACCENTS[name])
        return None

    def _raw(self, name: str, at: int, end: int, depth: int) -> tuple[str, int]:
        """Convert a command whose first argument is an address, a unit, a number or a chemical formula."""
        first, at = self._group(self._option(at, end)[1], end)
        plain = re.sub(r"\\(?=[_%#&~$])", "", first)
        if name == "href":
            text, at = self._argument(at, end, math=False, depth=depth)
            return (text if text.strip() in ("", plain) else f"{text} ({plain})") or plain, at
        if name in ("SI", "qty", "SIrange"):
            to, at = self._group(at, end) if name == "SIrange" else ("", at)
            units, at = self._group(at, end)
            return f"{plain}{'–' if to else ''}{to} {shapes.unit(units)}", at
        if name in ("si", "unit"):
            return shapes.unit(first), at
        if name == "unicode":
            return shapes.code_point(first), at
        return (shapes.chemical(first) if name == "ce" else plain), at

    def _spaced(
        self, name: str, shape: str, at: int, end: int, *, math: bool, before: str
    ) -> tuple[str, int]:
        """Return a symbol with spaces where a reader expects them, whatever TeX would do."""
        blank = at < end and self._text[at] == " "
        following = self._text[at + blank : min(at + blank + 1, end)]
        if not math:
            swallows = blank and name in tex.LETTERS and following.isalpha()
            return shape, at + swallows
        if name in tex.FUNCTIONS:
            left = " " if before.isalnum() else ""
            return f"{left}{shape}{' ' if following.isalnum() or following == chr(92) else ''}", at + blank
        if unicodedata.category(shape[-1]) == "Sm" or shape in tex.OPERATORS:
            wide = before.isspace() and (following.isalnum() or following in tuple("\\({[|+-−"))
            return shape + (" " if wide else ""), at + blank
        joined = unicodedata.category(shape[-1]) == "Ps" or (shape[-1].isalpha() and following.isalnum())
        return shape, at + (blank and joined)

    def _unknown(self, name: str, at: int, end: int, *, math: bool, depth: int) -> tuple[str, int]:
        """Convert an author's own macro to its arguments, or to its name if it has none."""
        if math and len(name) == 3 and name.startswith("rm"):
            return name[2], at
        contents = []
        while (close := self._closing.get(at, end)) < end:
            contents.append(self.convert(at + 1, close, math=math, depth=depth + 1))
            at = close + 1
        return " ".join(filter(None, contents)) or name, at

    # -- arguments ------------------------------------------------------------------------------------------

    def _argument(self, at: int, end: int, *, math: bool, depth: int) -> tuple[str, int]:
        """Convert a group, a command or a single character."""
        if depth > _DEEPEST:
            return "", at
        while at < end and self._text[at] == " ":
            at += 1
        if at >= end or self._text[at] in "}$":
            return "", at
        if self._text[at] == "{":
            close = self._closing.get(at, end)
            if close >= end:
                return "", at + 1
            return self.convert(at + 1, close, math=math, depth=depth + 1), close + 1
        token = _TOKEN.match(self._text, at, end)
        if token and token["command"]:
            return self._command(token["command"], token.end(), end, math=math, depth=depth + 1, before="")
        return self._text[at], at + 1

    def _group(self, at: int, end: int) -> tuple[str, int]:
        """Return the source of the group at *at*; "" if there is none."""
        close = self._closing.get(at, end)
        return (self._text[at + 1 : close], close + 1) if close < end else ("", at)

    def _option(self, at: int, end: int) -> tuple[str, int]:
        if at < end and self._text[at] == "[":
            close = self._text.find("]", at, min(end, at + 200))
            if close > 0:
                return self._text[at + 1 : close], close + 1
        return "", at

    def _takes_letter(self, at: int) -> bool:
        r"""Tell whether a letter follows: `\c c` and `\c{c}` are accents, `\c` alone is an author's macro."""
        following = self._text[at : at + 2]
        return following[:1] == "{" or (following[:1] == " " and following[1:].isalpha())

    def _ends_word(self, at: int) -> bool:
        r"""Tell whether `\"` ends a quotation: a space follows, and no letter that has an umlaut."""
        following = self._text[at : at + 2]
        return following[:1] == " " and following[1:] not in shapes.UMLAUTS

    def _after_switch(self, name: str, at: int, end: int) -> int:
        while at < end and self._text[at] == " ":
            at += 1
        is_empty_delimiter = name in ("left", "right") and self._text[at : min(at + 1, end)] == "."
        return at + is_empty_delimiter


def _matching_braces(text: str) -> dict[int, int]:
    """Return the position of the closing brace for each opening one, ignoring escaped braces."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for token in _BRACES.finditer(text):
        if token[0] == "{":
            opened.append(token.start())
        elif token[0] == "}" and opened:
            closing[opened.pop()] = token.start()
    return closing
