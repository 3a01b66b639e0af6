"""Whether a paper is withdrawn, read from its comment, which is arXiv's only sign of it (pure).

ArXiv records a withdrawal as a new version whose comment says so (https://info.arxiv.org/help/withdraw.html);
the feed has no flag. Authors write that comment freely. The rules come from some forty real
comments. They ask what is withdrawn: the paper counts; an earlier version, another paper, a part of the paper
and a submission to a conference or journal do not.
"""

from __future__ import annotations

import re

_PAPER = (
    r"(?:e-?print|papers?|pre-?print|article|manuscript|submission|work|document|report|study|draft|note|letter"
    r"|version|thesis|publication|survey|chapter|posting)"
)
_OURS = (
    r"(?:this|the|our|my|their|that|its|the\s+current|the\s+present|the\s+above|said"
    r"|all\s+versions\s+of\s+(?:this|the|our))"
)
_IT = rf"(?:{_OURS}\s+(?:[\w-]+\s+){{0,2}}?{_PAPER}\b|it\b|this\b)"
# A part of the paper, or something else, that is withdrawn instead.
_PART = (
    r"\b(?:theorems?|lemmas?|sections?|claims?|propositions?|corollar\w+|appendi\w+|figures?|results?|conjectures?"
    r"|statements?|proofs?|conclusions?|remarks?|examples?|chapters?|tables?|assertions?|arguments?|equations?)\b"
)
_OTHER = (
    r"\b(?:companion|another|other|(?:pre-?print|paper|article|work|results?|claims?)\s+(?:of|by|in)"
    r"|(?:previous|earlier|prior|first|second|third|original|old|older|initial|former|preceding|last)\s+(?:arxiv\s+)?"
    r"(?:\w+\s+)?(?:versions?|submissions?|manuscripts?|drafts?|papers?|preprints?|uploads?)"
    r"|v\d+|versions?\s+\d+)\b"
)
_IS = r"(?:(?:has|have|had)\s+(?:now\s+)?been|is|are|was|were|be|being|stands|is\s+being|gets|got)"
_ADVERB = (
    r"(?:(?:now|hereby|temporarily|permanently|voluntarily|administratively|therefore|also|fully|completely"
    r"|formally|officially|currently)\s+)*"
)

_ELSEWHERE = re.compile(
    r"\bwithdr\w+\s+(?:\w+\s+){0,4}?from\s+(?!(?:the\s+)?(?:arxiv|public\b|archive|e-?print|preprint|circulation"
    r"|this\s+(?:archive|repository|server|platform)|here\b))",
    re.IGNORECASE,
)
_VENUE = re.compile(
    r"\b(?:ICLR|NeurIPS|NIPS|ICML|CVPR|ICCV|ECCV|ACL|EMNLP|NAACL|AAAI|IJCAI|KDD|WWW|openreview|conference|journal"
    r"|workshop|proceedings)\b[^.;]{0,20}?\bwithdr\w+|\bwithdr\w+\s+(?:\w+\s+)?(?:ICLR|NeurIPS|ICML|CVPR|conference)\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|never|n['’]t|no\s+longer|previously|formerly|once|earlier|already|un)[\s-]+(?:been\s+|be\s+)?"
    r"(?:withdr|retract)|\b(?:not|never|n['’]t)\s+(?:request|wish|intend|want|plan|ask)\w*\s+(?:\w+\s+){0,3}?"
    r"(?:withdr|retract)",
    re.IGNORECASE,
)
# "the withdrawn paper", "replaces a withdrawn submission": an adjective, of another version.
_ADJECTIVE = re.compile(
    rf"(?<=\w)\s+(?:withdrawn|retracted)\s+(?:arXiv\b|{_PAPER}\b|one\b)|\b(?:withdrawn|retracted)\s+{_PART}"
    r"|\b(?:replac|supersed)(?:es|ing)\s+(?:[\w.:/-]+\s+){0,3}?\(?(?:withdrawn|retracted)"
    rf"|\ban?\s+(?:[\w-]+\s+)?{_PAPER}\s+(?:that|which)\s+(?:was|has\s+been|is)\s+(?:withdrawn|retracted)",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:reinstated|restored|un-?withdrawn"
    r"|withdrawal\s+(?:has\s+been\s+|is\s+|was\s+)?(?:reversed|revoked|cancell?ed|lifted))\b",
    re.IGNORECASE,
)

