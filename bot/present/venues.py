"""Where a paper appeared or will appear, read from journal reference, comment and DOI (pure).

Authors write comments freely. They are read statement by statement: what says that another version or a part
of the work appeared somewhere counts nothing. A conference is shown by its acronym and year, a journal by its
name, and where no name can be told, the state alone is: “accepted”, “under review”.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _
from bot.model.papers import Paper
from bot.present import limits, venue_names
from bot.present.latex.unicode import to_unicode


class VenueStage(enum.Enum):
    """How far a paper is at its venue."""

    PUBLISHED = "published"
    TO_APPEAR = "to appear"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under review"


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue by its short name, "" if only the stage is known."""

    name: str
    stage: VenueStage


_LONGEST_COMMENT = 1_500
_NEAR = 60  # characters between the verb and the name of the journal
_STATEMENT = re.compile(
    r"(?<=[a-z0-9)\]’'\"”][a-z0-9)\]’'\"”])(?<!\bProc)(?<!\bPhys)(?<!\bRev)(?<!\bTrans)(?<!\bLett)(?<!\bConf)"
    r"(?<!\bSymp)(?<!\bInt)(?<!\bSci)(?<!\bAppl)(?<!\bMath)(?<!\bMater)(?<!\bComput)(?<!\bAnn)(?<!\bAstron)"
    r"(?<!\bCommun)(?<!\bMod)(?<!\bChem)(?<!\bNucl)(?<!\bEur)(?<!\bEng)(?<!\bChin)(?<!\bAdv)(?<!\bNat)"
    r"(?<!\bOpt)(?<!\bvs)\.\s+(?![A-Z][a-z]{0,6}\.)|[;|]\s*|(?<=[a-z)]\.)(?=[A-Z][a-z]{2})"
    r"|(?:(?<=[A-Z]{3})|(?<=[A-Z]\)))\.\s+|(?<=\)),\s+(?=[a-z])"
)
_LINK = re.compile(r"https?://[^\s)]+|\b(?:arXiv|doi):\s?[^\s)]+", re.IGNORECASE)
_NOT_THIS = re.compile(
    r"\b(?:parts? of (?:this|our|the (?:work|results?|paper|material))|(?:preliminary|earlier|short(?:er)?"
    r"|conference|previous|first|initial|abridged"
    r"|original|older)(?: \w+){0,2} (?:version|draft)|(?:extended|full|long(?:er)?|journal) version of"
    r"|extends|extension of|companion (?:paper|article|work)|rejected|(?:will|may|might|could"
    r"|plan\w* to) (?:be )?(?:re)?submit\w*|withdr\w+|dataset (?:from|of)|based on|lectures?"
    r"|keywords|published version|this preprint was|follow-?up|to be submitted|planned|grant|arxiv admin note"
    r"|submitted to arxiv|please cite|copyright|not intended|repository|thesis|associated with)\b",
    re.IGNORECASE,
)
_REVIEW = re.compile(
    r"\b(?:under (?:peer[ -]?)?(?:review|revision|submission|consideration)|in (?:peer )?review"
    r"|in revision(?=$|[,.;)]))\b",
    re.IGNORECASE,
)
_SUBMITTED = re.compile(
    r"\b(?:re(?=submitted to))?submit(?:t?ed|t?ing)?\b(?!/)|\bin submission\b|\bsubmission (?:to|at"
    r"|for) (?!be\b)|(?<!workshop )\bsubmission$|\b[A-Z]{3,6} submission\b|^preprint submitted",
    re.IGNORECASE,
)
_TO_APPEAR = re.compile(
    r"\b(?:to appear|forthcoming|in press|will appear (?:in|at)|to be (?:published|presented))\b",
    re.IGNORECASE,
)
_ACCEPTED = re.compile(
    r"\b(?:accepted|accept|published|appears|appeared|presented|in (?:the )?proc(?:eedings|\.)"
    r"|camera[- ]ready|final version in)\b",
    re.IGNORECASE,
)
_ACCEPTED_ALONE = re.compile(
    r"\baccepted\b|\baccept (?:by|at|to|for)\b|\bin press\b|\bforthcoming\b", re.IGNORECASE
)
_JOURNAL = re.compile(
    r"(?:\b(?:in|by|to|at|for|with)\s+|\bjournal\s+[\"“]?)(?:(?i:publication|presentation"
    r"|possible publication"
    r"|potential publication|consideration|appear)\s+(?:in|at|by)\s+)?(?:the (?=[A-Z])(?:journal )?"
    r"|the journal (?:of )?[\"“]?)?" + venue_names.JOURNAL_NAME
)
_REFERENCE = re.compile(r"[A-Z][\w.&, ]{2,60} \d{1,4}[,:( ].{1,40}\((?:19|20)\d\d\)\W*")
_NAMED_FIRST = re.compile(
    r"(?:Journal|IEEE Trans|Transactions)[\w.&,: ]{2,90}[,( ]+(?:19|20)\d\d\)?\W*"
    r"|[A-Z]\w+(?: [A-Z]\w+){0,3} Journal(?: (?:19|20)\d\d)?\b.{0,30}"
)
_IN_PRINT = re.compile(
    r"\b(?:appear|publication|published|forthcoming|press) in (?:the )?(?:journal )?[\"“‘']?"
    r"(?P<name>[A-Z][a-z]{2,20}(?: (?:[A-Z][a-z]{2,20}|of|and|in)){0,5})[\"”’']{0,2}(?:$|[.,;:(]| (?=\d))"
)
_RUN_TOGETHER = re.compile(r"(?<=\.)(?=[A-Z])|(?<=[a-z])(?=[A-Z])")
_BESIDE = re.compile(r"\b(?:part of|co-?located with|in conjunction with|held (?:at|with))\b", re.IGNORECASE)
_WORKSHOP = " workshop"
_PAGES = re.compile(r"(?<![\w.+])(\d{1,4}) ?(?:\+ ?\d{1,3} ?)?(?:pages?|pp|pgs?)\b", re.IGNORECASE)


