"""Foreign text is shown by Discord as it is, and does nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.present.markdown import address, clean, code, code_block, escape, label, link

BLANK = "\u200b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a* _b_ ~~c~~ ||d|| `e`", r"\*a\* \_b\_ \~\~c\~\~ \|\|d\|\| \`e\`"),
        ("a\\b", r"a\\b"),
        ("# heading", r"\# heading"),
        ("-# small", r"\-# small"),
        ("- item", r"\- item"),
        ("> quote", r"\> quote"),
        (">>> quote", r"\>>> quote"),
        ("1. item", r"1\. item"),
        ("2) item", r"2\) item"),
        ("1.5 times # - >", "1.5 times # - >"),
        ("a\n# b\n> c", "a # b > c"),
        ("[click](https://evil.org)", r"\[click\](https://evil.org)"),
        ("see https://x.org/a_b_(c)*d, ok", "see https://x.org/a_b_(c)*d, ok"),
        ("<https://x.org/a_b>", "<https://x.org/a_b>"),
        ("@everyone @here", f"@{BLANK}everyone @{BLANK}here"),
        ("https://x.org/@everyone", "https://x.org/%40everyone"),
        ("<@1> <@!2> <@&3>", f"\\<{BLANK}@{BLANK}1> \\<{BLANK}@{BLANK}!2> \\<{BLANK}@{BLANK}&3>"),
        ("<#1> </cmd:1> <t:0>", f"\\<{BLANK}#1> \\<{BLANK}/cmd:1> \\<{BLANK}t:0>"),
        ("<:a:1> <a:b:1> <id:home>", f"\\<{BLANK}\\:a:1> \\<{BLANK}a\\:b:1> \\<{BLANK}id:home>"),
        (":smile: a: b", r"\:smile: a: b"),
        ("p < 0.05 a@b.org", "p < 0.05 a@b.org"),
        ("a\u202eb\x00c\ud800d\u2028e", "ab cd e"),
        ("", ""),
    ],
)
def test_markdown_is_escaped(text: str, shown: str) -> None:
    assert escape(text) == shown


MENTION = re.compile(
    r"<(?:@[!&]?\d+|#\d+|/[\w -]+:\d+|t:-?\d+(?::\w)?|a?:\w+:\d+|id:\w+)>|@(?:everyone|here)"
)
FRAGMENTS = st.sampled_from(
    [
        *"*_~|`[]()<>@#:/\\-. 1a",
        "@everyone",
        "@here",
        "<@1>",
        "<@&1>",
        "<#1>",
        "</a:1>",
        "<t:0>",
        "<a:b:1>",
        "<:b:1>",
        *[
            "https://x.org/",
            "[x](http://y.z)",
            ":smile:",
            "\u200b",
            "\u202e",
            "\ud83d",
            "<",
            "<<@1>",
            "@@everyone",
        ],
    ]
)
WILD = st.lists(FRAGMENTS, max_size=25).map("".join) | st.text()


@given(WILD)
def test_no_text_makes_a_mention(text: str) -> None:
    for shown in (escape(text), label(text), link(text, "https://arxiv.org/abs/1")):
        assert MENTION.search(shown) is None
        shown.encode()


@given(WILD)
def test_what_discord_shows_is_the_text(text: str) -> None:
    shown = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escape(re.sub("https?", "", text, flags=re.IGNORECASE)))
    assert shown.replace(BLANK, "") == clean(re.sub("https?", "", text, flags=re.IGNORECASE))


@given(WILD)
def test_a_label_cannot_end_its_link(text: str) -> None:
    shown = link(text, "https://arxiv.org/abs/2601.00001v1")
    assert shown.endswith("](https://arxiv.org/abs/2601.00001v1)")
    assert shown.count("[") == shown.count("]") == 1
    assert not re.search("https?://", label(text), re.IGNORECASE)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("[Re] on [0,1)", "［Re］ on ［0,1)"),
        ("A* search", "A∗ search"),
        ("C*-algebras", "C∗-algebras"),
        ("*Nature*", "∗Nature∗"),
        ("T_c and snake_case_names", "Tˍc and snakeˍcaseˍnames"),
        ("__init__", "ˍˍinitˍˍ"),
        ("~~gone~~ ~5", "∼∼gone∼∼ ∼5"),
        ("P(a|b) and ||spoiler||", "P(a∣b) and ∣∣spoiler∣∣"),
        ("`code`", "ˋcodeˋ"),
        (r"A \ B", "A ∖ B"),
        ("# heading", "# heading"),
        ("> quote", "> quote"),
        ("- item", "- item"),
        ("1. item", "1. item"),
        ("see https://x.org", f"see https:{BLANK}//x.org"),
        ("@everyone <@1>", f"@{BLANK}everyone <{BLANK}@{BLANK}1>"),
        (":smile: a:b", f":{BLANK}smile: a:b"),
        ("0", "0"),
    ],
)
def test_a_label_has_look_alikes_and_no_backslash(title: str, shown: str) -> None:
    """Discord shows a backslash within the brackets of a masked link."""
    assert label(title) == shown


@given(WILD)
def test_a_label_reads_as_its_text(text: str) -> None:
    plain = str.maketrans("［］∗ˍ∼∣ˋ∖", "[]*_~|`\\")
    assert "\\" not in label(text)
    assert label(text).replace(BLANK, "").translate(plain) == clean(text).translate(plain)


def test_an_address_ends_where_it_ends() -> None:
    assert address("https://doi.org/10.1016/S0370(98)0 1") == "https://doi.org/10.1016/S0370%2898%290%201"


def test_code_cannot_be_ended_from_within() -> None:
    assert code("a`b\n") == "`aˋb`"
    assert code("") == "` `"
    assert code_block("a\n```b") == "```\na\nˋˋˋb\n```"
