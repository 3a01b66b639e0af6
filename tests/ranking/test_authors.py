from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model.papers import Paper, PaperId
from bot.query.person_names import read_name
from bot.query.query import parse
from bot.query.text import analyze_paper
from bot.ranking.authors import Guard, Namesakes, narrow_query, narrowed, signatures_of, wide_query
from tests.fakes.papers import make_paper

LONGEST = 500


def paper(number: int, *authors: str, category: str = "cs.LG", more: tuple[str, ...] = ()) -> Paper:
    year = datetime(2020 + number % 5, 1, 1, tzinfo=UTC)
    return make_paper(
        number, authors=authors, categories=(category, *more), primary_category=category, published=year
    )


def namesakes(typed: str, *papers: Paper) -> Namesakes:
    return Namesakes(read_name(typed), papers, LONGEST)


def found(query: str, papers: list[Paper]) -> set[PaperId]:
    parsed = parse(query)
    return {one.id for one in papers if parsed.matches(analyze_paper(one)) is not None}


ONE_PERSON = [
    paper(1, "Yann LeCun", "Léon Bottou"),
    paper(2, "Y. LeCun", "Léon Bottou", "Patrick Haffner"),
    paper(3, "Yann A. LeCun", "Léon Bottou", category="cs.CV"),
    paper(4, "LeCun Yann", "Patrick Haffner"),
]


@pytest.mark.parametrize(
    "typed", ["LeCun", "Yann LeCun", "Y. LeCun", "LeCun, Yann", "yann lecun", "LeCun Yann", "Lécun, Y."]
)
def test_the_query_has_the_forms_that_arxiv_has_and_finds_the_papers_that_they_are_from(typed: str) -> None:
    asked = [wide_query(read_name(typed)), narrow_query(read_name(typed))]
    assert set().union(*(found(each, ONE_PERSON) for each in asked if each)) >= {
        one.id for one in ONE_PERSON if one.id.number != 3
    }
    known = namesakes(typed, *ONE_PERSON)
    everybody = known.everybody()
    in_their_order = [one for one in ONE_PERSON if typed != "LeCun" or one.id.number != 4]
    assert everybody.papers == tuple(reversed(in_their_order)), (
        "only a given name tells which name comes first"
    )
    assert everybody.others == 0
    assert len(known.people) == 1


@pytest.mark.parametrize(
    ("typed", "authors"),
    [
        ("Laurens van der Maaten", ("L.J.P. van der Maaten", "Laurens van der Maaten", "L. van der Maaten")),
        ("op den Akker", ("Rieks op den Akker", "Harm op den Akker", "H.J.A. op den Akker")),
        ("Bernhard Scholkopf", ("Bernhard Schölkopf", "B. Schölkopf")),
        ("Li Fei-Fei", ("Li Fei-Fei", "Fei-Fei Li", "L. Fei-Fei")),
        ("Zhang, Wei", ("Wei Zhang", "W. Zhang", "Zhang Wei")),
    ],
)
def test_each_form_finds_the_papers_that_it_is_from(typed: str, authors: tuple[str, ...]) -> None:
    papers = [paper(number, author) for number, author in enumerate(authors, 1)]
    known = namesakes(typed, *papers)
    assert known.signatures
    for form in known.forms:
        own = {one.paper.id for one in known.signatures if form.text == one.author.replace(".", "")}
        assert own
        assert found(f'au:"{form.text}"', papers) >= own


def test_the_narrow_query_has_the_usual_forms() -> None:
    assert narrow_query(read_name("LeCun, Yann")) == 'au:"yann lecun" OR au:"y lecun"'
    assert narrow_query(read_name("LeCun")) == ""
    assert 'au:"xiaoli meng"' in narrow_query(read_name("Meng, Xiao-Li"))


