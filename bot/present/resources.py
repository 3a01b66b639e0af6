"""The links to code, a project page and data that authors put into abstract and comment (pure).

Nothing is requested, so a link is taken as its host and the words around it say: `github.com` holds code
unless the sentence speaks of the dataset only, and `….github.io` is a project page. A link whose kind stays
open is left out, as are those that lead to a video, to a publisher, or to another paper.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from bot.model.papers import Paper
from bot.present.latex.unicode import to_unicode


class ResourceKind(enum.StrEnum):
    """What a link leads to."""

    CODE = "code"
    PROJECT = "project"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Resource:
    """A link of the authors."""

    kind: ResourceKind
    url: str


_LONGEST = 300
_CONTEXT = 140  # characters before a link in which its kind is named
_AFTER = 60
_URL = re.compile(
    r"(?:(?P<scheme>https?://)|(?<![\w@/.-]))"
    r"(?P<host>(?(scheme)[A-Za-z0-9][A-Za-z0-9.-]{2,100}"
    r"|(?:(?:www\.)?(?:github|gitlab)\.com(?=/)|huggingface\.co(?=/)|[A-Za-z0-9-]{2,60}\.github\.io\b"
    r"|sites\.google\.com(?=/)|zenodo\.org(?=/)|anonymous\.4open\.science(?=/)|osf\.io(?=/))))"
    rf"(?P<path>(?::\d+)?(?:[/?#][^\s<>\"“”|\[\]]{{0,{_LONGEST}}})?)"
)
_WITHOUT_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_AROUND = " .<>()"
_CLOSING = ".,;:!?)]}'\"’”*`"

_CODE_HOSTS = (
    "github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "codeocean.com", "gitee.com",
    "sourceforge.net", "anonymous.4open.science", "pypi.org", "git.", "gitlab.",
)  # fmt: skip
_DATA_HOSTS = (
    "zenodo.org", "figshare.com", "kaggle.com", "ieee-dataport.org", "data.mendeley.com",
    "dataverse.harvard.edu", "datadryad.org", "openneuro.org", "physionet.org",
)  # fmt: skip
_DEPOSITED = "doi.org/10.5281/"
_DATA_SETS = "huggingface.co/datasets/"
_PROJECT_HOSTS = ("github.io", "sites.google.com", "gitlab.io", "pages.dev", "netlify.app", "vercel.app")
_NEVER = (
    "arxiv.org", "doi.org", "openreview.net", "youtube.com", "youtu.be", "vimeo.com", "bilibili.com",
    "ieee.org", "springer.com", "sciencedirect.com", "acm.org", "aclanthology.org", "creativecommons.org",
    "wikipedia.org", "researchgate.net", "ssrn.com", "orcid.org", "twitter.com", "x.com", "nature.com",
    "wiley.com", "mdpi.com", "iop.org", "aps.org", "oup.com", "semanticscholar.org",
    "proceedings.mlr.press", "hdl.handle.net", "huggingface.co",
)  # fmt: skip
_WORDS = {
    ResourceKind.CODE: re.compile(
        r"\b(?:source ?codes?|codes?|codebase|code-?base|implementations?|software(?! (?:testing"
        r"|engineering))|packages?|repositor(?:y|ies)|repo"
        r"|toolbox|library|scripts?|open-?sourced?|artifacts?|toolkit|github|notebooks?)\b",
        re.IGNORECASE,
    ),
    ResourceKind.PROJECT: re.compile(
        r"\b(?:project(?:'s)?[ -]?(?:web ?)?(?:page|site|web-?site|webpage|homepage|link)?|web-?sites?"
        r"|web ?pages?"
        r"|home-?page|demo(?:s| page| site)?|(?:paper|supplementary|companion) (?:page|site)|page)\b",
        re.IGNORECASE,
    ),
    ResourceKind.DATA: re.compile(r"\b(?:data|data-?sets?|corpus|corpora|database)\b", re.IGNORECASE),
}
_PAPER_LIST = re.compile(r"\b(?:list of (?:\w+ )?papers|paper list|literature)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;!?]\s")


def resources(paper: Paper) -> tuple[Resource, ...]:
    """Return the links of *paper*, at most one of each kind, in the order of `ResourceKind`.

    The comment counts first, because links there are the authors' own more often than in an abstract.
    """
    found: dict[ResourceKind, Resource] = {}
    shown: set[str] = set()
    for text in (paper.comment, paper.abstract):
        for resource in _in_text(to_unicode(text or "")):
            page = _WITHOUT_SCHEME.sub("", resource.url.lower()).rstrip("/")
            if resource.kind not in found and page not in shown:
                found[resource.kind] = resource
                shown.add(page)
    return tuple(found[kind] for kind in ResourceKind if kind in found)


def _in_text(text: str) -> list[Resource]:
    found: list[Resource] = []
    last = 0
    for match in _URL.finditer(text):
        url = _trimmed(match)
        before = text[max(last, match.start() - _CONTEXT) : match.start()]
        after = text[match.end() : match.end() + _AFTER]
        last = match.end()
        kind = _kind(url, _last_sentence(before), after)
        if kind is None and url == text.strip(_AROUND) and not _is_at(_host(url), _NEVER):
            kind = ResourceKind.PROJECT  # the comment is nothing but this link
        if kind:
            found.append(Resource(kind, url if match["scheme"] else f"https://{url}"))
    return found


def _trimmed(match: re.Match[str]) -> str:
    """Return the link without the punctuation of the sentence around it."""
    url = match[0]
    while url and url[-1] in _CLOSING:
        if url[-1] == ")" and url.count("(") >= url.count(")"):
            break
        url = url[:-1]
    return url


def _last_sentence(before: str) -> str:
    """Return what stands before a link since the last sentence ended."""
    ends = [end.end() for end in _SENTENCE_END.finditer(before)]
    return before[ends[-1] :] if ends and before[ends[-1] :].strip() else before


def _kind(url: str, before: str, after: str) -> ResourceKind | None:
    bare = _WITHOUT_SCHEME.sub("", url)
    host, (_, _, path) = _host(url), bare.partition("/")
    if bare.lower().startswith(_DATA_SETS):
        return ResourceKind.DATA
    if bare.startswith(_DEPOSITED):
        host = "zenodo.org"
    if _is_at(host, _NEVER) or "." not in host:
        return None
    named = {kind for kind, words in _WORDS.items() if words.search(before)}
    if not named:
        named = {kind for kind, words in _WORDS.items() if words.search(_SENTENCE_END.split(after)[0])}
    for kind, hosts in (
        (ResourceKind.DATA, _DATA_HOSTS),
        (ResourceKind.CODE, _CODE_HOSTS),
        (ResourceKind.PROJECT, _PROJECT_HOSTS),
    ):
        if _is_at(host, hosts):
            if kind is ResourceKind.CODE and not path.strip("/"):
                return None  # a link to all of GitHub, where a blank broke the rest off
            if kind is ResourceKind.CODE and not named and _PAPER_LIST.search(before):
                return None
            return kind if not named or kind in named else _first(named)
    return _first(named)


def _host(url: str) -> str:
    return re.split(r"[/:?#]", _WITHOUT_SCHEME.sub("", url), maxsplit=1)[0].lower()


def _is_at(host: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether *host* is one of *hosts* or below it; one that ends with a dot is a beginning."""
    return any(
        host == known or host.endswith(f".{known}") or (known.endswith(".") and host.startswith(known))
        for known in hosts
    )


def _first(named: set[ResourceKind]) -> ResourceKind | None:
    order = (ResourceKind.PROJECT, ResourceKind.CODE, ResourceKind.DATA)
    return next((kind for kind in order if kind in named), None)
