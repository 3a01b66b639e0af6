"""HTML that was left in a text is read, and what only looks like HTML stays."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from bot.present.latex.markup import read_markup
from bot.present.latex.unicode import to_unicode
from bot.present.posts import abstract_start, title, title_link
from tests.fakes.papers import make_paper
from tests.shared import SHARED, needs_shared


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("H<sub>2</sub>O", "H₂O"),
        ("x<sup>2</sup>", "x²"),
        ("<i>in vivo</i>", "in vivo"),
        ("R&amp;amp;D", "R&D"),
        ("R&amp;D, R&amp;amp;amp;D", "R&D, R&D"),
        ("a &lt; b &amp;lt; c", "a < b < c"),
        ("1&#8211;2, 1&#x2013;2, 1&ndash;2", "1–2, 1–2, 1–2"),
        ("5&nbsp;nm", "5 nm"),
        ("Schr&ouml;dinger&rsquo;s", "Schrödinger’s"),
        ("&alpha;-particles, 20&deg;C", "α-particles, 20°C"),
        ("CO<SUB>2</SUB> and Ca<sup>2+</sup>", "CO₂ and Ca²⁺"),
        ("10<sup>&minus;3</sup>", "10⁻³"),
        ("x<sub>max</sub> and T<sub>c</sub>", "xₘₐₓ and T_c"),
        ("x<sub>i<sup>2</sup></sub>", "x_i²"),
        ("n<sub><i>i</i></sub>", "nᵢ"),
        ("$x<sub>2</sub>$", "x₂"),
        ("<b>Background:</b> <em>E. coli</em> <strong>x</strong>", "Background: E. coli x"),
        ('<span class="x">a</span> <a href="https://x.org/">b</a>', "a b"),
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("One.<br>Two.<br />Three.<br/>", "One. Two. Three."),
        ("<jats:p>The <jats:italic>lac</jats:italic> operon</jats:p>", "The lac operon"),
        ("&lt;i&gt;in situ&lt;/i&gt;", "in situ"),
        ('<inline-formula><tex-math notation="LaTeX">$x^2$</tex-math></inline-formula>', "x²"),
        ("<mml:math><mml:mi>x</mml:mi></mml:math> and <scp>dna</scp>", "x and dna"),
        ("<h3>Results</h3> <strike>two</strike> <big>three</big>", "Results two three"),
        ("$\\alpha$ &amp; <i>$\\beta$</i>", "α & β"),
        ("<sup>a whole sentence that somebody raised above all the others of the text</sup>",
         "a whole sentence that somebody raised above all the others of the text"),
    ],
)  # fmt: skip
def test_html_is_read(source: str, shown: str) -> None:
    assert to_unicode(source) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a < b",
        "a<b",
        "p<0.05 and q>0.1",
        "<x, y>",
        "n<m>k",
        "the mean <i> of <b> and <p>",
        "i<b and a>i",
        "a <b> c </i>",
        "</b> first, <b> then",
        "<i>open",
        "<sub>",
        "List<T> and Map<K, V>",
        "<unk> and </s> tokens, <think>x</think>",
        "<s> <u> <sup>",
        "<ijk|kl>",
        "AT&T; R&D; &c.",
        "&lt and &amp and &#8211",
        "&nosuchname; &; &#; &#x;",
        "a&b;c",
        "x & y; z",
        "<0.1%> <-> <= >=",
        "<https://x.org/?a=1&b=2>",
    ],
)
def test_what_only_looks_like_html_stays(text: str) -> None:
    assert to_unicode(text) == text


def test_what_html_hides_can_do_nothing_in_a_message() -> None:
    paper = make_paper(title="a&#8238;b &lt;@1&gt; &#42;c&#42;", abstract="&#64;everyone &#x202e;x")
    assert "\u202e" not in title(paper, 100) + title_link(paper, 100) + abstract_start(paper, 100)
    assert r"\*c\*" in title(paper, 100)
    assert "<@1>" not in title(paper, 100)
    assert "@everyone" not in abstract_start(paper, 100)


@needs_shared
def test_real_texts_without_html_stay() -> None:
    with gzip.open(SHARED / "arxiv" / "parity_papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    texts = [text for paper in papers for text in (paper["title"], paper["abstract"])]
    assert not [text for text in texts if not re.search(r"&|</", text) and read_markup(text) != text]
