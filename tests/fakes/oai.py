"""ArXiv's OAI-PMH: `ListRecords` of `arXivRaw`, with tokens, errors with HTTP 200, and lies on demand.

What it writes is, byte for byte, what arXiv's templates write. Records come by the day of their last change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from urllib.parse import parse_qs, quote, unquote, urlencode

from bot.model.papers import Paper
from tests.fakes.announced import Ledger
from tests.fakes.arxiv_faults import Faults
from tests.fakes.tex import to_tex

BASE = "https://oaipmh.arxiv.org/oai"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" \n\
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ \
http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
    <responseDate>{now:%Y-%m-%dT%H:%M:%SZ}</responseDate>
                <request{request}>https://oaipmh.arxiv.org/oai</request>
"""
_RAW = (
    '<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://arxiv.org/OAI/arXivRaw/ https://oaipmh.arxiv.org/OAI/arXivRaw.xsd">'
)
_SUMMARIES = {
    "badArgument": "The request includes illegal arguments, is missing required arguments, includes a "
    "repeated argument, or values for arguments have an illegal syntax.",
    "badResumptionToken": "The value of the resumptionToken argument is invalid or expired.",
    "badVerb": "Value of the verb argument is not a legal OAI-PMH verb, the verb argument is missing, or the "
    "verb argument is repeated.",
    "cannotDisseminateFormat": "The metadata format identified by the value given for the metadataPrefix "
    "argument is not supported by the item or by the repository.",
    "noRecordsMatch": "The combination of the values of the from, until, set and metadataPrefix arguments "
    "results in an empty list.",
}
_PHYSICS = (
    *("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin", "nucl-ex"),
    *("nucl-th", "physics", "quant-ph"),
)
_ALLOWED = {"verb", "metadataPrefix", "from", "until", "set"}


@dataclass(frozen=True)
class RawVersion:
    number: int
    date: datetime
    kilobytes: int = 100
    source: str = ""


@dataclass(frozen=True)
class RawRecord:
    """What one record says; the texts are TeX."""

    id: str
    datestamp: date
    sets: Sequence[str]
    submitter: str
    versions: Sequence[RawVersion]
    title: str
    authors: str
    categories: str
    abstract: str
    comments: str | None = None
    proxy: str | None = None
    report_no: str | None = None
    acm_class: str | None = None
    msc_class: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    license: str | None = None


@dataclass
class _Refusal(Exception):
    code: str
    reason: str = ""


