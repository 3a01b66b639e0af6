"""Parses typed text into the nodes of a query, or raises an error with the column (pure).

Text without a field prefix, quote, parenthesis or upper-case operator is a *keyword* and means what
DailyArXiv's search means. Anything else is a query with arXiv's syntax and meaning: operators have equal
precedence and group to the right, a missing operator means OR, and a field applies to one term or one group
in parentheses. What arXiv would silently turn into something else (a doubled operator, an empty field, an
open quote, an operator in lower case) is an error here.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.model.errors import QueryError
from bot.query.nodes import Node, Term, join
from bot.query.operators import FOREIGN, FOREIGN_OPERATOR, ONLY_LEFT_OUT, meant
from bot.query.terms import (
    CURLY_QUOTE,
    FROM_ADDRESS,
    Unreadable,
    keyword_node,
    known_category,
    stop_words_only,
    submitted,
    term_node,
)

MAX_NESTING = 40
FIELDS = ("ti", "abs", "au", "co", "jr", "cat", "id", "doi", "all", "submittedDate")
_PREFIXES = (*FIELDS, "title", "rn", "lastUpdatedDate")
_REFUSED = {
    "rn": gettext_noop("arXiv's answers contain no report numbers, so “rn:” cannot be used"),
    "lastUpdatedDate": gettext_noop(
        "arXiv cannot filter by the date of a revision; “submittedDate:” is the date of the first version"
    ),
    "submittedDate": gettext_noop("Write a range of dates: submittedDate:[20260101 TO 20260131]"),
}
_LONG_NAMES = {
    "author": "au", "authors": "au", "title": "ti", "titles": "ti", "abstract": "abs", "summary": "abs",
    "category": "cat", "categories": "cat", "subject": "cat", "comment": "co", "comments": "co",
    "journal": "jr", "identifier": "id", "arxiv": "id", "anywhere": "all", "submitted": "submittedDate",
    "published": "submittedDate", "date": "submittedDate", "submitteddate": "submittedDate",
}  # fmt: skip
# A parenthesis joined to a word belongs to it, with what it holds: SU(2), f(R), GPT-4(V), (2+1)-dimensional.
_OPERATOR = r"(?:ANDNOT|AND|NOT|OR)"
_WORD = rf"(?:[^\"()\s]|(?<=[^\s\"():])\((?![^()\"]*\b{_OPERATOR}\b)[^()\"]{{1,40}}\))+"
_TOKEN = re.compile(
    r"\"(?P<quoted>[^\"]*)\""
    rf"|(?P<led>\((?!{_OPERATOR}\))[^()\"\s:]{{1,20}}\)(?=[^\s()\":])(?!{_OPERATOR}\b){_WORD})"
    r"|(?P<bracket>[()])"
    rf"|(?P<operator>{_OPERATOR}(?=[()\s]|$))"
    rf"|(?P<prefix>(?:{'|'.join(_PREFIXES)})(?=:)):"
    rf"|(?P<text>{_WORD})"
    r"|(?P<open>\")"
)
_DATES = re.compile(r"\s*(?:\[([^\]]*)\]|\"([^\"]*)\")")
_FIELD_LIKE = re.compile(r"([A-Za-z]{1,20}):(.?)")
_CHEMICAL = frozenset({"Ti", "Au", "Co", "CO"})
_BLANKS = frozenset("\t\n\r\v\f\x85")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the typed text; *at* is its index in the text."""

    kind: str
    text: str
    at: int


def read(text: str, *, typed: bool = False) -> Node:
    """Return *text*, a keyword or a query, as the root of a syntax tree.

    With *typed*, as for what a person has just typed, categories are read in any case, and unknown ones are
    refused. So are the operators of other search engines in a query; in a keyword they are punctuation.

    Raises:
        QueryError: *text* is not a valid query.
    """
    line = _one_line(text)
    if not line.strip():
        raise QueryError(_("There is nothing to search for"), query=line, column=1)
    tokens = list(_tokens(line))
    if any(token.kind != "text" for token in tokens):
        return _Reader(line, tokens, typed=typed).whole()
    if typed and ONLY_LEFT_OUT.fullmatch(line):
        message = _("Nothing comes before this {operator}; write what to find, then what to exclude")
        raise QueryError(message.format(operator=tokens[0].text[0]), query=line, column=tokens[0].at + 1)
    try:
        return keyword_node(" ".join(line.split()))
    except Unreadable as problem:
        raise QueryError(str(problem), query=line, column=tokens[0].at + 1) from None


