"""The digest as Markdown: a table for each keyword, in the layout of DailyArXiv's README.

Text stays as arXiv gives it, including LaTeX and Markdown characters. Only what would break a row of GitHub's
tables is escaped, so that each row keeps its five cells and each cell its text:

- a pipe, even in code and after a backslash (a table removes one backslash before anything else is parsed);
- `<` where it opens a tag, a comment or an autolink, and `&` before an entity, but not in code;
- brackets in a title that would end its link or start another one;
- a backslash at the end, which would escape the bracket or the tag that follows;
- a backtick or bracket in the first five letters of a long comment, which could pair with one further on.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date
from html.entities import html5

from bot.model.papers import Paper

_INTRODUCTION = """\
# Daily Papers
The project automatically fetches the latest papers from arXiv based on keywords.
The subheadings in the README file represent the search keywords.
Last update: {today}
"""
_HEADER = "| **Title** | **Link** | **Abstract** | **Date** | **Comment** |\n| --- | --- | --- | --- | --- |"
_SHORT_HEADER = "| **Title** | **Date** | **Comment** |\n| --- | --- | --- |"
TABLED = 15
"""Papers for each keyword in a short table."""
_LONG_COMMENT = 20
_SUMMARY = 5

# A backslash before a pipe is not an escape here: the table removes it, and inline parsing sees the pipe.
_PIECE = re.compile(r"(?P<escape>\\[!-/:-@\[-`{}~])|(?P<ticks>`+)|(?P<mark>[<&|\[\]])|[^\\`<&|\[\]]+|\\")
# What CommonMark parses as an entity, a tag, a comment, a declaration or an autolink.
_ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|(?P<name>[A-Za-z][A-Za-z0-9]{0,31};))")
# Tags and autolinks count as complete if a `>` follows anywhere: what would end them earlier may itself be
# escaped, such as the second `<` of `<https://a<https://b>`.
_MARKUP = re.compile(r"<(?:\?|!(?:[A-Za-z]|--|\[CDATA\[))")
_IF_CLOSED = re.compile(
    r"</?[A-Za-z][A-Za-z0-9-]*(?=[\s/>])|<[A-Za-z][A-Za-z0-9+.-]{1,31}:|<[^\s<>@]{1,100}@"
)
_CLOSING_MARKS = re.compile(r"(?:^|(?<=\s))#+$")


def render(
    sections: Sequence[tuple[str, Sequence[Paper]]], today: date, *, max_per_keyword: int | None = None
) -> str:
    """Return the digest of *sections*, pairs of a keyword as typed and its papers in arXiv's order.

    Papers are sorted by their last update, newest first, with ties in arXiv's order; each section has at most
    *max_per_keyword* rows, if that is given.
    """
    introduction = _INTRODUCTION.format(today=today.isoformat())
    return "\n".join([introduction, *_tables(sections, max_per_keyword)])


def render_sections(sections: Sequence[tuple[str, Sequence[Paper]]]) -> str:
    """Return *sections* as in `render`, without the introduction of the page."""
    return "\n".join(_tables(sections))


def _tables(
    sections: Sequence[tuple[str, Sequence[Paper]]], max_per_keyword: int | None = None
) -> Iterator[str]:
    for keyword, papers in sections:
        newest = sorted(papers, key=lambda paper: paper.updated, reverse=True)[:max_per_keyword]
        yield "\n".join([f"## {_heading(keyword)}", _HEADER, *map(_row, newest)]) + "\n"


def render_table(sections: Sequence[tuple[str, Sequence[Paper]]], *, max_per_keyword: int = TABLED) -> str:
    """Return *sections* as tables without abstracts, short enough for an issue on GitHub.

    The rows have the layout of DailyArXiv's issues; order and escaping are as in `render`.
    """
    parts = []
    for keyword, papers in sections:
        newest = sorted(papers, key=lambda paper: paper.updated, reverse=True)[:max_per_keyword]
        parts.append("\n".join([f"## {_heading(keyword)}", _SHORT_HEADER, *map(_short_row, newest)]) + "\n")
    return "\n".join(parts)


def _short_row(paper: Paper) -> str:
    cells = (_title(paper), _day(paper), _comment(_collapsed(paper.comment or "")))
    return f"| {' | '.join(cells)} |"


def _row(paper: Paper) -> str:
    abstract = _collapsed(paper.abstract)
    cells = (
        _title(paper),
        "",
        f"<details><summary>Show</summary><p>{_closed(_text(abstract))}</p></details>",
        _day(paper),
        _comment(_collapsed(paper.comment or "")),
    )
    return f"| {' | '.join(cells)} |"


def _title(paper: Paper) -> str:
    return f"**[{_closed(_linkable(_collapsed(paper.title)))}]({paper.abs_url})**"


def _day(paper: Paper) -> str:
    return paper.updated.astimezone(UTC).date().isoformat()


def _comment(comment: str) -> str:
    if len(comment) <= _LONG_COMMENT:
        return _text(comment)
    summary = _linkable(comment[:_SUMMARY], alone=True)
    return f"<details><summary>{summary}...</summary><p>{_closed(_text(comment))}</p></details>"


def _heading(keyword: str) -> str:
    """Return *keyword* for a heading, where a pipe needs no escape but trailing number signs would vanish."""
    text = _CLOSING_MARKS.sub(lambda marks: "\\" + marks[0], _collapsed(keyword))
    return _text(text, pipe="|")


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _closed(text: str) -> str:
    """Return *text* so that a backslash at its end does not escape what follows."""
    backslashes = len(text) - len(text.rstrip("\\"))
    return text + "\\" if backslashes % 2 else text


def _text(text: str, *, pipe: str = "\\|") -> str:
    """Return *text* escaped for a cell, or with another *pipe* for use outside a table."""
    return "".join(_shown(text, at, piece, kind, pipe) for at, piece, kind in _pieces(text))


def _linkable(text: str, *, alone: bool = False) -> str:
    """Return *text* escaped for a place where a bracket could end a link or pair with one further on.

    *alone* also escapes backticks, which could pair with one in the text that follows.
    """
    pieces = list(_pieces(text))
    wrong = _wrong_brackets(text, [(at, piece) for at, piece, kind in pieces if kind == "mark"])
    out = []
    for at, piece, kind in pieces:
        if at in wrong:
            out.append(f"\\{piece}")
        elif alone and kind == "ticks":
            out.append("\\`" * len(piece))
        else:
            out.append(_shown(text, at, piece, kind, "\\|"))
    return "".join(out)


def _shown(text: str, at: int, piece: str, kind: str, pipe: str) -> str:
    if kind == "code":
        return piece.replace("|", pipe)
    if piece == "|":
        return pipe
    if piece == "<" and _opens_markup(text, at):
        return "&lt;"
    if (
        piece == "&"
        and (entity := _ENTITY.match(text, at))
        and (not entity["name"] or entity["name"] in html5)
    ):
        return "&amp;"
    return piece


def _opens_markup(text: str, at: int) -> bool:
    """Tell whether the `<` at *at* opens markup; most kinds need a `>` further on, unlike `x <y and z`."""
    return bool(_MARKUP.match(text, at) or (_IF_CLOSED.match(text, at) and text.rfind(">") > at))


def _wrong_brackets(text: str, marks: Sequence[tuple[int, str]]) -> set[int]:
    """Return the positions of brackets that are unbalanced or would start a link."""
    opened: list[int] = []
    wrong: set[int] = set()
    for at, mark in marks:
        if mark == "[":
            opened.append(at)
        elif mark == "]" and not opened:
            wrong.add(at)
        elif mark == "]":
            start = opened.pop()
            if text[at + 1 : at + 2] == "(":
                wrong |= {start, at}
    return wrong.union(opened)


def _pieces(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield position, text and kind of each piece (`code`, `escape`, `ticks`, `mark` or "") of *text*."""
    runs: dict[int, list[int]] = defaultdict(list)
    for run in re.finditer("`+", text):
        runs[len(run[0])].append(run.start())
    at = 0
    while piece := _PIECE.match(text, at):
        end, kind = piece.end(), piece.lastgroup or ""
        if kind == "ticks":
            partners = runs[len(piece[0])]
            following = bisect_left(partners, end)
            if following < len(partners):
                end, kind = partners[following] + len(piece[0]), "code"
        yield at, text[at:end], kind
        at = end