HOMONYMS = [
    *(paper(number, "Tom Brown", "Ben Mann", "Nick Ryder") for number in (1, 2, 3)),
    *(
        paper(number, "Tom Brown", "Jonas Hörsch", "Mirko Schäfer", category="physics.soc-ph")
        for number in (4, 5)
    ),
    paper(6, "T. Brown", "Somebody Else", category="hep-ex"),
    paper(7, "Tom Brown", "Nick Ryder", more=("stat.ML",)),
    paper(8, "T. Brown", "Nick Ryder"),
]


def test_people_of_one_name_are_told_apart_and_guarded() -> None:
    known = namesakes("Tom Brown", *HOMONYMS)
    numbers = [sorted(one.id.number for one in person.papers) for person in known.people]
    assert numbers == [[1, 2, 3, 7, 8], [4, 5], [6]]
    learner, energy, _physicist = known.people
    by_categories = known.only(energy, Guard.CATEGORIES)
    by_co_authors = known.only(learner, Guard.CO_AUTHORS)
    assert by_categories is not None
    assert by_categories.query.typed == '(au:"Tom Brown") AND (cat:physics.*)'
    assert (by_categories.own, by_categories.of, by_categories.others) == (2, 2, 0)
    assert by_co_authors is not None
    assert 'au:"Nick Ryder"' in by_co_authors.query.typed
    assert (by_co_authors.own, by_co_authors.others) == (5, 0)


def test_initials_that_bring_somebody_else_are_left_out_unless_guarded() -> None:
    known = namesakes("Tom Brown", *HOMONYMS)
    assert known.everybody().query.typed == 'au:"Tom Brown"'
    guarded = known.only(known.people[0], Guard.CATEGORIES)
    assert guarded is not None
    assert 'au:"T Brown"' in guarded.query.typed
    alone = namesakes("Tom Brown", *(one for one in HOMONYMS if one.id.number != 6))
    assert alone.everybody().query.typed == 'au:"Tom Brown" OR au:"T Brown"'


NEIGHBOURS = [
    *(paper(number, "Wei Wang", "Ada Rareword", "Bo Oddname") for number in (1, 2)),
    *(
        paper(number, "Wei Wang", "Carl Seldom", "Dora Unusual", category="cs.RO", more=("cs.LG", "cs.CV"))
        for number in (3, 4)
    ),
    paper(5, "Wei Wang", "Bo Oddname", "Emil Newcomer"),
]


def test_in_shared_categories_strangers_of_the_person_are_left_out() -> None:
    known = namesakes("Wei Wang", *NEIGHBOURS)
    assert [len(person.papers) for person in known.people] == [3, 2]
    first, second = (known.only(person, Guard.CATEGORIES) for person in known.people)
    assert first is not None
    assert first.query.typed == '(au:"Wei Wang") AND (cat:cs.LG) ANDNOT (au:"Carl Seldom")'
    assert (first.own, first.others) == (3, 0)
    assert second is not None
    assert (second.own, second.others) == (2, 0)


def test_without_room_for_strangers_the_categories_stand_alone() -> None:
    known = Namesakes(read_name("Wei Wang"), NEIGHBOURS, len('(au:"Wei Wang") AND (cat:cs.LG)'))
    choice = known.only(known.people[0], Guard.CATEGORIES)
    assert choice is not None
    assert choice.query.typed == '(au:"Wei Wang") AND (cat:cs.LG)'
    assert choice.others == 2


def test_more_co_authors_than_wrote_the_known_papers_are_looked_for() -> None:
    known = namesakes("Wei Wang", *NEIGHBOURS)
    choice = known.only(known.people[0], Guard.CO_AUTHORS)
    assert choice is not None
    assert choice.query.typed == (
        '(au:"Wei Wang") AND (au:"Bo Oddname" OR au:"Ada Rareword" OR au:"Emil Newcomer")'
    )


