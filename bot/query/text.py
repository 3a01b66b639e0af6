"""Text analysis as in arXiv's index: words, stop words that leave gaps, Porter stems (pure).

Local matching agrees with arXiv's search (Elasticsearch) only if texts are tokenized and stemmed in the same
way. Titles and abstracts go through the `english` analyzer: UAX #29 words, possessives removed, lower case,
33 stop words removed, each leaving a gap in the positions, and the *original* Porter stemmer (its successor,
“Porter 2”, does not reduce `LLMs` to `LLM`). Comments and journal references keep whole words; names are
split at white space and lose their accents.

Why not the word boundaries of the `regex` module: they also return what lies between words, and after a quote
they differ from Lucene's grammar, in which a lone underscore is not a word and a run of Thai is one.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

import regex
import Stemmer

from bot.model.papers import Paper
from bot.model.taxonomy import described

STOP_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no",
    "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to",
    "was", "will", "with",
})  # fmt: skip

# Nine papers in ten are ASCII, which the standard library's `re` tokenises several times faster.
_ASCII_WORD = re.compile(
    r"[A-Za-z0-9_]+(?:(?:(?<=[A-Za-z])[:.'](?=[A-Za-z])|(?<=[0-9])[.,;'](?=[0-9]))[A-Za-z0-9_]+)*"
)


def _lucene_word() -> regex.Pattern[str]:
    """Compile the grammar of Lucene's StandardTokenizer: UAX #29, restricted to what counts as a word."""
    extend = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]*+"
    letter = rf"(?:[\p{{WB=ALetter}}\p{{WB=Hebrew_Letter}}]{extend})"
    digit = rf"(?:\p{{WB=Numeric}}{extend})"
    katakana = rf"(?:\p{{WB=Katakana}}{extend})"
    joiner = rf"(?:\p{{WB=ExtendNumLet}}{extend})"
    in_letters = rf"(?:[:\p{{WB=MidLetter}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{extend})"
    in_digits = rf"(?:[\p{{WB=MidNum}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{extend})"
    run = rf"(?:{letter}++(?:{in_letters}{letter}++)*+|{digit}++(?:{in_digits}{digit}++)*+)++"
    part = rf"(?:{run}|{katakana}++)"
    return regex.compile(
        rf"{joiner}*+{part}(?:{joiner}++{part})*+{joiner}*+|{joiner}++"
        rf"|\p{{LineBreak=SA}}++|[\p{{Script=Han}}\p{{Script=Hiragana}}]{extend}",
        regex.VERSION1,
    )


_WORD = _lucene_word()
_SPACED = re.compile(r"\S+")
_NAME_MARKS = re.compile(r"[.,;]")
# Characters such as `＂` or `…` decompose into these, which would change a query when it is parsed again.
_UNFOLDED_MARKS = re.compile(r"[\s.,;_\"\\]")
_POSSESSIVES = ("'", "’", "＇")
_DASHES = regex.compile(r"\p{Pd}")
# Letters whose stroke or ligature is not a combining mark, so that decomposition leaves them unchanged.
_STROKES = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t",
})  # fmt: skip

_stemmer = Stemmer.Stemmer("porter", 0)
_stemming = threading.Lock()  # a Stemmer keeps state, and matching runs in worker threads


class Analysis:
    """One text, split into terms.

    `terms` are in order, with None for the gap that a stop word leaves; `positions` maps a term to its
    positions. The spans of the terms in `text` are computed on demand, because most texts match nothing.
    """

    __slots__ = ("_cut", "_spans", "positions", "terms", "text")

    def __init__(
        self, text: str, terms: Sequence[str | None], cut: Callable[[str], Iterator[tuple[int, int]]]
    ) -> None:
        self.text = text
        self.terms = terms
        self.positions: dict[str, list[int]] = {}
        for position, term in enumerate(terms):
            if term is not None:
                self.positions.setdefault(term, []).append(position)
        self._cut = cut
        self._spans: list[tuple[int, int]] | None = None

    @property
    def spans(self) -> Sequence[tuple[int, int]]:
        """Start and end in `text` of each position."""
        if self._spans is None:
            self._spans = list(self._cut(self.text))
        return self._spans

    def excerpt(self, first: int, last: int) -> str:
        """Return the original text from position *first* through position *last*."""
        spans = self._spans or self.spans
        return self.text[spans[first][0] : spans[last][1]]


def words(text: str) -> list[str]:
    """Split *text* into words in their original form, without punctuation, symbols, underscores and emoji."""
    split: list[str] = _ASCII_WORD.findall(text) if text.isascii() else _WORD.findall(text)
    return [word for word in split if word.strip("_")] if "_" in text else split


