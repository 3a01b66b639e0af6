"""How conferences and journals are named in comments, journal references and DOIs (pure)."""

from __future__ import annotations

import re

LONGEST = 48
"""The characters of a name that is shown."""

_KNOWN = (
    "AAAI AACL AGI AAMAS ACCV ACL ACM-MM AISTATS ALT APPROX ASE ASPLOS ASRU BMVC CADE CAV CCC CCS CHI CIKM "
    "COLING COLM COLT CONCUR CPAL CRYPTO CSCW CVPR CoNLL CoRL CogSci DAC DATE DSN EACL ECAI ECCV ECIR ECML "
    "EMNLP EMBC ESA ESOP ESORICS EUSIPCO EuroSys FAccT FOCS FORC FSE FSTTCS GECCO GLOBECOM HPCA HRI ICALP "
    "ICANN ICASSP ICC ICCAD ICCV ICDAR ICDE ICDM ICFP ICIP ICLR ICML ICPR ICRA ICSE ICSME ICST ICTAI IJCAI "
    "IJCNN INFOCOM INTERSPEECH IPDPS IROS ICPADS ISAAC ISBI ISCA ISIT ISMAR ISMIR ISSTA ITCS ITSC KDD KR "
    "LICS LREC MICCAI MICRO MLHC MLSys MSR NAACL NDSS NIPS NSDI NeurIPS OOPSLA OSDI PAKDD PETS PKDD PLDI "
    "POPL PODS PPoPP QIP RECOMB RSS RecSys SANER SIGCOMM SIGGRAPH SIGIR SIGMOD SOCG SODA SOSP SPAA STACS "
    "STOC SoCG TACAS TMLR UAI UIST VLDB WACV WAFR WSDM WWW"
)
CONFERENCES = frozenset(_KNOWN.split(" "))
"""Acronyms that are a venue without a year, or without a word that says so."""
_NO_VENUE = frozenset([
    "IEEE", "ACM", "RSJ", "CVF", "IFIP", "IFAC", "IEEE/RSJ", "IEEE/CVF", "ACM/IEEE", "IEEE/ACM", "ACM/SIGAPP",
    "EMBS", "RAS", "NSF", "DFG", "ERC", "USA", "UK", "SI", "SM", "PDF", "LNCS", "PMLR", "ARR", "CEUR", "MIT",
    "CERN", "OpenReview", "WiP",
])  # fmt: skip

_ACRONYM = (
    r"(?:(?:ACM )?SIG[A-Z]+|ACM (?:MM|Multimedia)|EuroS&P|USENIX Security|SIGGRAPH Asia|Interspeech|Humanoids"
    r"|Eurographics|Odyssey|Globecom|ESEC/FSE|(?<=\()(?!(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|Spring|Fall))"
    r"[A-Z][a-z]{3,12}(?= 20\d\d\))|[A-Z]{2,5}-[A-Z][a-z]{2,10}"
    r"|[A-Z][A-Za-z&]{0,9}[A-Z][A-Za-z&]{0,9}(?:[ -][A-Z]{2,5})?)"
)
DATED = re.compile(
    rf"(?<![\w/&])(?P<name>{_ACRONYM})\)?"
    r"(?:(?:,? | ?[-–]|,)?(?P<year>(?:19|20)\d\d)|(?: ?['’‘`]"
    r"|(?P<dash>-?))(?P<short>\d\d))(?![\w.-]*\d)(?!\w)"
)
"""An acronym with its year: `ICLR 2026`, `(IROS), 2026`, `KDD'26`."""
IN_BRACKETS = re.compile(
    rf"\((?:the )?(?P<name>{_ACRONYM}|[A-Z]{{2,6}}|[A-Z]{{1,3}}-[A-Z]{{1,4}}|[a-z]{{1,2}}[A-Z]\w{{1,8}}"
    rf"|[A-Z][a-z]+[A-Z]\w{{0,8}})\)"
)
"""An acronym that stands in brackets after the long name."""
YEAR = re.compile(r"(?<![\d:./-])(?:19|20)\d\d(?![\d:]|\.\d)")
GATHERING = re.compile(
    r"\b(?:conference|symposium|workshop|meeting|congress|proceedings|proc\.|track|colloquium|school"
    r"|challenge)\b",
    re.IGNORECASE,
)
WORKSHOP = re.compile(r"\bworkshops?\b", re.IGNORECASE)
PLAIN_ACRONYM = re.compile(r"(?<![\w&/-])[A-Z][A-Za-z]{1,9}(?![\w&-])")
OWN_WORKSHOP = re.compile(r"(?<![\w&/-])(?P<name>[A-Z]\w{0,9}[A-Z]\w{0,9}) Workshop\b")
"""A workshop with a name of its own: `XAIxArts Workshop`."""

