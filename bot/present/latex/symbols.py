"""The tables behind `unicode.py`: how LaTeX commands look in Unicode.

Most symbols come from pylatexenc. These tables add commands that it lacks but arXiv's authors use, the
characters that exist as superscript or subscript, and the commands that take, drop or style an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pylatexenc.latex2text import fmt_math_text_style, get_default_latex_context_db
from pylatexenc.macrospec import LatexContextDb


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(plain: str, raised: str) -> dict[str, str]:
    return dict(zip(plain, raised, strict=True))


SUPERSCRIPTS: Mapping[str, str] = {
    **_pairs("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾"),
    **_pairs("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"),
    **_pairs("ABDEGHIJKLMNOPRTUVW", "ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ"),
    **_pairs("αβγδεθιφχ", "ᵅᵝᵞᵟᵋᶿᶥᵠᵡ"),
    # These are already raised.
    **{mark: mark for mark in "*†‡′″°"},
    **_pairs("−∗∘⋆'ϕ", "⁻*°⋆′ᵠ"),
}
SUBSCRIPTS: Mapping[str, str] = {
    **_pairs("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
    **_pairs("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"),
    **_pairs("βγρφχ", "ᵦᵧᵨᵩᵪ"),
    **_pairs("−ϕ", "₋ᵩ"),
    **{mark: mark for mark in "☉⊙⊕★⋆"},  # astronomy's marks are small enough as they are: M⊙
}

# One-character commands.
CHARACTERS: Mapping[str, str] = {
    **{mark: mark for mark in "%$&#_{}"},
    **dict.fromkeys(",;:> \t\n\\", " "),
    **dict.fromkeys("!/-@", ""),
}

# Accents on the letter that follows, as combining characters.
ACCENTS: Mapping[str, str] = {
    **_pairs("'`^\"~=.", "\u0301\u0300\u0302\u0308\u0303\u0304\u0307"),
    **_pairs("cvuHkrdbt", "\u0327\u030c\u0306\u030b\u0328\u030a\u0323\u0331\u0361"),
}
MATH_ACCENTS: Mapping[str, str] = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
    "mathring": "\u030a",
    "not": "\u0338",
}

# Commands whose argument, text or mathematics, stays unchanged: bold and italics would need Markdown.
TEXT_WRAPPERS = _names(
    "text textbf textit textrm textsf texttt textsc textsl textup textmd textnormal emph underline "
    "uline mbox hbox fbox ensuremath enquote MakeUppercase MakeLowercase sout hl mathrm mathbf mathit "
    "mathsf mathtt boldsymbol bm bold pmb mathop mathbin mathrel mathord mathnormal operatorname "
    "operatornamewithlimits DeclareMathOperator overrightarrow overleftarrow underbrace overbrace smash "
    "rlap llap ac acs acl acf acp acrshort acrlong acrfull gls Gls glspl num ang"
)
# Switches without an argument, spacing and sizes.
SILENT = _names(
    "rm bf it em sl sc tt sf up normalfont bfseries itshape rmfamily sffamily ttfamily scshape "
    "displaystyle textstyle scriptstyle scriptscriptstyle left right middle big Big bigg Bigg bigl bigr "
    "Bigl Bigr biggl biggr Biggl Biggr limits nolimits noindent par newline linebreak centering protect "
    "xspace relax small footnotesize large Large tiny normalsize boldmath unboldmath mathstrut strut "
    "hfill hfil vfill nonumber allowbreak nobreak sloppy indent bigskip medskip smallskip maketitle "
    "newpage null phantomsection"
)
# Commands whose argument does not help a reader.
DROPPED = _names(
    "label vspace hspace phantom hphantom vphantom color index thanks begin end footnotemark input include "
    "bibliography bibliographystyle graphicspath includegraphics pagestyle thispagestyle vskip hskip"
)
CITATIONS = _names(
    "cite citep citet citealp citealt citeauthor citeyear citeyearpar citenum Cite Citet Citep nocite "
    "parencite textcite autocite footcite onlinecite ref eqref autoref cref Cref pageref nameref"
)
ALPHABETS: Mapping[str, str] = {
    "mathbb": "doublestruck",
    "mathds": "doublestruck",
    "Bbb": "doublestruck",
    "mathcal": "script",
    "mathscr": "script",
    "cal": "script",
    "mathfrak": "fraktur",
    "frak": "fraktur",
}

# How many arguments the commands take that `shapes.command` knows …
ARGUMENTS: Mapping[str, int] = {
    **dict.fromkeys(
        _names(
            "frac dfrac tfrac cfrac nicefrac sfrac binom dbinom tbinom textcolor colorbox ketbra dyad ion "
            "dv pdv"
        ),
        2,
    ),
    **dict.fromkeys(_names("overset underset stackrel texorpdfstring"), 2),
    **dict.fromkeys(
        _names(
            "sqrt ket bra abs norm pmod footnote textsuperscript textsubscript braket Braket expval ev "
            "xrightarrow xleftarrow xleftrightarrow xmapsto isotope nuclide"
        ),
        1,
    ),
}
# … which of them take one group, \braket{0|1}, or two, \braket{0}{1} …
IN_ONE_GROUP_OR_TWO = frozenset(["braket", "Braket"])
# … which of them have a second option that is dropped, such as the atomic number of \isotope[14][6]{C} …
TWO_OPTIONS = frozenset(["isotope", "nuclide"])
# … which of them contain prose even in a formula …
PROSE_ARGUMENTS = frozenset(["footnote"])
# … and the commands whose arguments are not LaTeX.
RAW_ARGUMENTS = _names("url path nolinkurl href SI qty SIrange si unit ce unicode")

_EXTRA: Mapping[str, str] = {
    "prime": "′",
    "dprime": "″",
    "deg": "°",
    "degr": "°",
    "degree": "°",
    "celsius": "°C",
    "micro": "μ",
    "upmu": "μ",
    "um": "μm",
    "us": "μs",
    "percent": "%",
    "ohm": "Ω",
    "angstrom": "Å",
    "AA": "Å",
    "texttimes": "×",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbackslash": "∖",
    "backslash": "∖",
    "textbar": "|",
    "textless": "<",
    "textgreater": ">",
    "textunderscore": "_",
    "lbrace": "{",
    "rbrace": "}",
    "lbrack": "[",
    "rbrack": "]",
    "lt": "<",
    "gt": ">",
    "colon": ":",
    "coloneqq": "≔",
    "sp": "^",
    "sb": "_",
    "space": " ",
    "quad": " ",
    "qquad": " ",
    "thinspace": " ",
    "enspace": " ",
    "nobreakspace": " ",
    "negthinspace": "",
    "slash": "/",
    "iff": "⟺",
    "implies": "⟹",
    "impliedby": "⟸",
    "gets": "←",
    "land": "∧",
    "lor": "∨",
    "lnot": "¬",
    "neg": "¬",
    "ne": "≠",
    "star": "⋆",
    "ast": "*",
    "square": "□",
    "Box": "□",
    "Diamond": "◇",
    "checkmark": "✓",
    "cmark": "✓",
    "xmark": "✗",
    "bigstar": "★",
    "hdots": "…",
    "dotsc": "…",
    "Re": "Re",
    "Im": "Im",
    "bmod": "mod",
    "mod": "mod",
    "and": "&",
    "etal": "et al.",
    "ie": "i.e.",
    "eg": "e.g.",
    "etc": "etc.",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "S": "§",
    "P": "¶",
    "copyright": "©",
    "pounds": "£",
    "euro": "€",
    "ddag": "‡",
    "textquotesingle": "'",
    "textquotedbl": '"',
    "lq": "‘",
    "rq": "’",
    "item": "•",
    "wp": "℘",
    "aa": "å",
    "iint": "∬",
    "gtrapprox": "⪆",
    "lessapprox": "⪅",
    "asymp": "≍",
    "doteq": "≐",
    "ltimes": "⋉",
    "rtimes": "⋊",
    "varOmega": "Ω",
    "varDelta": "Δ",
    "varGamma": "Γ",
    "varPhi": "Φ",
    "varPsi": "Ψ",
    "varSigma": "Σ",
    "varLambda": "Λ",
    "varTheta": "Θ",
    "arXiv": "arXiv",
    # AASTeX and other journals' classes of astronomy.
    "la": "≲",
    "ga": "≳",
    "lsim": "≲",
    "gsim": "≳",
    "simlt": "≲",
    "simgt": "≳",
    "sun": "☉",
    "earth": "⊕",
    "mars": "♂",
    "Sun": "☉",
    "Earth": "⊕",
    "arcsec": "″",
    "arcmin": "′",
    "arcdeg": "°",
    "farcs": "″.",
    "farcm": "′.",
    "fdg": "°.",
    "farcd": "°.",
    "fs": "ˢ.",
    "micron": "μm",
    "kms": "km s⁻¹",
    "msun": "M☉",
    "Msun": "M☉",
    "Lsun": "L☉",
    "lsun": "L☉",
    "Rsun": "R☉",
    "rsun": "R☉",
    "Zsun": "Z☉",
    "hii": "H II",
    "HII": "H II",
    "HI": "H I",
    # What pylatexenc lacks of amssymb and unicode-math.
    "lll": "⋘",
    "ggg": "⋙",
    "nsim": "≁",
    "models": "⊨",
    "eqqcolon": "≕",
    "imath": "ı",
    "jmath": "ȷ",
    "leadsto": "⇝",
    "clubsuit": "♣",
    "heartsuit": "♡",
    "spadesuit": "♠",
    "restriction": "↾",
    "varsubsetneq": "⊊",
    "Angstrom": "Å",
}
FUNCTIONS = _names(
    "log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan max min sup inf lim "
    "limsup liminf det dim ker hom deg gcd arg Pr argmax argmin Tr tr sgn sign rank diag span mod bmod"
)

# Operators that Unicode does not classify as mathematical.
OPERATORS = frozenset("·*•⋆†‡")

# Commands for letters; in prose, TeX swallows the space after them: `S\o rensen`.
LETTERS = _names("o O l L ss ae AE oe OE aa AA i j dh DH th TH dj DJ ng NG")


_DOCUMENT_COMMANDS = frozenset(["today", "title", "author", "date", "maketitle"])  # `today` reads the clock


@cache
def symbol(name: str) -> str | None:
    """Return the Unicode for the command *name* (without its backslash), None if it is unknown."""
    if name in _EXTRA:
        return _EXTRA[name]
    if name in FUNCTIONS:
        return name
    spec = None if name in _DOCUMENT_COMMANDS else _symbols().get_macro_spec(name)
    shown = getattr(spec, "simplify_repl", None)
    if isinstance(shown, str) and shown.strip() and not ("%" in shown or shown.startswith("<")):
        return shown
    return None


@cache
def _symbols() -> LatexContextDb:
    return get_default_latex_context_db()


def in_alphabet(text: str, style: str) -> str:
    """Return *text* in one of Unicode's mathematical alphabets; characters that it lacks stay."""
    styled: str = fmt_math_text_style(text, style)
    return styled