_SAYS = re.compile(
    rf"""
      \b{_IS}\s+{_ADVERB}(?:self-)?(?:withdrawn|retracted)\b
    | (?:^|[,:;(*\[]\s*|\b{_PAPER}\s+){_ADVERB}(?:withdrawn|retracted)\b
    | \bwithdrawn\s+(?:by|due|because|as|until|after|following|pending|at\s+the|on\s+request|for|to|since
      |from)\b
    | \bretracted\s+(?:by|due|because|at\s+the|from)\b
    | \b(?:withdraws?|withdrew|withdrawing|retracts?|retracting)\s+{_ADVERB}{_IT}
    | \b(?:has|have|had)\s+{_ADVERB}(?:withdrawn|retracted)\s+{_IT}
    | \b(?:decid|wish|want|would\s+like|request|ask|intend|need|have|cho?os|agre)\w*\s+to\s+{_ADVERB}
      withdraw\b(?!\s+(?:the|a)\b)
    | ^withdraw\s+(?:by|due|because)\b
    | \b(?:request\w*|ask\w*\s+for|appl\w+\s+for|notice\s+of|reason\s+for|seek\w*)\s+(?:\w+\s+){{0,2}}?
      (?:withdrawal|retraction)\b
    | (?:^|[,:;(*\[]\s*|\b(?:author|voluntary|administrative|paper|preprint|manuscript|submission|article)\s+)
      (?:withdrawal|retraction)\s*(?:$|[:.;,)\]]|notice|note|by\b|due\b|because\b|at\s+the\b|request)
    | \b(?:withdrawal|retraction)\s+of\s+(?:this|the|our|my)\s+(?:[\w-]+\s+){{0,2}}?{_PAPER}\b
    | \bremoved\s+(?:\w+\s+){{0,3}}?by\s+(?:the\s+)?arxiv\b
    | \bremoved\s+from\s+(?:the\s+)?arxiv\b
    | \bthis\s+{_PAPER}\s+{_IS}\s+{_ADVERB}removed\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BARE = re.compile(r"[,;:]\s*(?:withdrawn|retracted)\W*$", re.IGNORECASE)
_WORD = re.compile(r"withdr|retract|removed", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z]{1,10}\s?/?>")
# A number such as arXiv:2503.03215 or "v1.0" holds dots that end no sentence.
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+|\s+(?:--|–|—)\s+")


def says_withdrawn(comment: str | None) -> bool:
    """Tell whether *comment* says that its paper is withdrawn, retracted or removed by arXiv."""
    if not comment or not _WORD.search(comment):
        return False
    comment = _TAG.sub("", comment)
    # Some of the patterns would take quadratic time on long white space.
    comment = "\n".join(" ".join(line.split()) for line in comment.splitlines())
    if _BACK.search(comment):
        return False
    return any(_withdrawn(sentence) for sentence in _SENTENCE.split(comment) if _WORD.search(sentence))


def _withdrawn(sentence: str) -> bool:
    said = _SAYS.search(sentence)
    if said is None or any(rule.search(sentence) for rule in (_ELSEWHERE, _VENUE, _NOT, _ADJECTIVE)):
        return False
    return _BARE.search(sentence) is not None or not _of_something_else(sentence[: said.end()])


_THIS = re.compile(
    r"(?<!of\s)(?<!in\s)\b(?:this|our|my|its|the|the\s+(?:current|present|above)|th(?:is|e)\s+(?:whole|entire))"
    rf"\s+{_PAPER}\b(?!\s+(?:by|of|in)\b)",
    re.IGNORECASE,
)
_SOMETHING_ELSE = re.compile(
    rf"{_PART}|{_OTHER}|(?<!\()\barXiv:[\w./-]+,?\s+(?:which\s+)?{_IS}\b", re.IGNORECASE
)


def _of_something_else(start: str) -> bool:
    """Tell whether the *start* of a sentence names a part, another version or another paper."""
    ours = [match.end() for match in _THIS.finditer(start)]
    others = [match.end() for match in _SOMETHING_ELSE.finditer(start)]
    return bool(others) and (not ours or others[-1] > ours[-1])