_WORD = r"(?:[A-Z][\w’'&-]{0,24}\.?|of|and|in|on|the|for|&|de|und)"
_LISTED = r"(?:(?:, [A-Z][a-z]{1,20})+,? and [A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20})?)?"
JOURNAL_NAME = (
    rf"[\"“‘']?(?P<name>(?:npj )?[A-Z][\w’'&-]{{0,24}}\.?(?:[ ]{_WORD}){{0,9}}{_LISTED}"
    rf"(?:: ?[A-Z][a-z]{{1,15}}(?: {_WORD}){{0,6}})?)"
)
"""A name such as `Phys. Rev. D` or `IEEE Transactions on Robotics`."""
TRAILING = re.compile(
    r"(?:[\s,:&]|\b(?:of|and|in|on|the|for|de|und|as|at|vol|volume|no|special issue|pages?|pp)\b\.?"
    r"|\((?:Volume)?)+$",
    re.IGNORECASE,
)
CALLED_A_JOURNAL = re.compile(r"[\"”’']? journal\b", re.IGNORECASE)
"""What follows a name that is a journal's, whatever its words."""
JOURNAL_WORD = re.compile(
    r"\b(?:journal|j\.|transactions|trans\.|letters|lett\.|review|reviews|rev\.|physics|phys\.|nature"
    r"|science|annals"
    r"|acta|access|communications|commun\.|magazine|bulletin|proceedings of the (?:ieee|national)|materials"
    r"|research"
    r"|quantum|scipost|chaos|neurocomputing|automatica|cell|plos|elife|biology|mathematics|math\.|sensors"
    r"|robotics"
    r"|drones|electronics|studies|monthly|quarterly|management|statistics|informatics|engineering|sciences?"
    r"|apj|mnras"
    r"|jhep|jcap|jmlr|tmlr|tacl|pnas|epj|prl|prd|prb|prx|astronomy|astrophysical|chemistry|chem\.|optics"
    r"|opt\.|sleep"
    r"|matter|mater\b|adv\.|physica|systems|computing|computation|analysis|energy|intelligence|technology"
    r"|technologies|medicine|geometry|algebra)",
    re.IGNORECASE,
)

