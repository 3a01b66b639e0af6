"""The words by which authors say what they do, and those by which they go on, as patterns for one sentence.

The lists come from reading abstracts; `tests/present/test_whats_new.py` counts how often they are right.
"""

from __future__ import annotations

import re

_ADVERB = r"(?:\s+(?:\w+ly|also|first|then|here|now|next|hereby|thus|therefore|instead|will|shall))?"
_MAKE = (
    r"propos\w+|present(?:s|ed)?|introduc\w+|develop(?:s|ed)?|design(?:s|ed)?|devis\w+|buil[dt]s?|releas\w+"
    r"|contribut\w+|formulat\w+|construct(?:s|ed)?|creat\w+|describ\w+|offer(?:s|ed)?|put forward"
    r"|establish\w*"
)
_DO = (
    r"show(?:s|ed|n)?|demonstrat\w+|stud(?:y|ies|ied)|investigat\w+|examin\w+|explor\w+|analy[sz]\w+|address\w*"
    r"|consider\w*|employ\w*|us(?:e|es|ed)|utili[sz]\w+|leverag\w+|appl(?:y|ies|ied)|evaluat\w+"
    r"|prov(?:e|es|ed|ide|ides)|deriv\w+|report\w*|extend\w*|augment\w*|compar\w+|measur\w+|perform\w*|review\w*"
    r"|survey\w*|discuss\w*|revisit\w*|focus\w*|tackle\w*|ask\w*|argue\w*|determin\w+|calculat\w+|comput\w+|simulat\w+"
    r"|observ\w+|generali[sz]\w+|unif\w+|adapt\w*|implement\w*|train\w*|solv\w+|obtain\w*|reali[sz]\w+|combin\w+"
    r"|challenge\w*|quantif\w+|characteri[sz]\w+|search\w*|model\w*|identif\w+|find|found|give|aim\w*|seek\w*"
)
WORK = (
    r"(?:paper|work|study|article|letter|report|note|survey|review|perspective|thesis|chapter|tutorial|manuscript"
    r"|research|contribution|preprint|dissertation|document)"
)
_WE = r"(?:\bwe|\bI|\bthe authors?)"


def any_case(pattern: str) -> re.Pattern[str]:
    """Return *pattern*, compiled, in which capitals do not matter."""
    return re.compile(pattern, re.IGNORECASE)


WE_MAKE = any_case(rf"{_WE}{_ADVERB}\s+(?:{_MAKE})\b")
THIS_WORK_DOES = any_case(
    rf"\b(?:this|the present) {WORK}{_ADVERB}\s+(?:{_MAKE}|{_DO})\b"
    rf"|\bour (?:paper|work|article){_ADVERB}\s+(?:{_MAKE})\b"
)
IN_THIS_WORK = any_case(
    rf"\b(?:in|with|through|throughout) (?:this|the present|our) {WORK}\b|^here\b|\bherein\b"
)
WE_DO = any_case(rf"{_WE}{_ADVERB}\s+(?:{_DO})\b")
OUR_METHOD = any_case(
    r"^(?:[^.;]{0,160},\s+)?our (?:\w+ ){0,2}(?:model|method|approach|framework|system|algorithm|analysis"
    r"|scheme|pipeline|technique|results?) (?:\w+ly )?\w+s?\b"
)
IS_DONE = any_case(
    r"\b(?:is|are|was|were|has been|have been)\s+(?:\w+ly\s+|first\s+|here\s+)?(?:proposed|presented"
    r"|introduced|developed|studied|investigated|described|examined|considered|derived|analy[sz]ed|discussed|explored"
    r"|demonstrated|reported|constructed|designed)\b"
)

LATER = any_case(
    r"^(?:finally|additionally|furthermore|moreover|second(?:ly)?|third(?:ly)?|lastly|in addition|also"
    r"|besides|further|next|then|overall|in summary|in conclusion|to conclude|specifically|in particular"
    r"|concretely|notably|crucially|importantly"
    r"|(?:extensive |comprehensive |empirical |numerical |simulation |hardware |real-\w+ )*"
    r"(?:experiments?|experimental|results?|simulations?|evaluations?|ablations?|comparisons?)\b|empirically"
    r"|experimentally|(?:our |the |these |this )?(?:code|project|results?|findings|data)\b"
    r"|to (?:further|support|validate|evaluate|verify|demonstrate|assess|enable))"
)
"""How a sentence begins that goes on from an earlier one."""
ALSO = any_case(rf"{_WE}\s+(?:also|further|additionally|finally|then|evaluate|validate|release)\b")
RESULTS = any_case(
    rf"{_WE} (?:present|show|report|provide) (?:\w+ ){{0,2}}"
    r"(?:results|experiments|evidence|guarantees|examples)"
)
HOLLOW = any_case(
    r"\b(?:address|tackle|solve|overcome|bridge|fill)\s+(?:this|these)\s+(?:\w+\s+)?(?:challenges?|problems?"
    r"|issues?|limitations?|gaps?)(?:\s+by \w+ing an? [\w\s-]{0,60})?\.$"
)
"""A sentence that promises and does not say what: “Here we address this challenge.”"""
LINK = any_case(r"https?://|\bgithub\b|publicly available|code (?:is|and|will)")