class FakeOai(Faults):
    """Answers with the papers that *papers* returns, as *ledger* knows them, at *clock*'s time.

    `page` is how many records a page has. `shown` keeps the rest of a list from being shown at all, as arXiv
    has been seen to do; `behind` shows the list as it was so long ago; `disordered` mixes each page up.
    """

    def __init__(
        self, papers: Callable[[], Iterable[Paper]], ledger: Ledger, clock: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self.page = 2500
        self.shown: int | None = None
        self.behind = timedelta()
        self.disordered = False
        self._papers = papers
        self._ledger = ledger
        self._clock = clock

    def answer(self, parameters: Mapping[str, str]) -> bytes:
        """Return the answer; its status is always 200."""
        now = self._clock().astimezone(UTC)
        try:
            return self._list(dict(parameters), now)
        except _Refusal as refusal:
            return error(refusal.code, now, refusal.reason, verb=parameters.get("verb", ""))

    def _list(self, parameters: dict[str, str], now: datetime) -> bytes:
        if parameters == {"verb": "Identify"}:
            return identity(now)
        if parameters.get("verb") != "ListRecords":
            raise _Refusal("badVerb")
        token = parameters.get("resumptionToken")
        asked, skip = _resumed(parameters) if token else (parameters, 0)
        if not token and not asked.keys() <= _ALLOWED:
            raise _Refusal("badArgument", "Unallowed parameter.")
        if asked.get("metadataPrefix") != "arXivRaw":
            raise _Refusal("cannotDisseminateFormat")
        first, last = _day(asked, "from", date(2005, 9, 16)), _day(asked, "until", now.date())
        if last > now.date() + timedelta(days=1):
            raise _Refusal("badArgument", "until date too late")
        records = self._changed(first, last, now - self.behind)[: self.shown]
        page, rest = records[skip : skip + self.page], records[skip + self.page :]
        if not page:
            raise _Refusal("noRecordsMatch")
        next_token = _token(asked, skip + self.page, page, rest[0]) if rest else None
        quotes = f" verb='ListRecords' resumptionToken='{token}'" if token else _attributes(asked)
        if self.disordered:
            page = sorted(page, key=lambda each: each[0].id.text[::-1])
        return listing(
            [self._record(paper, day) for paper, day in page],
            now,
            request=quotes,
            token=next_token,
            resumed=bool(token),
        )

    def _changed(self, first: date, last: date, now: datetime) -> list[tuple[Paper, date]]:
        changed = ((paper, self._ledger.modified(paper)) for paper in self._papers())
        dated = [(paper, at.astimezone(UTC).date()) for paper, at in changed if at <= now]
        found = [(paper, day) for paper, day in dated if first <= day <= last]
        return sorted(found, key=lambda each: (each[1], each[0].id.text))

    def _record(self, paper: Paper, day: date) -> RawRecord:
        versions = self._ledger.versions(paper)
        return RawRecord(
            id=paper.id.text,
            datestamp=day,
            sets=[set_of(category) for category in paper.categories],
            submitter=to_tex(next(iter(paper.authors), "Ada Author")),
            versions=[RawVersion(n, at) for n, at in enumerate(versions, start=1)],
            title=to_tex(paper.title),
            authors=to_tex(", ".join(paper.authors)),
            categories=" ".join(paper.categories),
            abstract="  " + to_tex(paper.abstract),
            comments=paper.comment and to_tex(paper.comment),
            journal_ref=paper.journal_ref and to_tex(paper.journal_ref),
            doi=paper.doi,
            license="http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        )


def set_of(category: str) -> str:
    """Return the set of a category: `cs:cs:LG`, `physics:hep-th`, `physics:physics:optics`."""
    archive = category.partition(".")[0]
    group = "physics" if archive in _PHYSICS else archive
    return f"{group}:{category.replace('.', ':')}"


def listing(
    records: Sequence[RawRecord],
    now: datetime,
    *,
    request: str = ' verb="ListRecords" metadataPrefix="arXivRaw"',
    token: str | None = None,
    resumed: bool = False,
) -> bytes:
    """Return a page; the last one of a list that was *resumed* carries an empty token."""
    end = ""
    if token:
        expires = (now + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")
        end = f"                    <resumptionToken expirationDate='{expires}'>{token}</resumptionToken>\n"
    elif resumed:
        end = "                    <resumptionToken/>\n"
    head = _HEAD.format(now=now, request=request)
    body = "".join(map(record, records))
    return f"{head}    <ListRecords>\n{body}{end}    </ListRecords>\n</OAI-PMH>".encode()


def error(code: str, now: datetime, reason: str = "", *, verb: str = "") -> bytes:
    summary = _SUMMARIES[code] + (f" Reason: {reason}" if reason else "")
    request = f' verb="{verb}"' if verb and code == "badResumptionToken" else ""
    return (
        _HEAD.format(now=now, request=request) + f"    <error code='{code}'>{summary}</error>\n</OAI-PMH>"
    ).encode()


def identity(now: datetime) -> bytes:
    """Return who arXiv says that it is."""
    head = _HEAD.format(now=now, request=' verb="Identify"')
    return (
        f"{head}    <Identify>\n        <repositoryName>arXiv</repositoryName>\n"
        "        <baseURL>https://oaipmh.arxiv.org/oai</baseURL>\n"
        "        <protocolVersion>2.0</protocolVersion>\n        <adminEmail>help@arxiv.org</adminEmail>\n"
        "        <earliestDatestamp>2005-09-16</earliestDatestamp>\n"
        "        <deletedRecord>persistent</deletedRecord>\n        <granularity>YYYY-MM-DD</granularity>\n"
        "    </Identify>\n</OAI-PMH>"
    ).encode()


def record(raw: RawRecord) -> str:
    """Return one record as arXiv's templates write it."""
    sets = "".join(f"            <setSpec>{each}</setSpec>\n" for each in raw.sets)
    optional = {
        "comments": raw.comments,
        "proxy": raw.proxy,
        "report-no": raw.report_no,
        "acm-class": raw.acm_class,
        "msc-class": raw.msc_class,
        "journal-ref": raw.journal_ref,
        "doi": raw.doi,
        "license": raw.license,
        "abstract": raw.abstract,
    }
    fields = "".join(
        f"            <{name}>{_escaped(text)}</{name}>\n" for name, text in optional.items() if text
    )
    return (
        "                    <record>\n                <header>\n"
        f"        <identifier>oai:arXiv.org:{raw.id}</identifier>\n"
        f"        <datestamp>{raw.datestamp}</datestamp>\n{sets}    </header>\n"
        f"            <metadata>\n                        {_RAW}\n        <id>{raw.id}</id>\n"
        f"        <submitter>{_escaped(raw.submitter)}</submitter>\n{''.join(map(_version, raw.versions))}"
        f"        <title>{_escaped(raw.title)}</title>\n        <authors>{_escaped(raw.authors)}</authors>\n"
        f"        <categories>{raw.categories}</categories>\n{fields}"
        "    </arXivRaw>\n            </metadata>\n        </record>\n"
    )


def _version(version: RawVersion) -> str:
    source = f"                    <source_type>{version.source}</source_type>\n" if version.source else ""
    return (
        f'            <version version="v{version.number}">\n'
        f"                <date>{version.date.astimezone(UTC):%a, %d %b %Y %H:%M:%S GMT}</date>\n"
        f"                <size>{version.kilobytes}kb</size>\n{source}            </version>\n"
    )


def _escaped(text: str) -> str:
    return escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def _attributes(parameters: Mapping[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in parameters.items())


def _day(parameters: Mapping[str, str], name: str, default: date) -> date:
    try:
        return date.fromisoformat(parameters[name]) if name in parameters else default
    except ValueError:
        raise _Refusal("badArgument", f"{name} date must be YYYY-MM-DD") from None


def _resumed(parameters: Mapping[str, str]) -> tuple[dict[str, str], int]:
    if parameters.keys() != {"verb", "resumptionToken"}:
        raise _Refusal("badArgument", "No other paramters allowed with resumptionToken")
    known = {name: values[0] for name, values in parse_qs(unquote(parameters["resumptionToken"])).items()}
    if not known.get("skip", "").isdigit():
        raise _Refusal("badResumptionToken")
    return known, int(known.pop("skip"))


def _token(
    asked: Mapping[str, str], skip: int, page: Sequence[tuple[Paper, date]], following: tuple[Paper, date]
) -> str:
    """Return the token for what follows: from the day of the next record on, without what is shown of it."""
    last = following[1]
    if last == page[0][1]:
        return quote(urlencode({**asked, "skip": skip}))
    shown = sum(day == last for _, day in page)
    return quote(urlencode({**asked, "from": last.isoformat(), "skip": shown}))
