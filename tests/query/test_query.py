from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.model.errors import QueryError, UserError
from bot.model.papers import Paper, PaperId
from bot.query.query import QueryKind, parse, read_query
from bot.query.text import analyze_paper

PAPER = analyze_paper(
    Paper(
        id=PaperId("2607.16206"),
        version=2,
        title="Poincaré maps for Vision-Language models: a survey",
        abstract="We study LLMs' time series and the state of the art in Schrödinger’s spin glasses.",
        authors=("Adrian Del Maestro", "José Müller", "J.-P. Serre"),
        categories=("cs.LG", "cond-mat.dis-nn"),
        primary_category="cs.LG",
        published=datetime(2026, 1, 31, 23, 59, 30, tzinfo=UTC),
        updated=datetime(2026, 7, 1, tzinfo=UTC),
        comment="Accepted at ICML 2026",
        journal_ref="Phys. Rev. B 12, 34 (2026)",
        doi="10.1038/s41586-026",
    )
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("TTS", "ti:tts AND abs:tts"),
        ("  Speech\n Synthesis ", 'ti:"speech synthesis" OR abs:"speech synthesis"'),
        ("speech and synthesis", 'ti:"speech and synthesis" OR abs:"speech and synthesis"'),
        ("loop-current", 'ti:"loop current" AND abs:"loop current"'),
        ("the transformer", "ti:transformer OR abs:transformer"),
        ("Ti:sapphire", 'ti:"ti:sapphire" AND abs:"ti:sapphire"'),
        ("CO:H2", 'ti:"co:h2" AND abs:"co:h2"'),
        ("GPT:4", 'ti:"gpt 4" AND abs:"gpt 4"'),
        ("CRISPR: a tool", 'ti:"crispr a tool" OR abs:"crispr a tool"'),
        ("why: a title", 'ti:"why a title" OR abs:"why a title"'),
        ("so-called “dark” photons", 'ti:"so called dark photons" OR abs:"so called dark photons"'),
        ("C++", "ti:c AND abs:c"),
        ("superconduct*", "ti:superconduct AND abs:superconduct"),
    ],
)
def test_keywords_mean_what_the_seeds_search_means(text: str, canonical: str) -> None:
    assert parse(text).canonical == canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ti:a AND ti:b OR ti:c", "ti:a AND (ti:b OR ti:c)"),
        ("ti:x ANDNOT ti:y AND ti:z", "ti:x ANDNOT (ti:y AND ti:z)"),
        ("ti:x AND ti:y AND ti:z", "ti:x AND ti:y AND ti:z"),
        ("(ti:x AND ti:y) OR ti:z", "(ti:x AND ti:y) OR ti:z"),
        ("((ti:x))AND(ti:y)", "ti:x AND ti:y"),
        ("ti:x NOT ti:y", "ti:x ANDNOT ti:y"),
        ("ti:x AND NOT ti:y", "ti:x ANDNOT ti:y"),
        ("ti:time series", "ti:time OR all:series"),
        ("ti:(space time)", "ti:space OR ti:time"),
        ("ti:(space AND (apple OR au:time))", "ti:space AND (ti:apple OR au:time)"),
        ("ti: x", "ti:x"),
        ("title:x", "ti:x"),
        ('ti:"X"', "ti:x"),
        ('"machine learning"', 'all:"machine learning"'),
        ("graph (neural OR network)", "all:graph OR all:neural OR all:network"),
        ("abs:time-series", "abs:time AND abs:series"),
        ('abs:"time-series"', 'abs:"time series"'),
        ('abs:"the time series of"', 'abs:"time series"'),
        ("ti:x OR ti:X OR (ti:x)", "ti:x"),
        ("au:del_maestro", 'au:"del maestro"'),
        ("au:Müller", "au:muller"),
        ("cat:cs.* AND cat:cond-mat.dis-nn", "cat:cs.* AND cat:cond-mat.dis-nn"),
        ("ti:Graph** OR ti:gr?ph", "ti:graph* OR ti:gr?ph"),
        ("submittedDate:[2026 TO 202602]", "submittedDate:[202601010000 TO 202602282359]"),
        ("submittedDate:[202402 TO 202402]", "submittedDate:[202402010000 TO 202402292359]"),
        (
            "submittedDate:[20260131093015 TO 20260131094559]",
            "submittedDate:[202601310930 TO 202601310945]",
        ),
        ('submittedDate:"20260101 TO 20260102"', "submittedDate:[202601010000 TO 202601022359]"),
        ("ti:Ti:sapphire", 'ti:"ti:sapphire"'),
        ("all:time-series", "all:time-series"),
        ('all:"time-series"', 'all:"time-series"'),
    ],
)
def test_queries_mean_what_arxiv_makes_of_them(text: str, canonical: str) -> None:
    query = parse(text)
    assert query.canonical == canonical
    assert parse(canonical) == query
    assert parse(canonical).canonical == canonical


