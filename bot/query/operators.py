"""What people mean by the operators of other search engines, as a query with arXiv's operators (pure).

In a keyword, `-`, `|` and `,` are punctuation, so `LLM -survey` is a phrase. That stays so, because titles
hold such signs too; but whoever types them is told, and offered the query that they probably meant.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_CHUNK = re.compile(
    r'(?P<sign>(?<![^\s(])[-–−!+](?=["(]|[^\W\d_]))'  # joined to what follows: -survey, +"a phrase", !(a b)
    r'|(?P<group>(?:[A-Za-z]+:)?(?:"[^"]*"|(?<![^\s:!+–−-])\([^()]*\)(?=\s|$)))'
    r"|(?P<text>\S+)"
)
_INSIDE = re.compile(r"(\|\||&&|[|;、]|(?<!\d),|,(?!\d))")  # between words without spaces: a||b, LLM,VLM
_FIELD = re.compile(r"(?:ti|abs|au|co|jr|cat|id|doi|all|title|submittedDate):")
_BARE = re.compile(r"[^\W_][\w*?'’.-]*")


class Mark(enum.Enum):
    """How two operands are combined; the value is arXiv's operator."""

    BOTH = "AND"
    EITHER = "OR"
    WITHOUT = "ANDNOT"


FOREIGN_OPERATOR = re.compile(r"^[-–−!+](?=[^\W\d_]|[(\"]|$)|\|\||&&|^[|&;,、/]$")
"""The sign of a word of a query that is an operator elsewhere."""
FOREIGN = {
    **dict.fromkeys(("-", "–", "−", "!"), Mark.WITHOUT),
    **dict.fromkeys(("+", "&", "&&"), Mark.BOTH),
    **dict.fromkeys(("|", "||", ",", ";", "、", "/", "or", "oder", "或", "或者"), Mark.EITHER),
}
"""Signs and words that are operators elsewhere. The signs of one character are so only between spaces or,
for `-`, `!` and `+`, joined to the word that follows."""
_OURS = {"AND": Mark.BOTH, "OR": Mark.EITHER, "ANDNOT": Mark.WITHOUT, "NOT": Mark.WITHOUT}
ONLY_LEFT_OUT = re.compile(r"\s*(?:[-–−!][^\W\d_]\S*\s*)+")
"""A keyword of which nothing is left to find."""
_LAST = frozenset({"and", "und", "和"})
_BUT = {"and": "not", "but": "not", "und": "nicht", "aber": "nicht", "AND": "NOT"}


@dataclass(frozen=True, slots=True)
class Meant:
    """The *query* that was probably meant by the foreign *signs*, in the order typed."""

    query: str
    signs: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    """What has been read: an OR of ANDs, and what is to be left out."""

    either: list[list[str]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    signs: list[str] = field(default_factory=list)

    def add(self, words: list[str], mark: Mark) -> None:
        if not words:
            return
        operand = _operand(words)
        if mark is Mark.WITHOUT:
            self.without.append(operand)
        elif mark is Mark.BOTH and self.either:
            self.either[-1].append(operand)
        else:
            self.either.append([operand])

    @property
    def query(self) -> str:
        """The query; "" if it has nothing to combine."""
        several = len(self.either) > 1
        parts = [
            f"({' AND '.join(one)})" if several and len(one) > 1 else " AND ".join(one) for one in self.either
        ]
        found = " OR ".join(parts)
        if not found or (not self.without and not several and len(self.either[0]) == 1):
            return ""
        if not self.without:
            return found
        left_out = self.without[0] if len(self.without) == 1 else f"({' OR '.join(self.without)})"
        simple = not several and len(self.either[0]) == 1
        return f"{found if simple else f'({found})'} ANDNOT {left_out}"


def meant(text: str) -> Meant | None:
    """Return the query that *text*, as typed, means where its operators are those of other search engines.

    None if it has none of them, or nothing to combine with them. The query is not checked.
    """
    reading, words, mark = _Reading(), list[str](), Mark.EITHER
    alone = False  # whether the mark is joined to the next operand, and so concerns only that
    for piece in _pieces(text):
        if isinstance(piece, str):
            if not words and reading.either and piece in _LAST:
                continue  # as in “a, b, and c”
            words.append(piece)
            if alone:
                reading.add(words, mark)
                words, mark, alone = [], Mark.BOTH, False
            continue
        found, sign, joined = piece
        reading.add(words, mark)
        # Of two marks in a row, as in “a, or b” and “a, -b”, the one that leaves out counts.
        mark = Mark.WITHOUT if not words and mark is Mark.WITHOUT else found
        words, alone = [], joined
        if sign:
            reading.signs.append(sign)
    reading.add(words, mark)
    query = reading.query
    return Meant(query, tuple(dict.fromkeys(reading.signs))) if query and reading.signs else None


def _pieces(text: str) -> Iterator[str | tuple[Mark, str, bool]]:
    """Yield operands, and marks: each with its sign ("" for ours), and whether a word is joined to it."""
    chunks = list(_CHUNK.finditer(text))
    skipped = -1
    for at, chunk in enumerate(chunks):
        if at == skipped:
            continue
        word, following = chunk[0], chunks[at + 1][0] if at + 1 < len(chunks) else ""
        if chunk["sign"]:
            yield FOREIGN[word], word, True
        elif chunk["group"]:
            yield word
        elif following and _BUT.get(word) == following:
            skipped = at + 1
            yield Mark.WITHOUT, "" if word == "AND" else f"{word} {following}", False
        elif word in _OURS:
            yield _OURS[word], "", False
        elif word in FOREIGN and word not in {"-", "–", "−", "!"}:  # a dash between spaces is punctuation
            yield FOREIGN[word], word, False
        elif word not in {"-", "–", "−", "—", "!"}:
            yield from _split(word)


def _split(chunk: str) -> Iterator[str | tuple[Mark, str, bool]]:
    """Yield the words of a chunk without spaces, such as `a||b` or `LLM,`."""
    if "(" in chunk or ")" in chunk:  # P(x|y) and f(a,b) are words
        ending = re.search(r"[,;、]$", chunk)
        yield chunk[: ending.start()] if ending else chunk
        if ending:
            yield FOREIGN[ending[0]], ending[0], False
        return
    for part in _INSIDE.split(chunk):
        if part in FOREIGN and not part.isalpha():
            yield FOREIGN[part], part, False
        elif part:
            yield part


def _operand(words: list[str]) -> str:
    """Return *words* as one operand: a phrase, or what is not plain words joined with OR, as arXiv does."""
    if len(words) > 1 and not any(map(_is_query, words)):
        return f'"{" ".join(words)}"'
    written = [word if _is_query(word) or _BARE.fullmatch(word) else f'"{word}"' for word in words]
    return written[0] if len(written) == 1 else f"({' OR '.join(written)})"


def _is_query(word: str) -> bool:
    return _FIELD.match(word) is not None or word[0] in '"('
