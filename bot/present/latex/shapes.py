"""Formulas on one line: superscripts and subscripts, fractions, roots, accents, chemistry, units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from bot.present.latex.symbols import SUBSCRIPTS, SUPERSCRIPTS

_COMPOUND = re.compile(r"(?<=.)[\s+\-−±∓=/×·]")
_ARROWS = {"xrightarrow": "→", "xleftarrow": "←", "xleftrightarrow": "↔", "xmapsto": "↦"}
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
UMLAUTS = frozenset("aeiouyAEIOUY")
_CHEMICAL_COUNT = re.compile(r"(?<=[A-Za-z)\]])\d+")
_CHARGE = re.compile(r"\^\{?(\d*[+-])\}?")


def _table(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


_UNITS = _table(
    "femto:f pico:p nano:n micro:μ milli:m centi:c deci:d kilo:k mega:M giga:G tera:T peta:P "
    "meter:m metre:m gram:g second:s ampere:A kelvin:K mole:mol hertz:Hz newton:N pascal:Pa joule:J watt:W "
    "volt:V ohm:Ω farad:F tesla:T weber:Wb henry:H lumen:lm lux:lx minute:min hour:h day:d liter:L litre:L "
    "electronvolt:eV byte:B decibel:dB percent:% celsius:°C degreeCelsius:°C degree:° angstrom:Å parsec:pc "
    "um:μm us:μs squared:² cubed:³ per:/ of:"
)


def script(text: str, *, raised: bool) -> str:
    """Return *text* as superscript or subscript, or after `^` or `_` if a character has no such form."""
    text = "".join(text.split())
    if raised and text in {"∘", "◦"}:
        return "°"
    forms: Mapping[str, str] = SUPERSCRIPTS if raised else SUBSCRIPTS
    if all(character in forms for character in text):
        return "".join(forms[character] for character in text)
    mark = "^" if raised else "_"
    return f"{mark}{text}" if len(text) == 1 or text.isalnum() else f"{mark}({text})"


def fraction(over: str, under: str) -> str:
    """Return `over/under`, with parentheses around sums and products."""
    return f"{_operand(over.strip())}/{_operand(under.strip())}"


def root(text: str, index: str = "") -> str:
    """Return the root of *text*: `√2`, `∛(a+b)`."""
    sign = _ROOTS.get(index) or f"{script(index, raised=True)}√"
    text = text.strip()
    return f"{sign}{text}" if text.isalnum() else f"{sign}({text})"


def accented(text: str, accent: str) -> str:
    r"""Return *text* with the combining *accent* on its first letter, if Unicode has such a letter.

    `\"` is an umlaut only on vowels; elsewhere it is an escaped quotation mark.
    """
    base, rest = text[:1].replace("ı", "i").replace("ȷ", "j"), text[1:]
    if accent == "\u0308" and base not in UMLAUTS:
        return f'"{text}'
    letter = unicodedata.normalize("NFC", base + accent)
    return letter + rest if base.isalpha() and len(letter) == 1 else text


def math_accented(text: str, accent: str) -> str:
    """Return *text* with *accent* over it if it is a single symbol; no character spans a longer text."""
    text = text.strip()
    return unicodedata.normalize("NFC", text + accent) if len(text) == 1 and text != " " else text


def chemical(formula: str) -> str:
    """Return mhchem's `H2O`, `SO4^2-` or `A -> B` with subscript counts and superscript charges."""
    formula = _CHARGE.sub(lambda charge: script(charge[1], raised=True), formula)
    formula = _CHEMICAL_COUNT.sub(lambda count: script(count[0], raised=False), formula)
    return formula.replace("<=>", "⇌").replace("->", "→")


def unit(commands: str) -> str:
    r"""Return siunitx's `\milli\second`, or any text with such units, as symbols."""
    return re.sub(
        r"\\([A-Za-z]+)\s*|[{}]",
        lambda name: _UNITS.get(name[1] or "", name[1] or ""),
        commands,
    ).strip()


def code_point(number: str) -> str:
    r"""Return the character of MathJax's `\unicode{x2013}`; "" if there is none."""
    digits = number.strip().lower()
    try:
        character = chr(int(digits[1:], 16) if digits.startswith("x") else int(digits))
    except (ValueError, OverflowError):
        return ""
    return character if character.isprintable() else ""


def command(name: str, arguments: Sequence[str], option: str, before: str) -> str:
    """Return the command *name* of `symbols.ARGUMENTS` with its *arguments*, after the character *before*."""
    first, last = arguments[0], arguments[-1]
    if name.endswith("frac"):
        return (" " if before.isalnum() else "") + fraction(first, last)
    if name.endswith("binom"):
        return f"C({first}, {last})"
    if name == "sqrt":
        return root(first, option.strip())
    if name.startswith("text") and name.endswith("script"):
        return script(first, raised=name == "textsuperscript")
    if name in _ARROWS:
        return _ARROWS[name] + (script(first, raised=True) if first.strip() else "")
    mass = script(option, raised=True) if option.strip() else ""
    wrapped = {
        "ket": f"|{first}⟩",
        "bra": f"⟨{first}|",
        **dict.fromkeys(("braket", "Braket", "expval", "ev"), f"⟨{first}⟩"),
        **dict.fromkeys(("ketbra", "dyad"), f"|{first}⟩⟨{last}|"),
        "abs": f"|{first}|",
        "norm": f"‖{first}‖",
        "pmod": f" (mod {first})",
        "footnote": f" ({first.strip()})",
        "dv": f"d{first}/d{last}",
        "pdv": f"∂{first}/∂{last}",
        "ion": f"{first} {last.upper()}",
        **dict.fromkeys(("isotope", "nuclide"), f"{mass}{first}"),
    }
    return wrapped.get(name, last)


def _operand(text: str) -> str:
    return f"({text})" if _COMPOUND.search(text) and not _is_parenthesized(text) else text


def _is_parenthesized(text: str) -> bool:
    return text.startswith("(") and text.find(")") == len(text) - 1
