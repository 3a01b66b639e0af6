"""What other people wrote can do nothing to the terminal of the person who runs a command."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.commands import Ended, arxiv, asked, clean_process, ran
from tests.fakes.arxiv import FakeArxiv, Fault, error_feed
from tests.fakes.papers import make_paper

__all__ = ["arxiv", "clean_process"]

_MARK = "\u0301"
_HOSTILE = "\x1b[31mred\x1b[0m\u202eback\x9b2J\u200b\x08"


def _orders(ended: Ended) -> set[str]:
    shown = (ended.out + ended.err).replace("\n", "").replace("\t", "")
    return {char for char in shown if unicodedata.category(char) in {"Cc", "Cf"}}


@pytest.mark.parametrize(
    "command",
    [
        ("subscriptions", "import", f"{_HOSTILE}.yaml"),
        ("subscriptions", "export", f"{_HOSTILE}/x"),
        ("restore", f"{_HOSTILE}.db"),
        ("backup", f"{_HOSTILE}.db"),
        ("match", "-p", f"{_HOSTILE}.jsonl", "x"),
        ("match", "-p", "x.jsonl", f'ti:"{_HOSTILE}'),
        ("search", f"cat:{_HOSTILE}"),
        ("digest", "-k", "x", "--categories", _HOSTILE),
        ("digest", "-c", f"{_HOSTILE}.yaml"),
        ("check", "-c", f"{_HOSTILE}.yaml"),
    ],
    ids=" ".join,
)
def test_an_error_orders_the_terminal_nothing(command: tuple[str, ...]) -> None:
    ended = ran(*command)
    assert ended.code in {1, 2}
    assert ended.err
    assert not _orders(ended)


@pytest.mark.parametrize("line", ["- channel: {}", "{}: 1", "- {{{}: 1}}", "[{}"])
def test_a_mistake_in_a_file_is_told_without_what_it_hides(tmp_path: Path, line: str) -> None:
    hidden = "\u202eback\u200b\u2066\u00ad"
    (tmp_path / "f.yaml").write_text(line.format(hidden), encoding="utf-8")
    ended = ran("subscriptions", "import", "f.yaml")
    assert ended.code == 2
    assert not _orders(ended)


async def test_papers_are_printed_as_they_are_seen_and_their_categories_once(arxiv: FakeArxiv) -> None:
    arxiv.papers[:] = [
        make_paper(
            title=f"Cats\u202e and{_MARK * 9} dogs\u200b",
            abstract="Cats and dogs.",
            authors=("Ada\u2066 Lovelace\x9b31m", "می\u200cخواهم"),
            categories=("math-ph", "math.MP", "cs.IT", "math.IT"),
            primary_category="math.MP",
        )
    ]
    ended = await asked("search", "abs:cats")
    assert ended.code == 0
    title, authors, facts, *_ = ended.out.splitlines()
    assert title == f"Cats and{_MARK * 4} dogs"
    assert authors == "  Ada Lovelace 31m, می\u200cخواهم"
    assert "  math.MP, cs.IT  " in facts


_READ = [
    ("H<sub>2</sub>O", "H₂O"),
    ("<i>in vivo</i> R&amp;amp;D", "in vivo R&D"),
    ("x<sup>2</sup> &lt; y", "x² < y"),
    ("<b>A</b> &alpha;-particle", "A α-particle"),
    ("CO$_2$ and $\\alpha$", "CO₂ and α"),
    ("One.<br>Two.", "One. Two."),
    ("<p>One.</p><p>Two.</p>", "One. Two."),
    ("10<sup>&minus;3</sup> m", "10⁻³ m"),
    ("&amp;lt;i&amp;gt;x&amp;lt;/i&amp;gt;", "x"),
    ("<jats:italic>lac</jats:italic> operon", "lac operon"),
    ("a < b & c > d", "a < b & c > d"),
    ("&#27;[31mred &#8238;x &#x202e;2J", "[31mred x 2J"),
    ("A *star* [x](y) `z`", "A *star* [x](y) `z`"),
    ("&nbsp;", "2607.{number:05}v1"),
    ("", "arXiv:2607.{number:05}"),
]


async def test_html_and_latex_are_read_on_a_terminal_as_in_a_post(arxiv: FakeArxiv) -> None:
    arxiv.papers[:] = [
        make_paper(number, title=source, abstract="Cats.", authors=("Schr&ouml;dinger <i>et al.</i>",))
        for number, (source, _shown) in enumerate(_READ, 1)
    ]
    ended = await asked("search", "abs:cats", "-n", "50")
    lines = [line for line in ended.out.splitlines() if line]
    shown = [shown.format(number=number) for number, (_source, shown) in enumerate(_READ, 1)]
    assert lines[:-1:3] == shown[::-1]
    assert set(lines[1:-1:3]) == {"  Schrödinger et al."}


async def test_the_error_of_arxiv_is_told_without_what_it_hides(arxiv: FakeArxiv) -> None:
    arxiv.fail(Fault(body=error_feed("incorrect\u202e query\x9b31m")))
    ended = await asked("search", "cats")
    assert ended.code == 2
    assert not _orders(ended)
