"""Read XML from the network, row by row, within limits: bytes in, small trees of elements out (pure).

It serves the formats that feedparser does not read: records of OAI-PMH, and arXiv's own fields in its feeds.
XML that is not well-formed, or that declares a document type, is refused as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from bot.model.errors import MalformedFeed

_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_LONG_TAG = re.compile(rb"<[^<>]{65536}")
# Far more than arXiv ever sends.
_MOST_ELEMENTS = 1_000_000
_MOST_IN_ROW = 20_000
_DEEPEST = 40
_LONGEST_TEXT = 100_000  # characters of one element; what is longer is cut
_PIECE = 64 * 1024


@dataclass(slots=True)
class Element:
    """One element, by its name without its namespace; `text` is all that stands in it before its children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def first(self, *path: str) -> Element | None:
        """Return the first element that *path* leads to, by the names of children; None if there is none."""
        found: Element | None = self
        for name in path:
            found = next((child for child in found.children if child.name == name), None) if found else None
        return found

    def all(self, name: str) -> Iterator[Element]:
        return (child for child in self.children if child.name == name)

    def text_of(self, *path: str) -> str:
        """Return the text of the element that *path* leads to; empty if there is none."""
        found = self.first(*path)
        return found.text if found else ""


def require_xml(content: bytes | bytearray, url: str) -> None:
    """Refuse what no parser need look at.

    Raises:
        MalformedFeed: *content* is a web page, or has a tag so long that a parser would hold megabytes.
    """
    if _HTML.match(content):
        raise MalformedFeed("arXiv answered with a web page instead of a feed.", url=url)
    if _LONG_TAG.search(content):
        raise MalformedFeed("arXiv's answer has a longer tag than its feeds ever have.", url=url)


def read_rows(
    content: bytes | bytearray,
    rows: Collection[str],
    take: Callable[[Element], None],
    *,
    url: str = "",
    late: Callable[[], bool] = lambda: False,
) -> Element:
    """Call *take* with each element whose name is in *rows*, and return the root without them.

    Call it in a thread. *url* is only added to errors. *late* tells whether reading has taken too long.

    Raises:
        MalformedFeed: *content* is not XML, is incomplete, declares a document type (entity bombs need one),
            or is larger or deeper than any answer of arXiv's.
    """
    require_xml(content, url)
    reader = _RowReader(rows, take, late)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        for start in range(0, len(content), _PIECE):
            parser.Parse(bytes(content[start : start + _PIECE]), False)  # noqa: FBT003 - expat names no argument
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise MalformedFeed(f"arXiv's answer is incomplete or not well-formed ({error}).", url=url) from error
    except MalformedFeed as error:
        error.url = url
        raise
    finally:
        # They refer to the reader: only the garbage collector would free both.
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        parser.StartDoctypeDeclHandler = None
    return reader.root


class _RowReader:
    def __init__(
        self, rows: Collection[str], take: Callable[[Element], None], late: Callable[[], bool]
    ) -> None:
        self.root = Element("")
        self._rows = rows
        self._take = take
        self._late = late
        self._open = [self.root]
        self._elements = self._in_row = 0

    def refuse_doctype(self, *_declared: object) -> None:
        raise MalformedFeed("arXiv's answer declares a document type, which arXiv's feeds never do.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._in_row += 1
        if len(self._open) > _DEEPEST or self._elements > _MOST_ELEMENTS or self._in_row > _MOST_IN_ROW:
            raise MalformedFeed("arXiv's answer has more or deeper elements than its feeds ever have.")
        if self._late():
            raise MalformedFeed("arXiv's answer takes too long to read.")
        self._open.append(Element(name.rpartition(" ")[2], attributes))

    def text(self, text: str) -> None:
        inner = self._open[-1]
        if not inner.children and len(inner.text) < _LONGEST_TEXT:
            inner.text += text[: _LONGEST_TEXT - len(inner.text)]

    def end(self, _name: str) -> None:
        done = self._open.pop()
        if done.name in self._rows:
            self._in_row = 0
            self._take(done)
        elif len(self._open) == 1:
            self.root = done
        else:
            self._open[-1].children.append(done)