def venue_in_words(paper: Paper) -> str:
    """Return the venue of *paper* or its stage: “ICLR 2027”, “under review”; "" if unknown."""
    venue = find_venue(paper)
    if venue is None:
        return ""
    match venue.stage:
        case VenueStage.UNDER_REVIEW:
            return _("under review")
        case VenueStage.SUBMITTED:
            return _("submitted to {venue}").format(venue=venue.name)
        case VenueStage.TO_APPEAR if venue.name:
            return _("to appear in {venue}").format(venue=venue.name)
    return venue.name or _("accepted")


def pages_in_words(paper: Paper) -> str:
    """Return the number of pages that the comment names, such as “12 pages”; "" if it names none."""
    count = _PAGES.search((paper.comment or "")[:_LONGEST_COMMENT])
    if count is None or int(count[1]) == 0:
        return ""
    pages = int(count[1])
    return ngettext("{count} page", "{count} pages", pages).format(count=format_number(pages))


def find_venue(paper: Paper) -> Venue | None:
    """Return where *paper* appeared or will appear; None if nothing says so."""
    if name := _of_reference(to_unicode(paper.journal_ref or "")[:_LONGEST_COMMENT]):
        return Venue(name, VenueStage.PUBLISHED)
    said = _of_comment(to_unicode(paper.comment or "")[:_LONGEST_COMMENT])
    name = venue_names.of_doi(paper.doi or "")
    if said is not None and said.name and said.stage in {VenueStage.PUBLISHED, VenueStage.TO_APPEAR}:
        better = name if name.startswith(f"{said.name} ") else said.name  # the DOI may know the year
        return Venue(better, VenueStage.PUBLISHED if paper.doi else said.stage)
    return Venue(name, VenueStage.PUBLISHED) if name else said


# -- journal references --------------------------------------------------------------------------------------


def _of_reference(text: str) -> str:
    """Return name and year of a reference: “Phys. Rev. C 2015” for `Phys. Rev. C 91, 024916 (2015)`."""
    if not text:
        return ""
    if name := _conference(text):
        return name
    years = venue_names.YEAR.findall(text)
    name = re.split(r"[\s,:;]*(?:\d|\()|[\s,]+[Vv]ol(?:ume)?\b", text, maxsplit=1)[0]
    name = re.sub(r"\.(?=[A-Z])", ". ", name) if " " in name else _RUN_TOGETHER.sub(" ", name)
    short = venue_names.IN_BRACKETS.search(text)
    if short is not None and len(name) > venue_names.LONGEST and venue_names.is_venue(short["name"]):
        name = short["name"]
    name = venue_names.TRAILING.sub("", name).strip(' ,;:“”"')
    if not re.search(r"[A-Za-z]{2}", name):
        return ""
    year = years[-1] if years else ""
    return " ".join(filter(None, (limits.cut(name, venue_names.LONGEST), year)))


# -- comments ------------------------------------------------------------------------------------------------


def _of_comment(text: str) -> Venue | None:
    """Return what the first statement with a venue says, preferring one that names it."""
    statements = _STATEMENT.split(_LINK.sub(" ", text))
    found = [venue for each in statements if (venue := _of_statement(" ".join(each.split())))]
    return min(found, key=_rank, default=None)