_LONG_NAMES = {
    short: re.compile(long, re.IGNORECASE)
    for short, long in {
        "NeurIPS": r"conference on neural information processing systems",
        "ICLR": r"conference on learning representations",
        "ICML": r"international conference on machine learning\b(?! and)",
        "CVPR": r"conference on computer vision and pattern recognition",
        "IROS": r"conference on intelligent robots (?:and|&) systems",
        "ICRA": r"(?<!asia )conference on robotics (?:and|&) automation",
        "RSS": r"robotics: science and systems",
        "CoRL": r"\bconference on robot learning",
        "ICST": r"conference on software testing, ver\w+ (?:and|&) validation",
        "AITest": r"conference on artificial intelligence testing",
        "ISSTA": r"symposium on software testing and analysis",
        "ICPR": r"international conference on pattern recognition",
        "ACL": r"annual meeting of the association for computational linguistics",
        "TMLR": r"transactions on machine learning research",
        "SODA": r"symposium on discrete algorithms",
    }.items()
}
_DOI_NAMES = (
    (re.compile(r"10\.1103/PhysRev([A-EX])\.", re.IGNORECASE), "Phys. Rev. {}"),
    (re.compile(r"10\.1103/PhysRevLett\."), "Phys. Rev. Lett."),
    (re.compile(r"10\.1103/PhysRev(?:Res|Research)"), "Phys. Rev. Research"),
    (re.compile(r"10\.1103/RevModPhys\."), "Rev. Mod. Phys."),
    (re.compile(r"10\.1016/j\.physlet([ab])\.", re.IGNORECASE), "Phys. Lett. {}"),
    (re.compile(r"10\.1016/j\.nuclphys([ab])\.", re.IGNORECASE), "Nucl. Phys. {}"),
    (re.compile(r"10\.1007/JHEP"), "JHEP"),
    (re.compile(r"10\.1088/1475-7516"), "JCAP"),
    (re.compile(r"10\.1093/mnras", re.IGNORECASE), "MNRAS"),
    (re.compile(r"10\.1051/0004-6361"), "A&A"),
    (re.compile(r"10\.(?:3847|1088)/(?:1538-4357|0004-637X)"), "ApJ"),
    (re.compile(r"10\.(?:3847|1088)/2041-8(?:213|205)"), "ApJ Letters"),
    (re.compile(r"10\.1038/(?:nature\d|s41586)"), "Nature"),
    (re.compile(r"10\.1038/(?:ncomms|s41467)"), "Nature Communications"),
    (re.compile(r"10\.1038/(?:nphys|s41567)"), "Nature Physics"),
    (re.compile(r"10\.1126/science\."), "Science"),
    (re.compile(r"10\.1073/pnas\."), "PNAS"),
    (re.compile(r"10\.21468/SciPostPhys\."), "SciPost Physics"),
    (re.compile(r"10\.22331/q-"), "Quantum"),
    (re.compile(r"10\.1214/\d\d-AOP"), "Ann. Probab."),
)
_IEEE_CONFERENCE = re.compile(r"10\.1109/(?P<name>[A-Za-z]{3,12})(?P<digits>\d{0,6})\.(?P<year>20\d\d)\.\d")


def dated(match: re.Match[str]) -> str:
    """Return the name and year of a match of `DATED`: “KDD 2026”; "" if the name is that of a publisher."""
    name = re.sub(r"^(?:IEEE|ACM)[ -](?!MM|Multimedia)", "", match["name"])
    if name in _NO_VENUE or (
        match["dash"] is not None and name not in CONFERENCES
    ):  # `AAAI-26`, but not `COVID-19`
        return ""
    return f"{name} {match['year'] or '20' + match['short']}"


def is_venue(acronym: str) -> bool:
    """Tell whether an *acronym* in brackets may be that of a venue rather than of a publisher."""
    return acronym not in _NO_VENUE


def is_short_journal(name: str) -> bool:
    """Tell whether *name* is a journal by its acronym, such as `RA-L`, `IEEE TPAMI` or `PRA`."""
    return re.fullmatch(r"(?:IEEE )?[A-Z-]{3,8}", name) is not None and name not in _NO_VENUE


def of_long_name(text: str) -> str:
    """Return the acronym of a conference or journal that *text* names in full; "" if unknown."""
    return next((short for short, pattern in _LONG_NAMES.items() if pattern.search(text)), "")


def of_doi(doi: str) -> str:
    """Return the journal or conference that the prefix of *doi* tells; "" if it tells none."""
    for pattern, name in _DOI_NAMES:
        if match := pattern.match(doi):
            return name.format(*(group.upper() for group in match.groups()))
    conference = _IEEE_CONFERENCE.match(doi)
    if conference is None or not conference["name"][:2].isupper():
        return ""
    name = conference["name"]
    if not conference["digits"] and name not in CONFERENCES:
        name = f"IEEE {name}"  # a journal of its own, such as TIT
    return f"{name} {conference['year']}"
