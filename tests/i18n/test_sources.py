"""Catalogues are complete, and their translations are well-formed and true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from simcord.env import Env

from bot import i18n
from tests import catalogues
from tests.catalogues import ROOT
from tests.i18n.prose import WRAPPERS, unwrapped

LANGUAGES = i18n.languages()[1:]

# Files whose texts nobody on Discord reads.
UNREAD = {
    "bot/__main__.py", "bot/cli/", "bot/demo/", "bot/runtime/",  # the operator's
    "bot/config/",  # likewise
    "bot/store/", "bot/model/jsonl.py", "bot/polling/poller.py", "bot/polling/round.py",  # logs
    "bot/rules/why.py",  # names of cases
    "bot/arxiv/", "bot/delivery/http_trace.py", "bot/delivery/verdicts.py",  # the detail of a sentence
    "bot/polling/failures.py", "bot/polling/api_source.py", "bot/polling/unclaimed.py",  # likewise
    "bot/polling/harvest_source.py", "bot/polling/sweep_source.py",  # likewise
    "bot/i18n/", "bot/interactions/translator.py",
    "bot/model/taxonomy.py", "bot/present/categories.py",  # arXiv's own names, English at arXiv, too
    "bot/present/latex/shapes.py", "bot/present/latex/symbols.py", "bot/present/bibtex",  # other languages
    "bot/present/whats_new/", "bot/present/venues.py", "bot/present/venue_names.py",  # patterns for English
    "bot/present/resources.py",  # likewise
    "bot/present/digest_markdown.py",  # the contract's file, byte for byte
}  # fmt: skip
# Strings that are not prose, or that are the same in every language.
ALIKE = {
    "Thank you to arXiv for use of its open access interoperability.": "arXiv asks for exactly this",
    "Notice": "the name of a forum's post, and notices go to no forum",
    "cs.CL,stat": "two categories",
    "deliver row ": "the name of a task",
    "paused, its messages stay queued": "for the log",
    "(it could not be composed)": "for the log",
    "tried once more as plain text": "for the log",
    "given up": "for the log",
    "arXiv:": "a prefix of identifiers",
    "DOI": "a name that is the same everywhere",
    " OR cat:": "a query",
}


@cache
def catalogue(language: str) -> Catalog:
    return catalogues.catalogue(language)


def sentences(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def spellings(message: Message) -> list[str]:
    """Return the translations of a message: one, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def originals(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_sentence_of_the_sources_is_in_the_catalogue(language: str) -> None:
    """`python -m tests.catalogues` adds what is missing; a person translates it."""
    wanted = {(each.context, str(each.id)) for each in await catalogues.template() if each.id}
    held = {(each.context, str(each.id)) for each in sentences(language)}
    assert sorted(map(str, wanted - held)) == []
    assert sorted(map(str, held - wanted)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    assert [each.id for each in sentences(language) if not all(spellings(each))] == []
    assert [each.id for each in sentences(language) if each.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_the_same_places(language: str) -> None:
    wrong = []
    for message in sentences(language):
        allowed = [placeholders(text) for text in originals(message)]
        wrong += [text for text in spellings(message) if placeholders(text) not in allowed]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_its_markdown(language: str) -> None:
    """Backticks, bold text, line breaks, links, and spaces at the ends are as in English."""
    wrong = []
    for message in sentences(language):
        english = originals(message)[-1]
        for text in spellings(message):
            counts = [(text.count(mark), english.count(mark)) for mark in ("`", "**", "\n", "[", "(http")]
            ends = [
                text[:1].isspace() == english[:1].isspace(),
                text[-1:].isspace() == english[-1:].isspace(),
            ]
            if any(one != other for one, other in counts) or not all(ends):
                wrong.append(text)
    assert wrong == []


@pytest.mark.parametrize("language", [i18n.ENGLISH, *LANGUAGES])
def test_commands_that_a_sentence_names_exist(language: str, env: Env) -> None:
    known = names_of(env.bot, language)
    read = sentences(language) if language != i18n.ENGLISH else sentences(LANGUAGES[0])
    wrong = []
    for message in read:
        for text in originals(message) if language == i18n.ENGLISH else spellings(message):
            for named in re.findall(r"`/([^`:]+)", text):
                words = named.split()
                if words[-1] not in {name.split()[-1] for name in known} and len(words) > 1:
                    words.pop()  # an option follows
                if " ".join(words) not in known:
                    wrong.append(f"/{named} in {text}")
    assert wrong == []


def names_of(bot: Any, language: str) -> set[str]:
    """Return the names of groups and commands in *language*, alone and together."""
    found = set()
    with i18n.in_language(language):
        for command in bot.tree.walk_commands():
            words = command.qualified_name.split()
            found.add(" ".join(i18n.pgettext("command name", word) for word in words))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_options_that_a_sentence_names_exist(language: str) -> None:
    asked = await catalogues.names()
    options = {text for context, text in asked if context in {"option name", "choice"}}
    wrong = []
    with i18n.in_language(language):
        for message in sentences(language):
            for named in set(re.findall(r"`([a-z_]+)(?::[^`]*)?`", originals(message)[-1])) & options:
                called = i18n.pgettext("option name", named)
                if any(f"`{called}" not in text for text in spellings(message)):
                    wrong.append((named, called, message.id))
    assert wrong == []


# --- nothing is left in English -----------------------------------------------------------------------------


def sources() -> list[Path]:
    found = sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")])
    return [path for path in found if not str(path.relative_to(ROOT)).startswith(tuple(UNREAD))]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_left_untranslatable(path: Path) -> None:
    assert [f"{path}:{line}: {text}" for line, text in unwrapped(path) if text not in ALIKE] == []


async def test_babel_sees_every_call_that_python_sees() -> None:
    """Babel does not see calls within the braces of an f-string, nor texts that are f-strings."""
    seen = set()
    for message in await catalogues.template():
        if message.id:
            seen |= set(originals(message))
    missed = []
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
            if not isinstance(node, ast.Call) or called not in WRAPPERS:
                continue
            at = f"{path}:{node.lineno}"
            texts = node.args[1:] if called == "pgettext" else node.args
            missed += [at for each in texts if isinstance(each, ast.JoinedStr)]
            said = [each.value for each in texts if isinstance(each, ast.Constant)]
            missed += [at for text in said if isinstance(text, str) and text not in seen]
    assert missed == []


# --- texts with little room
# -----------------------------------------------------------------------------------

_ROOM = {
    ("Modal", "title"): 45,
    ("Label", "text"): 45,
    ("Label", "description"): 100,
    ("SelectOption", "label"): 100,
    ("TextInput", "placeholder"): 100,
    ("", "placeholder"): 150,  # of a menu of any class
    ("add_field", "name"): 256,
    ("Embed", "title"): 256,
    ("", "label"): 80,  # of a button of any class
}


def sentences_in(node: ast.AST) -> Iterator[str]:
    """Yield the translated texts in *node*."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"_", "gettext_noop", "ngettext"}:
            yield from (str(each.value) for each in call.args if isinstance(each, ast.Constant))


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_texts_have_room_in_every_language(language: str) -> None:
    seen, wrong = 0, []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            for keyword in node.keywords:
                room = _ROOM.get((name, str(keyword.arg)), _ROOM.get(("", str(keyword.arg))))
                for text in sentences_in(keyword.value) if room else ():
                    seen += 1
                    with i18n.in_language(language):
                        if len(i18n.gettext(text)) > (room or 0):
                            wrong.append(text)
    assert wrong == []
    assert seen > 50
