r"""Turn the TeX of titles, abstracts and names into Unicode, just as far as arXiv's search index does (pure).

OAI-PMH and the feeds show what authors typed; the query API shows what its index holds, and matching must see
the same. arXiv's own code (https://github.com/arXiv/arxiv-base, `arxiv/util/tex2utf.py`) turns accents,
ligatures, some signs and Greek letters into Unicode, also within formulas, and leaves every other macro and
all dollar signs. What is deployed differs from that code, as 5,267 real papers show: `\phi` becomes φ, and
`\varphi` stays. Braces around the result stay, too (`Schr{\"o}dinger` is `Schr{ö}dinger`), but not those of a
lone macro (`{\pi}`), and a macro takes one blank after it along (`$\Delta \sim$` is `$Δ\sim$`).
"""

from __future__ import annotations

import re
import unicodedata

# By sign: the accent that Unicode combines, and the letters that arXiv puts it on. Others lose their accent.
_MARKS = {
    "'": ("\u0301", "ACEILNORSUYZaceilnorsuyz"),
    '"': ("\u0308", "AEIOUYaeiouy"),
    ".": ("\u0307", "ACEGIOZacegoz"),
    "=": ("\u0304", "AEIOUYaeiouy"),
    "^": ("\u0302", "ACEGHIJOSUWYaceghijosuwy"),
    "`": ("\u0300", "AEIOUaeiou"),
    "~": ("\u0303", "AINOUainou"),
    "H": ("\u030b", "OUou"),
    "c": ("\u0327", "CEGKLNRSTcegklnrst"),
    "k": ("\u0328", "AEIOUaeiou"),
    "r": ("\u030a", "AUau"),
    "u": ("\u0306", "AEGIOUaegiou"),
    "v": ("\u030c", "ACDEGHIKLNORSTUZacdeghiklnorstuz"),
}


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_MACROS = {
    **_pairs("AA Å AE Æ DH Ð DJ Đ ETH Ð L Ł NG Ŋ O Ø OE Œ TH Þ"),
    **_pairs("aa å ae æ dh ð dj đ eth ð i ı l ł ng ŋ o ø oe œ ss ß th þ"),
    **_pairs("Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"),
    **_pairs(
        "alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν"
    ),
    **_pairs("xi ξ omicron ο pi π rho ρ varsigma ς sigma σ tau τ phi φ chi χ psi ψ omega ω"),
    **_pairs("P ¶ S § copyright © guillemotleft « guillemotright » pounds £ dag † ddag ‡ div ÷ deg °"),
}
# arXiv's own sample of its database, from which most recorded answers come, has two or three backslashes for
# one. Two are a line break in TeX, before which no accent makes sense; so all of them are read as one.
_BACKSLASHES = r"\\{1,3}"
_MACRO = re.compile(rf"(\{{)?{_BACKSLASHES}({'|'.join(_MACROS)})(?![^\W_])(?(1)\}}|(?:\\(?= )| |\{{\}})?)")
_DOTLESS = re.compile(rf"({_BACKSLASHES}['`^\"~=.uvH])\s?\{{{_BACKSLASHES}([ij])\s?\}}")
_LONE_J = re.compile(r"\{\\j\}|\\j\s")
_DOUBLE_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_ACCENT = re.compile(
    rf"{_BACKSLASHES}"
    r"(?:(['`^\"~=.])(?=\{?([A-Za-z]))(?:[A-Za-z]|\{[A-Za-z]\})|([Hckruv])\{([A-Za-z])\})"
)
_TIE = re.compile(r"\\t\{([^}])\}")


def as_indexed(text: str) -> str:
    """Return *text* with the macros replaced that arXiv's index replaces; white space stays."""
    if "\\" not in text:
        return text
    text = _DOTLESS.sub(r"\1{\2}", text)
    text = _MACRO.sub(lambda found: _MACROS[found[2]], text)
    text = _LONE_J.sub("j", text)
    text = _DOUBLE_BRACES.sub(r"{\1}", text)
    text = _ACCENT.sub(_accented, text)
    return _TIE.sub(r"\1", text)


def _accented(found: re.Match[str]) -> str:
    """Return a letter with its accent; arXiv shows one that it does not know without its backslash."""
    sign, letter = found[1] or found[3], found[2] or found[4]
    mark, letters = _MARKS[sign]
    if letter in letters:
        return unicodedata.normalize("NFC", letter + mark)
    return sign + letter if sign.isalpha() else letter
