"""The digest as Markdown: a table a keyword, in the layout of the README that this bot takes the place of.

Text stays as arXiv gives it, LaTeX and Markdown characters included. Escaped is only what would break the
row in GitHub's tables, so that each row keeps its five cells and each cell its text:

- a pipe, also within code and after a backslash (a table takes one off before anything else is read);
- `<` where it opens a tag, a comment or an autolink, and `&` before an entity, but not within code;
- brackets in a title that would end its link or make another one;
- a backslash at the end, which would escape the bracket or the tag that follows;
- a backtick or bracket in the five letters of a long comment that would reach for its partner in the comment.
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
"""Papers under one keyword of a short table."""
_LONG_COMMENT = 20
_SUMMARY = 5

# A backslash and a pipe are no escape here: the table takes that backslash, and inline parsing sees the pipe.
_PIECE = re.compile(r"(?P<escape>\\[!-/:-@\[-`{}~])|(?P<ticks>`+)|(?P<mark>[<&|\[\]])|[^\\`<&|\[\]]+|\\")
# What CommonMark takes for an entity, a tag, a comment, a declaration, an autolink.
_ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|(?P<name>[A-Za-z][A-Za-z0-9]{0,31};))")
# Whether the last two are complete is decided by a `>` anywhere after them: what would end them too early may
# itself be escaped, as the second `<` of `<https://a<https://b>` is.
_MARKUP = re.compile(r"<(?:\?|!(?:[A-Za-z]|--|\[CDATA\[))")
_IF_CLOSED = re.compile(
    r"</?[A-Za-z][A-Za-z0-9-]*(?=[\s/>])|<[A-Za-z][A-Za-z0-9+.-]{1,31}:|<[^\s<>@]{1,100}@"
)
_CLOSING_MARKS = re.compile(r"(?:^|(?<=\s))#+$")


def render(
    sections: Sequence[tuple[str, Sequence[Paper]]], today: date, *, max_per_keyword: int | None = None
) -> str:
    """Return the digest of *sections*, each a keyword as its subscriber typed it and its papers.

    A section's papers come in arXiv's order; they are shown newest version first, equal ones in that order,
    and no more than *max_per_keyword* of them where that is given.
    """
    parts = [_INTRODUCTION.format(today=today.isoformat())]
    for keyword, papers in sections:
        newest = sorted(papers, key=lambda paper: paper.updated, reverse=True)[:max_per_keyword]
        parts.append("\n".join([f"## {_heading(keyword)}", _HEADER, *map(_row, newest)]) + "\n")
    return "\n".join(parts)


def render_table(sections: Sequence[tuple[str, Sequence[Paper]]], *, max_per_keyword: int = TABLED) -> str:
    """Return *sections* as tables without abstracts, short enough for an issue on GitHub.

    The rows are those of the issues that this bot's forerunner opened; order and escaping are `render`'s.
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
    """The keyword in a heading, where a pipe is a pipe and trailing number signs would vanish."""
    text = _CLOSING_MARKS.sub(lambda marks: "\\" + marks[0], _collapsed(keyword))
    return _text(text, pipe="|")


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _closed(text: str) -> str:
    """Keep a last backslash from escaping what is put after *text*."""
    backslashes = len(text) - len(text.rstrip("\\"))
    return text + "\\" if backslashes % 2 else text


def _text(text: str, *, pipe: str = "\\|") -> str:
    """Return *text* for any cell, or with another *pipe* for outside a table."""
    return "".join(_shown(text, at, piece, kind, pipe) for at, piece, kind in _pieces(text))


def _linkable(text: str, *, alone: bool = False) -> str:
    """Return *text* for a place where a bracket could end a link, or reach for one further on.

    *alone* says the same of backticks: text follows that may hold the other half of a pair.
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
    """Tell whether the `<` at *at* opens anything; most need a `>` further on: `x <y and z` has none."""
    return bool(_MARKUP.match(text, at) or (_IF_CLOSED.match(text, at) and text.rfind(">") > at))


def _wrong_brackets(text: str, marks: Sequence[tuple[int, str]]) -> set[int]:
    """Where the brackets stand that have no partner, or that would make a link of their own."""
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
    """Cut *text* as CommonMark reads it: position, piece and kind (code, escape, ticks, mark, or nothing)."""
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
