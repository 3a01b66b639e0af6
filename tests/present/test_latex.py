"""LaTeX becomes readable, on a table of what authors write and on every real title and abstract there is."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.present.latex.unicode import to_unicode
from tests.shared import SHARED, needs_shared


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        # letters, scripts, operators
        (r"$\alpha$-helix", "α-helix"),
        (r"$O(n^2)$", "O(n²)"),
        ("H$_2$O and $^{13}$C", "H₂O and ¹³C"),
        (r"the ${}_{ΛΛ}^{\,\,\,\,4}n$ system, M$_{ΛΛ}$", "the ΛΛ⁴n system, M_ΛΛ"),
        (r"$x_{i,j}^{n+q}$", "x_(i,j)^(n+q)"),
        (r"$T_c$, $K_{\rm eff}$", "T_c, K_eff"),
        (r"$2^{-n}$ $T_1^{-1}$ $A^T$ $f'(x)$ $V^*$", "2⁻ⁿ T₁⁻¹ Aᵀ f′(x) V*"),
        (r"$0.73^\circ$", "0.73°"),
        (r"$90\degr$, 5\degr", "90°, 5°"),
        (r"$\langle x|y\rangle$ $\langle \alpha$", "⟨x|y⟩ ⟨α"),
        (r"$4.5\times 10^{-4}$ $4.5 \times 10^{-4}$", "4.5×10⁻⁴ 4.5 × 10⁻⁴"),
        (r"$\sim 40$ $x \geq0.85$ $T \to 0$", "∼40 x ≥ 0.85 T → 0"),
        (r"$\mathcal{O}(N\log N)$", "𝒪(N log N)"),
        (r"$\mathbb{R}^n$ ${\cal L}$ $\mathfrak{g}$", "ℝⁿ ℒ 𝔤"),
        (r"$\mathrm{La}_{3}\mathrm{Ni}_{2}\mathrm{O}_{7}$", "La₃Ni₂O₇"),
        (r"$|0\rangle-|2\rangle$", "|0⟩-|2⟩"),
        (r"$\hat{x}$ $\tilde O$ $\bar{ab}$", "x̂ Õ ab"),
        (r"${g}\in\{0.286,\,0.210\}$", "g∈{0.286, 0.210}"),
        (r"\(a_1\) \[x\] $$y$$", "a₁ x y"),
        (r"\(a $b$ c\) and $d$", "a b c and d"),
        (r"$\binom{n}{k}$", "C(n, k)"),
        (r"$\rmd x$ \rmd x", "d x rmd x"),
        ("p < 10^{-15} at 5 cm^-2", "p < 10⁻¹⁵ at 5 cm⁻²"),
        ("2 K^(-1) and |U_{e3}|^2, on Z^d", "2 K⁻¹ and |Uₑ₃|², on Z^d"),
        (r"by $\textbf{11$^{\circ}$}$, 3^\circ, 4^∘", "by 11°, 3°, 4°"),
        # fractions and roots
        (r"$\frac{a}{b}$ $\frac{a+b}{2}$ $S = \frac12$", "a/b (a+b)/2 S = 1/2"),
        (r"$\sqrt{2}$ $\sqrt{x+1}$ $\sqrt[3]{x}$", "√2 √(x+1) ∛x"),
        # commands in prose
        (r"\textit{in vitro} and \emph{all} {\bf bold}", "in vitro and all bold"),
        (r"\textcolor{red}{hi} \footnote{there}", "hi (there)"),
        (r"as shown~\cite{a,b}. See (\citep{c}) and Fig.~5", "as shown. See and Fig. 5"),
        (r"\url{http://a.b/c_d} \href{http://a.b}{here}", "http://a.b/c_d here (http://a.b)"),
        (r"\ce{H2SO4} \SI{3}{\milli\second}", "H₂SO₄ 3 ms"),
        (r"\SIrange{1}{5}{\kilo\metre} in \si{\metre\per\second} or \unit{\kg}", "1–5 km in m/s or kg"),
        (r"\method{} beats \ourmodel by 5\%", "method beats ourmodel by 5%"),
        (r"R\&D \_ \# \{a\}", "R&D _ # {a}"),
        (r"a \\ b \\[2pt] c \\[ d", "a b c [ d"),
        ("a--b --- c ``d'' 1{,}000", "a–b — c “d” 1,000"),
        # accents
        (r"caf\'e na\"{\i}ve \c{c} \v{s} S\o rensen \AA", "café naïve ç š Sørensen Å"),
        (r"Schr{ö}dinger", "Schrödinger"),
        (r"on \"good\" words and \"b\", Schr\" odinger", 'on "good" words and "b", Schrödinger'),
        # what is no LaTeX stays
        ("costs $5 and $10", "costs $5 and $10"),
        ("from $5 to $10 billion, $x$", "from $5 to $10 billion, x"),
        ("we pay $5/hr and $x$ is free", "we pay $5/hr and x is free"),
        (r"$5 < x $ and $3 \mu m $", "5 < x and 3 μm"),
        ("US$ and CA$ are", "US$ and CA$ are"),
        (r"($550) with wrist tracking, $p<0.05$", "($550) with wrist tracking, p<0.05"),
        ("~100 papers, 10~20 Hz", "~100 papers, 10~20 Hz"),
        ("http://x.y/~foo_b--c", "http://x.y/~foo_b--c"),
        ("{BERT} in {0,1}, time_series x_1", "{BERT} in {0,1}, time_series x_1"),
        ("$", "$"),
        ("\\", "\\"),
        ("", ""),
    ],
)
def test_latex_reads_as_a_person_would_write_it(source: str, shown: str) -> None:
    assert to_unicode(source) == shown


def test_no_command_reads_the_clock() -> None:
    assert to_unicode(r"as of \today") == "as of today"


TEX = st.lists(
    st.sampled_from(
        [
            *"{}$^_~`'-\\[]() aα1",
            r"\frac",
            r"\sqrt",
            r"\hat",
            r"\text",
            r"\(",
            r"\)",
            r"\cite{",
            r"\SI{1}{",
            r"\'",
            r"\unicode{x41",
            r"\begin{",
            r"\left.",
            "$$",
            "https://x.y/",
            r"\\",
            r"\rm",
            r"\foo{",
            "\ud800",
            "\ue000",
        ]
    ),
    max_size=40,
).map("".join)


@given(TEX | st.text())
def test_any_text_comes_back_on_one_line(text: str) -> None:
    shown = to_unicode(text)
    assert shown == " ".join(shown.split())
    assert "\ue000" not in shown


@given(st.text(st.characters(exclude_characters="\\$^~`{-'_", exclude_categories=["Co"])))
def test_text_without_latex_comes_back_as_it_is(text: str) -> None:
    assert to_unicode(text) == " ".join(text.split())


@pytest.mark.parametrize("opening", ["{", r"{\bf ", "$a^{", r"\hat{", r"\frac{1}{", r"\foo{"])
def test_any_depth_of_groups_is_readable(opening: str) -> None:
    shown = to_unicode(opening * 800 + "x" + "}" * 800)
    assert "x" in shown


@cache
def real_texts() -> list[str]:
    with gzip.open(SHARED / "arxiv" / "parity_papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    assert len(papers) == 5267
    return [
        text for paper in papers for text in (paper["title"], paper["abstract"], paper.get("comment") or "")
    ]


@needs_shared
def test_no_command_is_left_in_a_real_paper_and_no_dollar_but_money() -> None:
    texts = real_texts()
    shown = [to_unicode(text) for text in texts]
    before = sum("\\" in text or "$" in text for text in texts)
    commands = [text for text in shown if re.search(r"\\[A-Za-z]", text)]
    dollars = [around for text in shown for around in re.findall(r"\$.{0,9}", text)]
    print(  # noqa: T201 - the counts are what this test shows
        f"{before} of {len(texts)} texts hold LaTeX; commands left in {len(commands)}, dollars: {dollars}"
    )
    assert commands == []
    assert [around for around in dollars if not around[1:2].isdigit()] == []


@needs_shared
def test_nearly_all_real_formulas_are_readable() -> None:
    formulas = [
        formula for text in real_texts() for formula in re.findall(r"(?<![\\$])\$[^$]+(?<!\\)\$(?!\$)", text)
    ]
    # Readable is what holds no syntax any more and no raised or lowered expression in parentheses.
    unreadable = [
        formula
        for formula in formulas
        if re.search(r"[\\$]|[_^]\(", to_unicode(formula))
        or ("{" in to_unicode(formula) and "\\{" not in formula and "\\lbrace" not in formula)
    ]
    share = 1 - len(unreadable) / len(formulas)
    print(f"{share:.2%} of {len(formulas)} formulas are readable")  # noqa: T201 - likewise
    assert share >= 0.95


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"$\braket{0|1}$ and more", "⟨0|1⟩ and more"),
        (r"\unicode{x2013}, \unicode{ X3B1 }, \unicode{8211}", "–, α, –"),
        (r"CO\textsubscript{2} and x\textsuperscript{3}", "CO₂ and x³"),
        (r"$\left. f \right|_0$ and $\left.x\right.$ g", "f |₀ and x g"),
        (r"\unicode{x7}\unicode{xFFFFFFFF}\unicode{-1}\unicode{x}end", "end"),
        (r"$a \$ b$ costs \$ 5, $x_1$", "a $ b costs $ 5, x₁"),
        (r"$\braket{\psi}{\phi}=1$", "⟨ψ|ϕ⟩=1"),
        (r"$\Braket{0|H|1}$", "⟨0|H|1⟩"),
        (r"$\ketbra{0}{1}$", "|0⟩⟨1|"),
        (r"$\expval{H}$", "⟨H⟩"),
        (r"$0\farcs5$ seeing", "0″.5 seeing"),
        (r"2\fdg3", "2°.3"),
        (r"M$_{\sun}$", "M☉"),
        (r"$M_\odot$ and $R_\oplus$", "M⊙ and R⊕"),
        (r"1.4 \msun\ star", "1.4 M☉ star"),
        (r"$z \la 3$ or $z\ga5$", "z ≲ 3 or z≳5"),
        (r"5\arcsec by 3\arcmin", "5″ by 3′"),
        (r"$A \xrightarrow{k} B$", "A →ᵏ B"),
        (r"$A\xrightarrow{}B$", "A→B"),
        (r"$X \xrightarrow[T]{\text{heat}} Y$", "X →ʰᵉᵃᵗ Y"),
        (r"\isotope[14]{C} dating", "¹⁴C dating"),
        (r"$\isotope[14][6]{C}$", "¹⁴C"),
        (r"[\ion{O}{iii}] lines", "[O III] lines"),
        (r"$\dv{x}{t}$ and $\pdv{f}{x}$", "dx/dt and ∂f/∂x"),
        (r"$a \mystery{x} b$", "a x b"),
        (r"$p \notacommand q$", "p notacommand q"),
    ],
)
def test_commands_of_physics_and_astronomy_are_shown_or_stay_readable(latex: str, shown: str) -> None:
    assert to_unicode(latex) == shown


@pytest.mark.parametrize(
    ("opening", "around", "deepest"), [(r"\textbf{", "", 25), (r"\emph{", "", 25), (r"\mathrm{", "$", 24)]
)
def test_commands_are_converted_to_a_depth(opening: str, around: str, deepest: int) -> None:
    def nested(depth: int) -> str:
        return to_unicode(f"{around}{opening * depth}x{'}' * depth}{around}")

    assert nested(deepest) == "x"
    assert nested(deepest + 1) != "x"