@pytest.mark.parametrize(
    ("text", "arxiv"),
    [
        ("LLM", 'ti:"LLM" AND abs:"LLM"'),
        ("Loop-Current", 'ti:"Loop-Current" AND abs:"Loop-Current"'),
        ("ti:x AND ti:y OR au:Del_Maestro", 'ti:"x" AND (ti:"y" OR au:"Del Maestro")'),
        ("cat:cs.* ANDNOT ti:graph*", "cat:cs.* ANDNOT ti:graph*"),
        (r"a\"b".replace('"', ""), 'ti:"a b" AND abs:"a b"'),
    ],
)
def test_arxiv_is_asked_with_fields_quotes_and_parentheses(text: str, arxiv: str) -> None:
    assert parse(text).arxiv == arxiv


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("speech synthesis", "“speech synthesis” as a phrase in the title or the abstract"),
        ("TTS", "“TTS” in both the title and the abstract"),
        ("“speech synthesis”", "“speech synthesis” as a phrase in the title or the abstract"),
        ("au:Müller AND cat:cs.LG", "“Müller” among the authors and filed under Machine Learning (cs.LG)"),
        ("ti:x ANDNOT (all:y OR co:z)", "“x” in the title, but not (“y” anywhere or “z” in the comment)"),
        ("ti:x AND (abs:y OR abs:z)", "“x” in the title and (“y” or “z” in the abstract)"),
        ('ti:x AND ti:"y z"', "“x” and “y z” as a phrase in the title"),
        ("ti:x AND ti:the", "“x” and “the” (which arXiv never finds) in the title"),
        ("ti:grap*", "a word that begins with “grap” in the title"),
        ("au:hint*", "a name that begins with “hint” among the authors"),
        ("all:gr?ph*", "a word like “gr?ph*” anywhere"),
        ("id:2607.16206 OR id:2608.*", "the identifier 2607.16206 or an identifier like 2608.*"),
        ("doi:10.1103/x OR doi:10.1103/y*", "the DOI 10.1103/x or a DOI like 10.1103/y*"),
        (
            "cat:cs.* OR cat:q-*",
            "filed under any Computer Science category (cs.*) or filed under a category like q-*",
        ),
        ("cat:cs", "filed under cs only (for all of Computer Science, use cs.*)"),
        ("cat:cs.lg", "filed under cs.lg (arXiv spells it cs.LG)"),
        ("cat:cmp-lg", "filed under cmp-lg"),
        (
            "submittedDate:[2026 TO 2026]",
            "submitted between 1 January 2026, 00:00 and 31 December 2026, 23:59 UTC",
        ),
    ],
)
def test_a_query_is_explained_in_words(text: str, words: str) -> None:
    assert parse(text).description == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("vision language", ("Vision-Language",)),
        ("vision and language", None),
        ("state-of-the-art", None),
        ('abs:"state in this art"', ("state of the art",)),
        ("ti:survey AND abs:llm", ("survey", "LLMs")),
        ("abs:series-time", ("series", "time")),
        ("abs:schrodinger", None),
        ("all:schrodinger", None),
        ("all:poincare", ("Poincaré",)),
        ("ti:poincar*", ("Poincaré",)),
        ("ti:poincare", None),
        ("ti:languag*", ("Language",)),
        ("ti:languages*", None),
        ("au:del_maestro", ("Adrian Del Maestro",)),
        ('au:"maestro del"', None),
        ("au:muller", ("José Müller",)),
        ("au:MÜLL*", ("José Müller",)),
        ('au:"Maestro José"', None),
        ("cat:cs.LG", ("cs.LG",)),
        ("cat:cs.lg", None),
        ("cat:cs", None),
        ("cat:cond-mat.*", ("cond-mat.dis-nn",)),
        ('all:"machine learning"', ("cs.LG",)),
        ("all:glass", ("glasses",)),
        ("all:maestro", ("Adrian Del Maestro",)),
        ("co:ICML", ("ICML",)),
        ('jr:"phys rev b"', ("Phys. Rev. B",)),
        ("id:2607.16206", ("2607.16206",)),
        ("id:2607.16206v1", None),
        ("doi:10.1038/s41586-026", ("10.1038/s41586-026",)),
        ("submittedDate:[20260131 TO 20260131]", ()),
        ("submittedDate:[20260201 TO 2027]", None),
        ("ti:survey ANDNOT abs:llm", None),
        ("ti:survey ANDNOT abs:robot", ("survey",)),
        ("ti:a AND ti:survey", None),
        ("ti:a OR ti:survey", ("survey",)),
    ],
)
def test_what_of_a_paper_matches(text: str, words: tuple[str, ...] | None) -> None:
    assert parse(text).matches(PAPER) == words
    assert parse(parse(text).canonical).matches(PAPER) == words


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("", 1, "nothing to search"),
        ("   ", 1, "nothing to search"),
        ("the of", 1, "only words that arXiv does not index"),
        ("  the", 3, "only words that arXiv does not index"),
        ('ti:"the"', 4, "only words that arXiv does not index"),
        ("ti:a AND abs:the", 4, "only words that arXiv does not index"),
        ("!!!", 1, "no word"),
        ('ti:"speech', 4, "never closed"),
        ('ti:""', 4, "quotes are empty"),
        ("(ti:x", 1, "never closed"),
        ("ti:x)", 5, "never opened"),
        ("ti:x AND ()", 10, "parentheses are empty"),
        ("AND ti:x", 1, "comes before this AND"),
        ("NOT ti:x", 1, "what to exclude"),
        ("ti:x OR", 6, "follows this OR"),
        ("ti:x AND OR ti:y", 10, "Two operators"),
        ("ti:x OR NOT ti:y", 9, "Two operators"),
        ("ti:x (AND ti:y)", 7, "comes before this AND"),
        ("ti:", 1, "follows “ti:”"),
        ("ti: AND ti:x", 1, "follows “ti:”"),
        ("ti:x AND abs:ti:y", 10, "follows “abs:”"),
        ("author:hinton", 1, "did you mean “au:”"),
        ("Abstract: x", 1, "did you mean “abs:”"),
        ("ti:x AND tii:y", 10, "did you mean “ti:”"),
        ("foo:bar", 1, "has no field “foo:”; its fields are ti, abs"),
        ("Title:speech", 1, "did you mean “ti:”"),
        ("TI:speech", 1, "did you mean “ti:”"),
        ("Abs:speech", 1, "did you mean “abs:”"),
        ("DOI:10.1103/x", 1, "did you mean “doi:”"),
        ("rn:x", 1, "report numbers"),
        ("lastUpdatedDate:[2026 TO 2027]", 1, "date of a revision"),
        ("submittedDate:2026", 1, "range of dates"),
        ("submittedDate:[2026]", 1, "Write a range of dates"),
        ("submittedDate:[2025 TO 2026 TO 2027]", 1, "Write a range of dates"),
        ("submittedDate:[2026013109 TO 2027]", 1, "is not a date"),
        ("submittedDate:[202613 TO 2027]", 1, "is not a date"),
        ("submittedDate:[20261301 TO 20261302]", 1, "is not a date"),
        ("submittedDate:[2027 TO 2026]", 1, "ends before it begins"),
        ("submittedDate:[2026-01-01 TO 2026-02-01]", 1, "is not a date"),
        ("ti:*graph", 4, "first character"),
        ("ti:x AND abs:time-ser*", 14, "within a single word"),
        ("ti:x and ti:y", 6, "in capitals: AND"),
        ("ti:x+AND+abs:y", 5, "spaces around AND"),
        ("ti:“speech synthesis”", 4, "use straight quotes"),
        ("au:smith,j", 4, "without commas"),
        ('cat:"cs.LG cs.CV"', 5, "without spaces"),
        ("a\x00b", 2, "U+0000"),
        ("speech \u202esynthesis", 8, "U+202E"),
        ("\ud800", 1, "U+D800"),
        ("(" * 60 + "ti:x" + ")" * 60, 41, "nested more than 40 levels"),
    ],
)
def test_an_error_says_why_and_points_at_the_column(text: str, column: int, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert reason in str(caught.value)
    assert caught.value.column == column
    line, caret = caught.value.pointed().split("\n")
    assert len(caret) == column
    assert line.isprintable()


def test_a_range_may_be_a_single_minute() -> None:
    query = parse("submittedDate:[202601310930 TO 202601310930]")
    assert query.canonical == "submittedDate:[202601310930 TO 202601310930]"


def test_depth_is_refused_and_never_overflows_the_stack() -> None:
    for text in ("(" * 50_000, " OR ".join(["ti:x AND ti:y"] * 5_000), "ti:(" * 3_000 + "x" + ")" * 3_000):
        with pytest.raises(QueryError):
            parse(text)


@pytest.mark.parametrize("operator", ["AND", "ANDNOT"])
def test_alternating_operators_may_be_40_levels_deep(operator: str) -> None:
    pairs = [f"ti:a{number} {operator} ti:b{number}" for number in range(21)]
    parse(" OR ".join([*pairs[:20], "ti:c"]))
    with pytest.raises(QueryError, match="chain of different operators is more than 40 levels deep"):
        parse(" OR ".join(pairs))


def test_a_long_chain_of_one_operator_is_not_deep() -> None:
    query = parse(" OR ".join(f"ti:word{number}" for number in range(3_000)))
    assert parse(query.canonical) == query


def test_a_wildcard_takes_linear_time() -> None:
    paper = analyze_paper(
        Paper(PaperId("2601.00001"), 1, "a" * 5_000, "x", (), (), "", datetime(2026, 1, 1, tzinfo=UTC),
              datetime(2026, 1, 1, tzinfo=UTC))
    )  # fmt: skip
    assert parse("ti:" + "a*" * 200 + "b").matches(paper) is None
    assert parse("ti:" + "a*" * 200).matches(paper) is not None


PIECES = st.sampled_from(
    ["ti:", "abs:", "au:", "all:", "cat:", "co:", "jr:", "id:", "doi:", "(", ")", '"', " AND ", " OR ",
     " NOT ", " ANDNOT ", " ", "graph", "time-series", "the", "Ti:x", "cs.LG", "*", "?", "é", "and", "İ", "ß",
     "_", "'s", "submittedDate:[2026 TO 2027]", "\\", "$x$", "日本", "1.5", ",", "ﬁ", "ΑΣ", "x" * 300, "-",
     "[", "e\u0301", "“", "\u0301", "\uff02", "+OR+", "\u2026"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=14).map("".join)))