@pytest.mark.parametrize(
    ("name", "others", "people"),
    [
        ("Ada Rareword", 1, 1),
        ("Wei Wang", 1, 1),
        ("W. Wang", 1, 1),
        ("Wei Wang", 12, 2),  # collaborations, of which several have somebody of that name
    ],
)
def test_papers_in_the_same_category_are_by_one_person_unless_they_are_collaborations(
    name: str, others: int, people: int
) -> None:
    papers = [
        paper(number, name, *(f"Given{number}{at} Rare{number}{at}" for at in range(others)))
        for number in (1, 2)
    ]
    assert len(namesakes(name, *papers).people) == people


def test_the_more_people_have_a_name_the_more_alike_its_categories_must_be() -> None:
    def alike(name: str) -> int:
        here = paper(1, name, "Ada Rareword", category="cs.LG", more=("cs.CV",))
        there = paper(2, name, "Bo Oddname", category="cs.RO", more=("cs.LG",))
        return len(namesakes(name, here, there).people)

    assert [alike(name) for name in ("Ada Seldom", "Wei-Hao Wang", "Wei Wang", "W. Wang")] == [1, 1, 2, 2]


def test_contradicting_names_are_different_people_even_with_the_same_co_author() -> None:
    known = namesakes("Smith", paper(1, "John Smith", "Ada Rareword"), paper(2, "Jane Smith", "Ada Rareword"))
    assert len(known.people) == 2
    alone = known.only(known.people[0], Guard.NAME)
    assert alone is not None
    assert alone.others == 0


def test_too_many_forms_become_the_family_name() -> None:
    papers = [paper(number, f"{chr(64 + number)}nna Smith") for number in range(1, 20)]
    everybody = namesakes("Smith", *papers).everybody()
    assert everybody.query.typed == 'au:"smith"'
    assert len(everybody.papers) == len(papers)


def test_a_query_is_never_longer_than_allowed() -> None:
    papers = [paper(number, "Ada Rareword", f"{'Co' * 30}{number} Author{number}") for number in range(1, 30)]
    known = Namesakes(read_name("Ada Rareword"), papers, 100)
    assert all(
        choice is None or len(choice.query.typed) <= 100
        for guard in Guard
        for choice in [known.only(known.people[0], guard)]
    )


def test_without_papers_there_is_nobody() -> None:
    assert namesakes("Yann LeCun").people == []
    assert signatures_of(read_name("Yann LeCun"), [paper(1, "Yves LeCun")]) == ()


@pytest.mark.parametrize(
    ("categories", "co_author", "query"),
    [
        ((), "", 'au:"a"'),
        (("cs.LG",), "", '(au:"a") AND (cat:cs.LG)'),
        (("cs.LG", "stat"), "", '(au:"a") AND (cat:cs.LG OR cat:stat OR cat:stat.*)'),
        (("hep-ex",), 'au:"b"', '(au:"a") AND (au:"b") AND (cat:hep-ex)'),
    ],
)
def test_a_search_is_narrowed_to_categories_and_a_co_author(
    categories: tuple[str, ...], co_author: str, query: str
) -> None:
    assert narrowed('au:"a"', categories, co_author) == query


def test_a_co_author_is_part_of_every_query_and_of_its_length() -> None:
    known = Namesakes(read_name("Tom Brown"), HOMONYMS, 60, 'au:"Nick Ryder"')
    assert known.everybody().query.typed == '(au:"Tom Brown") AND (au:"Nick Ryder")'
    found = [known.only(person, guard) for person in known.people for guard in Guard]
    assert any(found)
    assert all(choice is None or len(choice.query.typed) <= 60 for choice in found)


def test_two_hundred_papers_by_collaborations_are_no_trouble() -> None:
    crowd = tuple(f"Given{number} Family{number}" for number in range(3_000))
    papers = [paper(number, "Ada Rareword", *crowd[number:]) for number in range(1, 201)]
    assert len(namesakes("Ada Rareword", *papers).people) == 1