def is_keyword(text: str) -> bool:
    """Tell whether *text*, which can be read, is a keyword: it has no field, quote, group or operator."""
    return all(token.kind == "text" for token in tokens_of(text))


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the pieces of *text* from left to right.

    Raises:
        QueryError: *text* is not a valid query; further pieces may tell that, too.
    """
    yield from _tokens(_one_line(text))


def _one_line(text: str) -> str:
    """Return *text* with each white-space character replaced by a space, so that columns stay the same.

    Raises:
        QueryError: *text* has a control character, which cannot be shown.
    """
    for at, char in enumerate(text):
        if char in _BIDI or (unicodedata.category(char) in {"Cc", "Cs"} and char not in _BLANKS):
            shown = "".join(c if c.isprintable() else " " for c in text)
            message = _("The invisible character {code} cannot be searched for; remove it").format(
                code=f"U+{ord(char):04X}"
            )
            raise QueryError(message, query=shown, column=at + 1)
    return re.sub(r"\s", " ", text)


def _tokens(line: str) -> Iterator[Token]:
    at, field = 0, ""
    while match := _TOKEN.search(line, at):
        kind, start, at = str(match.lastgroup), match.start(), match.end()
        if kind == "open":
            raise QueryError(_("This quotation mark is never closed"), query=line, column=start + 1)
        if kind == "text" and not field:
            _refuse_unknown_field(line, start)
        field = match[0] if kind == "prefix" else ""
        if field == "submittedDate:" and (dates := _DATES.match(line, at)):
            yield Token("dates", dates[1] or dates[2] or "", start)
            at = dates.end()
        else:
            yield Token("text" if kind == "led" else kind, match[kind], start)


def _refuse_unknown_field(line: str, at: int) -> None:
    """Refuse what looks like a field but is not: `author:`, `tii:x`, `ABS:x`. `Ti:sapphire` is a word."""
    match = _FIELD_LIKE.match(line, at)
    if match is None:
        return
    name, value = match[1], match[2].strip()
    if name in _CHEMICAL:
        return
    lower = name.lower()
    meant = _LONG_NAMES.get(lower) or (lower if lower in FIELDS else None)
    if meant is None and not (name.islower() and value):
        return
    near = difflib.get_close_matches(name, FIELDS, 1, 0.5)
    if meant or near:
        message = _(
            "arXiv has no field “{field}:”; did you mean “{meant}:”? To search for the text itself, put it "
            "in quotes"
        ).format(field=name, meant=meant or near[0])
    else:
        message = _(
            "arXiv has no field “{field}:”; its fields are {fields}. To search for the text itself, put it "
            "in quotes"
        ).format(field=name, fields=", ".join(FIELDS))
    raise QueryError(message, query=line, column=at + 1)


class _Reader:
    """Turns tokens into nodes. It recurses only for parentheses, whose nesting is limited."""

    def __init__(self, line: str, tokens: Sequence[Token], *, typed: bool) -> None:
        self._line = line
        self._tokens = tokens
        self._typed = typed
        self._next = 0
        self._unindexed: Token | None = None
        self._searchable = False

    def whole(self) -> Node:
        node = self._group("all", None, 0)
        if (token := self._peek()) is not None:
            raise self._error(_("This parenthesis was never opened"), token)
        if self._unindexed is not None and not self._searchable:
            raise self._error(stop_words_only(self._unindexed.text), self._unindexed)
        return node

    def _error(self, message: str, token: Token) -> QueryError:
        return QueryError(message, query=self._line, column=token.at + 1)

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> Token | None:
        token = self._peek()
        self._next += token is not None
        return token

    def _group(self, field: str, opened: Token | None, nesting: int) -> Node:
        """Read operands and operators up to a closing parenthesis or the end."""
        operands: list[Node] = []
        operators: list[tuple[str, Token]] = []
        operator: Token | None = None
        while (token := self._peek()) is not None and token.text != ")":
            if token.kind == "operator":
                if operator is not None or not operands:
                    raise self._misplaced(token, first=not operands)
                operator = token
                operators.append((self._operator(), token))
                continue
            if operands and operator is None:
                operators.append(("OR", token))
            operator = None
            operands.append(self._operand(field, nesting))
        if operator is not None:
            raise self._error(_("Nothing follows this {operator}").format(operator=operator.text), operator)
        if not operands:
            raise self._error(_("These parentheses are empty"), opened or self._tokens[self._next])
        return self._fold(operands, operators)

    def _misplaced(self, token: Token, *, first: bool) -> QueryError:
        if not first:
            message = _("Two operators in a row; remove this {operator} or the one before it")
        elif "NOT" in token.text:
            message = _("Nothing comes before this {operator}; write what to find, then what to exclude")
        else:
            message = _("Nothing comes before this {operator}")
        return self._error(message.format(operator=token.text), token)

    def _operator(self) -> str:
        token = self._take()
        following = self._peek()
        name = token.text if token else ""
        if (
            name == "AND"
            and following is not None
            and following.kind == "operator"
            and following.text == "NOT"
        ):
            self._take()
        elif name != "NOT":
            return name
        return "ANDNOT"

    def _operand(self, field: str, nesting: int) -> Node:
        token = self._take()
        assert token is not None  # noqa: S101 - the caller has peeked
        if token.kind == "prefix":
            return self._fielded(token, nesting)
        if token.text == "(" and token.kind == "bracket":
            return self._parenthesized(field, token, nesting)
        if token.kind == "text" and token.text in {"and", "or", "not"}:
            raise self._lower_case(token)
        return self._term(field, token)

    def _lower_case(self, token: Token) -> QueryError:
        following = self._peek()
        if token.text == "and" and following is not None and following.text in {"not", "NOT"}:
            return self._error(self._instead(f"and {following.text}", "ANDNOT"), token)
        if token.text == "or":
            return self._error(self._instead("or", "OR"), token)
        message = _("Write operators in capitals: {operator}")
        return self._error(message.format(operator=token.text.upper()), token)

    def _fielded(self, prefix: Token, nesting: int) -> Node:
        field = "ti" if prefix.text == "title" else prefix.text
        if field in _REFUSED:
            raise self._error(_(_REFUSED[field]), prefix)
        token = self._peek()
        if token is None or not (token.kind in {"text", "quoted"} or token.text == "("):
            raise self._error(_("Nothing follows “{field}:”").format(field=prefix.text), prefix)
        self._take()
        if token.kind == "bracket":
            return self._parenthesized(field, token, nesting)
        return self._term(field, token)

    def _parenthesized(self, field: str, opened: Token, nesting: int) -> Node:
        if nesting >= MAX_NESTING:
            raise self._error(
                _("This is nested more than {most} levels deep").format(most=MAX_NESTING), opened
            )
        node = self._group(field, opened, nesting + 1)
        if self._take() is None:
            raise self._error(_("This parenthesis is never closed"), opened)
        return node

    def _term(self, field: str, token: Token) -> Node:
        if token.kind == "text":
            self._refuse_foreign_marks(token)
        try:
            if token.kind == "dates":
                node: Node = submitted(token.text)
            else:
                text = known_category(token.text) if field == "cat" and self._typed else token.text
                node = term_node(field, text, quoted=token.kind == "quoted" or "(" in text)
        except Unreadable as problem:
            raise self._error(str(problem), token) from None
        if isinstance(node, Term) and not node.lookups:
            self._unindexed = self._unindexed or token
        else:
            self._searchable = True
        return node

    def _refuse_foreign_marks(self, token: Token) -> None:
        """Refuse marks that are probably mistakes; arXiv would search for them."""
        if mark := FROM_ADDRESS.search(token.text):
            problem = _("Put spaces around {operator}, not +").format(operator=mark[1])
        elif mark := CURLY_QUOTE.search(token.text):
            problem = _('For a phrase, use straight quotes: "…"')
        elif self._typed and (mark := FOREIGN_OPERATOR.search(token.text)):
            problem = self._instead(mark[0], FOREIGN[mark[0]].value)
        else:
            return
        raise QueryError(problem, query=self._line, column=token.at + mark.start() + 1)

    def _instead(self, sign: str, operator: str) -> str:
        """Return what to write instead of an operator of other search engines, and the whole query so."""
        probably = meant(self._line)
        if probably is not None:
            with contextlib.suppress(QueryError):
                read(probably.query, typed=True)
                return _("Write {operator} instead of “{sign}”: {query}").format(
                    operator=operator, sign=sign, query=probably.query
                )
        return _("Write {operator} instead of “{sign}”").format(operator=operator, sign=sign)

    def _fold(self, operands: list[Node], operators: list[tuple[str, Token]]) -> Node:
        """Group *operands* to the right; a run of the same operator becomes one node."""
        run = [operands[-1]]
        for at in range(len(operators) - 1, -1, -1):
            name, token = operators[at]
            run.append(operands[at])
            same = at > 0 and operators[at - 1][0] == name and name != "ANDNOT"
            if not same:
                run = [join(name, run[::-1])]
                if run[0].depth > MAX_NESTING:
                    raise self._error(
                        _("This chain of different operators is more than {most} levels deep").format(
                            most=MAX_NESTING
                        ),
                        token,
                    )
        return run[0]