@example("all:TI:x-y")
@example('all:"a\\"')
@example('"“dark”"')
@example('cat:"a+OR+b"')
@example("au:\u0301")
@example('au:"x\uff02y"')
@example("au:\u0301*")
def test_any_text_is_a_query_or_a_query_error_and_its_canonical_text_reads_back(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        assert error.column in range(1, max(1, len(text)) + 1)  # noqa: PT017 - either outcome is right
        return
    again = parse(query.canonical)
    assert again.canonical == query.canonical
    assert again.matches(PAPER) == query.matches(PAPER)
    asked = parse(query.arxiv)
    assert (asked.matches(PAPER) is None) == (query.matches(PAPER) is None)
    assert query.description


def test_a_keyword_is_read() -> None:
    assert read_query("  speech   synthesis ", 500).typed == "speech synthesis"


def test_a_query_that_is_too_long_is_refused_with_both_numbers() -> None:
    with pytest.raises(UserError, match="501 characters; at most 500"):
        read_query("a" * 501, 500)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("speech synthesis", QueryKind.PHRASE),
        ('ti:"speech synthesis" OR abs:"speech synthesis"', QueryKind.PHRASE),
        ("TTS", QueryKind.WORD),
        ("text-to-speech", QueryKind.WORD),
        ("ti:speech AND abs:synthesis", QueryKind.OTHER),
        ("ti:speech OR au:speech", QueryKind.OTHER),
        ("au:hinton", QueryKind.OTHER),
    ],
)
def test_a_query_knows_whether_it_is_for_a_word_or_a_phrase(text: str, kind: QueryKind) -> None:
    assert parse(text).kind is kind
    assert parse(parse(text).canonical).kind is kind
