"""What people type, with its look-alikes, joined parentheses and categories in any case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import QueryError
from bot.query.query import parse, parse_typed


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("au:O’Brien", "au:O'Brien"),
        ("au:O‘Brien", "au:O'Brien"),
        ("au:Oʼbrien", "au:O'Brien"),
        ("d’Alembert operator", "d'Alembert operator"),
        ("ｔｒａｎｓｆｏｒｍｅｒ", "transformer"),
        ("ｔｉ：ｇｒａｐｈｅｎｅ", "ti:graphene"),
        ("eﬃcient ﬁne-tuning", "efficient fine-tuning"),
        ("Schro\u0308dinger equation", "Schrödinger equation"),
        ("au:Mu\u0308ller", "au:Müller"),
        ("super\u00adconductor", "superconductor"),
        ("zero\u200bshot", "zeroshot"),
        ("\ufefftransformer", "transformer"),
        ("left\u200e to right", "left to right"),
        ("non\u00a0linear optics", "non linear optics"),
        ("H₂O", "H2O"),
        ("x² potential", "x2 potential"),
        ("\u202egraphene", "graphene"),
        ("\u3164speech\u2800synthesis", "speech synthesis"),
        ("speech\u3000synthesis", "speech synthesis"),
    ],
)
def test_look_alikes_are_read_as_what_they_look_like(typed: str, plain: str) -> None:
    assert parse_typed(typed) == parse(plain)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("SU(2) gauge theory", 'ti:"su 2 gauge theory" OR abs:"su 2 gauge theory"'),
        ("$SU(2)$", 'ti:"su 2" AND abs:"su 2"'),
        ("SE(3)", 'ti:"se 3" AND abs:"se 3"'),
        ("GPT-4(V)", 'ti:"gpt 4 v" AND abs:"gpt 4 v"'),
        ("f(R) gravity", 'ti:"f r gravity" OR abs:"f r gravity"'),
        ("O(n log n) sorting", 'ti:"o n log n sorting" OR abs:"o n log n sorting"'),
        ("U(1)xSU(2)", 'ti:"u 1 xsu 2" AND abs:"u 1 xsu 2"'),
        ("Mn(II) complex", 'ti:"mn ii complex" OR abs:"mn ii complex"'),
        ("AdS(5)/CFT(4)", 'ti:"ads 5 cft 4" AND abs:"ads 5 cft 4"'),
        ("ti:SU(2)", 'ti:"su 2"'),
        ("ti:SU(2) AND cat:hep-th", 'ti:"su 2" AND cat:hep-th'),
        ("all:f(R)", 'all:"f(r)"'),
        ("abs:(SO(3) rotation)", 'abs:"so 3" OR abs:rotation'),
        ("(2+1)-dimensional gravity", 'ti:"2 1 dimensional gravity" OR abs:"2 1 dimensional gravity"'),
        ("(non)linear waves", 'ti:"non linear waves" OR abs:"non linear waves"'),
        ("(anti-)de Sitter", 'ti:"anti de sitter" OR abs:"anti de sitter"'),
        ("ti:(1+1)D", 'ti:"1 1 d"'),
        ("(3+1)D OR (2+1)D", 'all:"(3+1)d" OR all:"(2+1)d"'),
        ("((p,q)-strings OR ti:x) AND ti:y", '(all:"(p,q)-strings" OR ti:x) AND ti:y'),
        ("(semi-)classical ANDNOT cat:hep-th", 'all:"(semi-)classical" ANDNOT cat:hep-th'),
        # Parentheses of their own still group.
        ("(x)AND(y)", "all:x AND all:y"),
        ("ti:x OR(ti:y)", "ti:x OR ti:y"),
        ('("x")y', "all:x OR all:y"),
        ("(ti:x)y", "ti:x OR all:y"),
        ("ti:(a b)", "ti:a OR ti:b"),
        ("(ti:x)AND(ti:y)", "ti:x AND ti:y"),
        ("a(b OR c)", "all:a OR all:b OR all:c"),
        ("(graphene) twist", "all:graphene OR all:twist"),
    ],
)
def test_a_parenthesis_joined_to_a_word_belongs_to_it(typed: str, canonical: str) -> None:
    assert parse_typed(typed).canonical == canonical
    assert parse(canonical).canonical == canonical


@pytest.mark.parametrize(("typed", "column"), [("SU(2 gauge", 3), ("f)R(", 2), ("ti:x(y", 5)])
def test_a_parenthesis_left_open_is_pointed_at(typed: str, column: int) -> None:
    with pytest.raises(QueryError) as refusal:
        parse_typed(typed)
    assert refusal.value.column == column


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("cat:cs.cl", "cat:cs.CL"),
        ("cat:CS.CL", "cat:cs.CL"),
        ('cat:"stat.ml"', "cat:stat.ML"),
        ("cat:(cs.lg OR HEP-TH)", "cat:cs.LG OR cat:hep-th"),
        ("cat:cs.*", "cat:cs.*"),
        ("cat:math.mp", "cat:math.MP"),
        ("ti:x AND cat:Quant-Ph", "ti:x AND cat:quant-ph"),
    ],
)
def test_a_category_is_read_in_any_case(typed: str, canonical: str) -> None:
    assert parse_typed(typed).canonical == canonical


@pytest.mark.parametrize(
    ("typed", "column", "hint"),
    [
        ("cat:cs.XX", 5, r"did you mean cs.SY, cs.SI or cs.SE\?"),
        ("ti:a AND cat:cs.LLG", 14, "cs.LG"),
        ("cat:zzzzzzzz", 5, "not an arXiv category"),
    ],
)
def test_a_category_that_arxiv_does_not_have_is_refused(typed: str, column: int, hint: str) -> None:
    with pytest.raises(QueryError, match=hint) as refusal:
        parse_typed(typed)
    assert refusal.value.column == column


def test_a_stored_query_is_read_exactly_as_it_stands() -> None:
    """It names the query in the store, also where another version of the bot wrote it."""
    assert parse("cat:cs.cl").canonical == "cat:cs.cl"
    assert parse("ti:oʼbrien").canonical == "ti:oʼbrien"


@given(st.text(st.sampled_from('aB:’ﬁ()\u00ad\u200b\u0308 "') | st.characters(), max_size=40))
def test_whatever_is_typed_reads_back_as_itself(typed: str) -> None:
    try:
        query = parse_typed(typed)
    except QueryError:
        return
    assert parse(query.canonical) == query
