"""Picks the sentence of an abstract that says what is new."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.present.whats_new import cues
from bot.present.whats_new.sentences import sentences
from bot.present.whats_new.shortening import shorten

LIMIT = 150
"""The characters at which a post aims."""

_STEM = 6  # letters that stand for a word: close enough to compare a title with its abstract
_SMALL = frozenset([
    "a", "an", "the", "of", "for", "and", "in", "on", "with", "to", "from", "by", "via", "using", "at", "as",
    "is", "are", "be", "under", "into", "through", "toward", "towards", "based", "over", "new", "its",
    "their", "it", "or", "we",
])  # fmt: skip
_NAME = re.compile(r"[“\"']?([^\s:]{2,24}(?: [^\s:]{1,12})?):\s")
_CAPITALS = re.compile(r"[A-Z].*[A-Z0-9]|[A-Z]\w+[A-Z]")
_WORD = re.compile(r"[a-z0-9]{3,}")

Cue = Callable[[str], object]


def whats_new(title: str, abstract: str, limit: int = LIMIT) -> str:
    """Return the sentence of *abstract* that says what is new, cut by `shorten`; "" if there is no text."""
    each = sentences(abstract)
    return shorten(each[choose(title, each)], limit) if each else ""


def choose(title: str, each: Sequence[str]) -> int:
    """Return the index of the sentence among *each*, of which there is at least one, that says what is new.

    The cues are tried from the surest on; the first sentence with one is chosen. Without any cue it is the
    sentence that shares the most words with *title*.
    """
    fit = [at for at, sentence in enumerate(each) if _may_be_chosen(at, sentence)]
    for cue in _cues(title):
        for at in fit:
            if cue(each[at]):
                return at
    about = _stems(title)
    return max(fit or range(len(each)), key=lambda at: (len(about & _stems(each[at])), -at))


def _may_be_chosen(at: int, sentence: str) -> bool:
    if cues.LINK.search(sentence):
        return False
    return at == 0 or not (
        cues.LATER.search(sentence) or cues.ALSO.search(sentence) or cues.RESULTS.search(sentence)
    )


def _cues(title: str) -> list[Cue]:
    """Return the tests of a sentence, surest first."""
    name = _coined_name(title).lower()
    return [
        lambda sentence: cues.WE_MAKE.search(sentence) or cues.THIS_WORK_DOES.search(sentence),
        lambda sentence: cues.IN_THIS_WORK.search(sentence) and not cues.HOLLOW.search(sentence),
        lambda sentence: (
            (cues.WE_DO.search(sentence) or cues.OUR_METHOD.search(sentence))
            and not cues.HOLLOW.search(sentence)
        ),
        cues.IS_DONE.search,
        lambda sentence: name and name in sentence.lower(),
    ]


def _coined_name(title: str) -> str:
    """Return what stands before the colon if it looks like a name, as in `DreamQAS: …`; else ""."""
    found = _NAME.match(title)
    if found is None or (" " in found[1] and not _CAPITALS.search(found[1])):
        return ""
    return found[1]


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in _WORD.findall(text.lower()) if word not in _SMALL)
