"""Authors' names in BibTeX's form, “von Last, Jr, First”; names that do not fit it are put in braces.

arXiv gives a name as one string, forenames first. Its words decide which part is the family name and whether
it is a group. A name that remains unclear is kept whole in braces, which every style prints unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.model.papers import Paper
from bot.present.bibtex.text import verbatim
from bot.present.latex.unicode import to_unicode
from bot.present.markdown import clean

_PARTICLES = frozenset(
    re.findall(
        r"\S+",
        "aan af al am an auf av bij bin d' da dal dalla das de de' degli dei del della delle dello den "
        "der des di do dos du e el i ibn im in la las le les lo los 'n onder op over 's 't te ten ter "
        "tot uit und unter van vander vom von voor y zu zum zur ’n ’s ’t",
    )
)
# Capitalized, these still begin a family name; the other particles are then forenames (Bin Yu) or initials.
_LARGE = frozenset({"Al", "Da", "De", "Del", "Della", "Di", "Dos", "Du", "El", "La", "Le", "Van", "Von"})
_JOINING = frozenset({"e", "i", "y"})
# Everybody else; BibTeX writes “others” in the style's words.
_ET_AL = re.compile(
    r"(?:^|(?<=[\s,]))(?:et\.?\s*al\b\.?|(?:and|&)\s+(?:\d+\s+)?(?:many\s+)?others)[\s.]*$", re.IGNORECASE
)
_OTHERS = "others"
_SUFFIX = re.compile(r"(?:jr|sr)\.?|ii|iii|iv|2nd|3rd", re.IGNORECASE)
_GROUP = re.compile(
    r"\b(?:collaborations?|consortium|team|group|project|experiment|survey|working|members|committee|network|"
    r"observatory|institute|university|laboratory|laboratories|department|society|initiative|alliance|"
    r"foundation|on behalf|for the)\b|^the\s",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*\([^()]*\)\s*$")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_ASCII = str.maketrans(
    {"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_SMALL_WORDS = frozenset(
    re.findall(
        r"\S+",
        "a an and are as at by can do does for from how in is of on or the to towards what why with",
    )
)


def names(authors: Iterable[str]) -> str:
    """Return the value of an `author` field."""
    separate, more = _each(authors)
    written = list(filter(None, map(_name, separate)))
    return " and ".join([*written, _OTHERS] if more and written else written)


def _each(authors: Iterable[str]) -> tuple[list[str], bool]:
    """Return separate names, and whether “et al.” stands for more.

    ArXiv splits before a “Jr.” but not after “LHCb collaboration:”; a colon alone, or at the end of a name,
    follows a group. Such a group keeps its colon here, so that `_name` knows it for one.
    """
    separate: list[str] = []
    more = False
    for name in map(_read, authors):
        author = _ET_AL.sub("", name).rstrip(" ,;")
        more = more or author != name.rstrip(" ,;")
        group, colon, person = author.partition(": ")
        if _SUFFIX.fullmatch(author) and separate and "," not in separate[-1]:
            separate[-1] += f", {author}"
        elif author and not author.strip(":;,. "):
            if ":" in author and separate:
                separate[-1] = f"{separate[-1].rstrip(': ')}:"
        elif colon and person and _GROUP.search(group):
            separate += [group, person]
        elif author:
            separate.append(author)
    return separate, more


def key_of(paper: Paper) -> str:
    """Return a citation key for *paper*: surname, year and first significant word, as a-z and digits."""
    surname = _ascii(_family(_read(paper.authors[0]))) if paper.authors else ""
    words = (_ascii(word) for word in re.split(r"[\s\-–—:/]+", to_unicode(paper.title)))
    word = next((word for word in words if len(word) > 1 and word not in _SMALL_WORDS), "")
    return f"{surname or 'arxiv'}{paper.published.year}{word[:24]}"


def _read(author: str) -> str:
    return clean(to_unicode(author))


def _name(name: str) -> str:
    if not name:
        return ""
    if name.endswith(":"):
        return _braced(name.rstrip(": "))
    person = _ASIDE.sub("", name) or name  # “(for the ATLAS Collaboration)”, or an affiliation
    if _is_whole(person):
        return _braced(name if _GROUP.search(person) else person)
    given, family, suffix = _parts(person)
    if not given:
        return _braced(person)
    family = verbatim(family) if _splits_correctly(family) else _braced(family)
    return ", ".join(filter(None, (family, verbatim(suffix), verbatim(given))))


def _family(name: str) -> str:
    name = _ET_AL.sub("", name).rstrip(" ,:") or name
    person = _ASIDE.sub("", name) or name
    if _GROUP.search(person):
        return next((word for word in person.split() if word.casefold() != "the"), "")
    return "" if _is_whole(person) and " " in person else _parts(person)[1]


def _is_whole(name: str) -> bool:
    """Tell whether *name* must not be split: a group, a single word, Chinese characters, or with an “and”."""
    tokens = name.casefold().split()
    return (
        len(tokens) < 2
        or name.count(",") > 1
        or "and" in tokens
        or bool(_GROUP.search(name) or _CJK.search(name))
    )


def _parts(name: str) -> tuple[str, str, str]:
    """Return forenames, family name with particles, and suffix; a name of one part has no forenames."""
    head, _, tail = (part.strip() for part in name.partition(","))
    if not head:
        return "", name, ""
    if tail and not _SUFFIX.fullmatch(tail):
        return tail, head, ""
    tokens, suffix = head.split(), tail
    if not suffix and len(tokens) > 2 and _SUFFIX.fullmatch(tokens[-1]):
        suffix = tokens.pop()
    start = next(
        (at for at in range(1, len(tokens) - 1) if tokens[at] in _PARTICLES or tokens[at] in _LARGE),
        len(tokens) - 1,
    )
    if 1 < start < len(tokens) - 1 and tokens[start] in _JOINING:
        start -= 1  # Ramón y Cajal: the word before belongs to the family name
    return " ".join(tokens[:start]), " ".join(tokens[start:]), suffix


def _splits_correctly(family: str) -> bool:
    """Tell whether BibTeX recognizes the particles in *family*: lower-case words before all others."""
    lower = [token.lstrip("'’")[:1].islower() for token in family.split()]
    return lower == sorted(lower, reverse=True) and not lower[-1]


def _braced(text: str) -> str:
    return f"{{{verbatim(text)}}}"


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_ASCII))
    return "".join(re.findall(r"[a-z0-9]+", folded))