def _word_spans(text: str) -> Iterator[tuple[int, int]]:
    pattern = _ASCII_WORD if text.isascii() else _WORD
    return (match.span() for match in pattern.finditer(text) if match[0].strip("_"))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str | None:
    """Return the term of arXiv's `english` analyzer for one *word*, None for a stop word."""
    if word[-2:-1] in _POSSESSIVES and word[-1] in "sS":
        word = word[:-2]
    word = word.lower()
    if word in STOP_WORDS:
        return None
    with _stemming:
        stemmed: str = _stemmer.stemWord(word)
    return stemmed


def analyze(text: str) -> Analysis:
    """Analyze a title or an abstract, or a query for one, as arXiv's `english` analyzer does."""
    return Analysis(text, [stem(word) for word in words(text)], _word_spans)


def analyze_plain(text: str) -> Analysis:
    """Analyze a comment or a journal reference: lower-case words, stop words as gaps, no stems."""
    lowered = [word.lower() for word in words(text)]
    return Analysis(text, [None if word in STOP_WORDS else word for word in lowered], _word_spans)


def fold(text: str) -> str:
    """Return *text* in lower case without accents: `Łukasz Müller-Ørsted` is `lukasz muller-orsted`."""
    if text.isascii():
        return text.lower()
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) != "Mn")
    folded: str = _DASHES.sub("-", bare.casefold().translate(_STROKES))
    return folded


def _spaced_spans(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _SPACED.finditer(text) if _NAME_MARKS.sub("", match[0]))


def analyze_name(text: str) -> Analysis:
    """Analyze an author's name: parts between white space, without `.` `,` `;` and accents."""
    bare = [_NAME_MARKS.sub("", part) for part in _SPACED.findall(text)]
    return Analysis(text, [_name_term(part) for part in bare if part], _spaced_spans)


def _name_term(part: str) -> str | None:
    folded = fold(part)
    return folded if part.isascii() else _UNFOLDED_MARKS.sub("", folded) or None


def analyze_combined(text: str) -> Analysis:
    """Analyze a text for the combined field that `all:` searches: like a name, with stop words as gaps."""
    name = analyze_name(text)
    return Analysis(text, [None if term in STOP_WORDS else term for term in name.terms], _spaced_spans)


def _verbatim(text: str) -> Analysis:
    return Analysis(text, [text], lambda whole: iter([(0, len(whole))]))


class AnalyzedFields(dict[str, tuple[Analysis, ...]]):
    """The analyzed values of each index field of a paper, computed when a query first needs the field.

    Authors and categories are several values; a phrase never spans two of them.
    """

    def __init__(self, paper: Paper) -> None:
        super().__init__()
        self._paper = paper

    def __missing__(self, name: str) -> tuple[Analysis, ...]:
        values = self[name] = INDEX_FIELDS[name](self._paper)
        return values


class AnalyzedPaper:
    """A paper with its analyzed fields; `fields` has the keys of `INDEX_FIELDS`."""

    __slots__ = ("fields", "paper")

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.fields = AnalyzedFields(paper)


def analyze_paper(paper: Paper) -> AnalyzedPaper:
    """Return *paper* ready for matching; a field is analyzed when a query first needs it."""
    return AnalyzedPaper(paper)


def _described(category: str) -> Analysis:
    terms = analyze_combined(described(category)).terms
    return Analysis(category, terms, lambda whole: iter([(0, len(whole))] * len(terms)))


def _identifiers(paper: Paper) -> tuple[Analysis, ...]:
    return _verbatim(paper.id.text), _verbatim(paper.versioned)


def _optional(analyze: Callable[[str], Analysis], text: str | None) -> tuple[Analysis, ...]:
    return (analyze(text),) if text else ()


def _combined(paper: Paper) -> tuple[Analysis, ...]:
    texts = (
        paper.title,
        paper.abstract,
        paper.comment,
        paper.journal_ref,
        paper.doi,
        paper.id.text,
        *paper.authors,
    )
    return tuple(analyze_combined(text) for text in texts if text)


# One entry for each field of arXiv's index that the feed has data for. "class" holds the words that describe
# the paper's categories, "combined" a copy of everything; only `all:` searches these two.
INDEX_FIELDS: Mapping[str, Callable[[Paper], tuple[Analysis, ...]]] = {
    "ti": lambda paper: (analyze(paper.title),),
    "abs": lambda paper: (analyze(paper.abstract),),
    "au": lambda paper: tuple(analyze_name(author) for author in paper.authors),
    "co": lambda paper: _optional(analyze_plain, paper.comment),
    "jr": lambda paper: _optional(analyze_plain, paper.journal_ref),
    "cat": lambda paper: tuple(_verbatim(category) for category in paper.categories),
    "id": _identifiers,
    "doi": lambda paper: tuple(_verbatim(doi) for doi in (paper.doi or "").split()),
    "class": lambda paper: tuple(_described(category) for category in paper.categories),
    "combined": _combined,
}