def _rank(venue: Venue) -> int:
    """Return how little *venue* tells: a conference more than a workshop, a name more than a stage."""
    if not venue.name:
        return 3
    return 2 if venue.stage is VenueStage.SUBMITTED else venue.name.endswith(_WORKSHOP)


def _of_statement(text: str) -> Venue | None:
    if not text or _NOT_THIS.search(text):
        return None
    return _not_yet(text) or _there(text)


def _not_yet(text: str) -> Venue | None:
    """Return what a statement says that speaks of a submission or a review."""
    if _ACCEPTED.search(text):
        return None
    if _REVIEW.search(text):
        return Venue("", VenueStage.UNDER_REVIEW)
    if not _SUBMITTED.search(text) or _TO_APPEAR.search(text):
        return None
    name = _conference(text) or _journal(text, _SUBMITTED)
    return Venue(name, VenueStage.SUBMITTED) if name else Venue("", VenueStage.UNDER_REVIEW)


def _there(text: str) -> Venue | None:
    """Return the venue that a statement names or that has accepted the paper."""
    accepted, to_appear = _ACCEPTED.search(text), _TO_APPEAR.search(text)
    if conference := _conference(text):
        said = accepted or to_appear or venue_names.GATHERING.search(text)
        if said or _is_known(conference) or len(text.split()) <= 6:
            return Venue(conference, VenueStage.PUBLISHED)
    if not (accepted or to_appear):
        reference = _of_reference(text) if _is_reference(text) else ""
        return Venue(reference, VenueStage.PUBLISHED) if reference else None
    if journal := _journal(text, _ACCEPTED if accepted else _TO_APPEAR):
        return Venue(journal, VenueStage.TO_APPEAR if to_appear and not accepted else VenueStage.PUBLISHED)
    return Venue("", VenueStage.PUBLISHED) if _ACCEPTED_ALONE.search(text) or to_appear else None


def _is_reference(text: str) -> bool:
    return bool(_REFERENCE.fullmatch(text) or _NAMED_FIRST.fullmatch(text))


def _conference(text: str) -> str:
    """Return the acronym of a conference or workshop in *text*, with its year if there is one."""
    own = _BESIDE.split(text, maxsplit=1)[0]
    if own != text and (name := _conference(own)):
        return name
    found = [name for match in venue_names.DATED.finditer(text) if (name := venue_names.dated(match))]
    name = next((each for each in found if _is_known(each)), found[0] if found else "")
    if not name and (acronym := _acronym(text)):
        years = venue_names.YEAR.findall(text)
        name = f"{acronym} {years[-1]}" if years else acronym
    return name + _WORKSHOP if _is_known(name) and venue_names.WORKSHOP.search(text) else name


def _is_known(name: str) -> bool:
    return name.partition(" ")[0] in venue_names.CONFERENCES


def _acronym(text: str) -> str:
    """Return the acronym of a conference in *text* that stands apart from its year; "" if there is none."""
    gathering = venue_names.GATHERING.search(text)
    for match in venue_names.IN_BRACKETS.finditer(text):
        name = match["name"]
        if venue_names.is_venue(name) and (gathering or name in venue_names.CONFERENCES):
            return name
    for match in venue_names.PLAIN_ACRONYM.finditer(text):
        if match[0] in venue_names.CONFERENCES:
            return match[0]
    if name := venue_names.of_long_name(text):
        return name
    own = venue_names.OWN_WORKSHOP.search(text)
    return own["name"] if own is not None and venue_names.is_venue(own["name"]) else ""


def _journal(text: str, said: re.Pattern[str]) -> str:
    """Return the journal that *text* names after “in”, “by” or “to”, soon after the words *said*.

    If its acronym follows in brackets, that is returned.
    """
    cue = said.search(text)
    at = cue.start() if cue else 0
    for match in _JOURNAL.finditer(text, at):
        if match.start() - at > _NEAR:
            break
        short = venue_names.IN_BRACKETS.match(
            text, match.end() + (text[match.end() : match.end() + 1] == " ")
        )
        if short is not None and venue_names.is_venue(short["name"]):
            return short["name"]
        name = venue_names.TRAILING.sub("", match["name"]).strip(" ,:")
        if venue_names.GATHERING.search(name):
            continue
        called_so = venue_names.CALLED_A_JOURNAL.match(text, match.end())
        if called_so or venue_names.JOURNAL_WORD.search(name) or venue_names.is_short_journal(name):
            return limits.cut(name, venue_names.LONGEST)
    in_print = _IN_PRINT.search(text)
    return in_print["name"] if in_print and not venue_names.GATHERING.search(in_print["name"]) else ""
