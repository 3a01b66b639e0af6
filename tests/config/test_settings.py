from __future__ import annotations

import itertools
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.config import DatabaseSettings, DeliverySettings, PollSettings, Settings, load
from bot.config.values import LONGEST_LOOK_BACK, is_loopback
from bot.delivery.nonces import NONCE_KEPT
from bot.model.errors import ConfigError
from tests.config.config_cases import LOOPBACK, flat, problems, written

POLL_EVERY = "must be a duration from 10m to 7d, such as 30m, 6h or 1d, or “arxiv” for arXiv's own clock"
WRONG_DURATIONS = (
    "400d", "8d", "7.1d", "169h", "99999999999999d", "0m", "0d", "often", "30", "-1h", "1w", "6 hours",
    "arXiv's",
)  # fmt: skip
EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


# The example file


def test_the_example_file_holds_every_key_with_its_default() -> None:
    content = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    shown: dict[str, Any] = {}
    for section, keys in content.items():
        if isinstance(keys, dict):
            shown |= {f"{section}.{key}": value for key, value in keys.items()}
        else:
            shown[section] = keys
    assert shown == flat(Settings())


def test_every_key_of_the_example_file_has_a_line_of_why() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if re.match(r"  \w+:|language:", line):
            assert before.lstrip().startswith("# "), line


def test_the_example_file_loads_to_the_defaults() -> None:
    assert load(EXAMPLE, environ={}) == Settings()


# Mistakes


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
arxiv: {min_interval: 0.5, contcat: me, timeout: soon, source: harvest}
poll: {every: 30}
delivery: {daily_cap: 0}
htpp: {port: 1}
logging: {level: loud}
language: tlh
limits: 5
""",
    )
    found = problems(path, {"PAPERS_HTTP__PORT": "99999"}, needs=["discord.token", "arxiv.contact"])
    assert sorted(line.partition(":")[0] for line in found) == [
        "arxiv.contact",
        "arxiv.contcat",
        "arxiv.min_interval",  # a rule of the section, although keys of the section are wrong as well
        "arxiv.source",
        "arxiv.timeout",
        "delivery.daily_cap",
        "discord.token",
        "htpp",
        "http.port",
        "language",
        "limits",
        "logging.level",
        "poll.every",
    ]


@pytest.mark.parametrize(
    ("yaml_text", "expected"),
    [
        ("arxiv: {contcat: x}", "arxiv.contcat: there is no such key; did you mean arxiv.contact?"),
        ("arxvi: {contact: x}", "arxvi: there is no such key; did you mean arxiv?"),
        ("min_interval: 3", "min_interval: there is no such key; did you mean arxiv.min_interval?"),
        ("http: {contact: x}", "http.contact: there is no such key; did you mean arxiv.contact?"),
        ("http: {wibble: 1}", "http.wibble: there is no such key; see config.example.yaml"),
        ("http: {port: many}", "http.port: must be a whole number"),
        ("http: {port: 80.5}", "http.port: must be a whole number"),
        ("http: {port: yes}", "http.port: must not be yes or no"),
        ("http: {port: -1}", "http.port: must be at least 0"),
        ("http: {port: [1]}", "http.port: must be a whole number"),
        ("http: {host: ''}", "http.host: must not be empty"),
        ("arxiv: {timeout: .nan}", "arxiv.timeout: must be a finite number"),
        ("arxiv: {timeout: 0}", "arxiv.timeout: must be greater than 0"),
        ("arxiv: {page_size: 2001}", "arxiv.page_size: must be at most 2000"),
        (
            "arxiv: {api_url: ftp://x}",
            "arxiv.api_url: must be a web address such as https://example.org/path",
        ),
        ("arxiv: {api_url: 'http://[::1'}", "arxiv.api_url: must be a web address such as"),
        ("arxiv: {api_url: 'http://x:99999'}", "arxiv.api_url: must have a port between"),
        ("arxiv: {contact: 7}", "arxiv.contact: must be text; put it in quotes"),
        ("arxiv: {source: oai}", "arxiv.source: must be 'auto', 'api' or 'harvest'"),
        ("arxiv: {source: harvest}", "arxiv.source: “harvest” is not built yet; use auto or api"),
        (f"arxiv: {{contact: {'x' * 201}}}", "arxiv.contact: must have at most 200 characters"),
        ('arxiv: {contact: "a\\r\\nX: y"}', "arxiv.contact: must be one line of plain ASCII"),
        ("arxiv: {min_interval: 2.9}", "arxiv.min_interval: must be at least 3 seconds, as arXiv asks"),
        ("poll: {every: 9m}", "poll.every: must be from 10m to 7d, since arXiv's lists change once a day"),
        *((f"poll: {{every: {every}}}", f"poll.every: {POLL_EVERY}") for every in WRONG_DURATIONS),
        (
            "poll: {look_back_days: 100}",
            "poll.deep_look_back_days: must be at least poll.look_back_days",
        ),
        ("delivery: {daily_cap: 0}", "delivery.daily_cap: must be at least 1; write none for no cap"),
        ("delivery: {daily_cap: [1]}", "delivery.daily_cap: must be"),
        ("delivery: {daily_cap: {a: 1}}", "delivery.daily_cap: must be"),
        ("delivery: {daily_cap: many}", "delivery.daily_cap: must be a whole number"),
        ("delivery: {send_timeout: 59.9}", "delivery.send_timeout: must be at least 60"),
        ("delivery: {send_timeout: 181}", "delivery.send_timeout: must be at most 180"),
        ("delivery: {undo_hours: 0}", "delivery.undo_hours: must be at least 1"),
        ("delivery: {undo_hours: 169}", "delivery.undo_hours: must be at most 168"),
        ("delivery: {grace_days: 0}", "delivery.grace_days: must be at least 1"),
        ("delivery: {grace_days: 366}", "delivery.grace_days: must be at most 365"),
        ("poll: {surge_factor: 0}", "poll.surge_factor: must be at least 1"),
        ("poll: {surge_factor: 101}", "poll.surge_factor: must be at most 100"),
        ("database: {keep_days: 364}", "database.keep_days: must be at least 365"),
        ("database: {keep_days: 36501}", "database.keep_days: must be at most 36500"),
        ("database: {url: postgresql://h/d}", "database.url: PostgreSQL is not built yet; use a file"),
        ("database: {url: 'sqlite://'}", "database.url: must name a file"),
        (
            "database: {url: 'sqlite:///:memory:'}",
            "database.url: must name a file, since a database in memory",
        ),
        ("database: {url: data/papers.db}", "database.url: must name a file: sqlite:///data/papers.db"),
        ("logging: {format: xml}", "logging.format: must be 'console' or 'json'"),
        ("discord: {token: Bot abc}", "discord.token: must not begin with the word “Bot”"),
        ("discord: {token: a b}", "discord.token: is not a bot token; copy it from the Bot page"),
        ("discord: {token: 123}", "discord.token: must be text; put it in quotes"),
        ("language: tlh", "language: is not a supported language; use one of auto, en, de, zh-CN"),
        ("limits: [1]", "limits: must be a section: keys on lines of their own, indented"),
    ],
)
def test_one_mistake_is_one_line_with_its_path(tmp_path: Path, yaml_text: str, expected: str) -> None:
    (line,) = problems(written(tmp_path, yaml_text))
    assert line.startswith(expected)


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("PAPERS_ARXIV__CONTCAT", "arxiv.contcat: there is no such key; did you mean arxiv.contact?"),
        ("PAPERS_ARXIV_CONTACT", "arxiv_contact: there is no such key; did you mean arxiv.contact?"),
        ("PAPERS_ARXVI__CONTACT", "arxvi: there is no such key; did you mean arxiv?"),
        ("PAPERS_TOKEN", "token: there is no such key; did you mean discord.token?"),
        ("PAPERS_HTTP", "http: is a section; a variable sets one key of it, such as PAPERS_HTTP__HOST"),
        ("PAPERS_ARXIV", "arxiv: is a section; a variable sets one key of it, such as PAPERS_ARXIV__API_URL"),
        ("papers_poll", "poll: is a section; a variable sets one key of it, such as PAPERS_POLL__EVERY"),
        ("PAPERS_LANGUAGE__UI", "language: is one value without keys; set PAPERS_LANGUAGE"),
        ("PAPERS_HTTP__PORT", "http.port: must be a whole number"),
        ("PAPERS_", ": there is no such key"),
    ],
)
def test_a_wrong_variable_is_a_mistake_that_names_it(variable: str, expected: str) -> None:
    (line,) = problems(environ={variable: "x"})
    assert line.startswith(expected)
    assert line.endswith(f"(from {variable})")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PAPERS_ARXIV": "1", "PAPERS_ARXIV__CONTACT": "me@example.org"}, ["arxiv: is a section"]),
        ({"PAPERS_DISCORD": "1", "DISCORD_TOKEN": "a.b.c"}, ["discord: is a section"]),
        ({"PAPERS_DISCORD": "1", "PAPERS_DISCORD__TOKEN": "a.b.c"}, ["discord: is a section"]),
        ({"PAPERS_POLL": "6h", "PAPERS_POLL__MAX_POSTS": "0"}, ["poll: is a section", "poll.max_posts"]),
        ({"PAPERS_HTTP": "1", "PAPERS_HTTP__PRT": "1"}, ["http: is a section", "http.prt: there is no such"]),
        ({"PAPERS_ARXIV": "1", "PAPERS_HTTP": "1"}, ["arxiv: is a section", "http: is a section"]),
        ({"papers_http": "1", "PAPERS_HTTP__PORT": "x"}, ["http: is a section", "http.port: must be"]),
        ({"PAPERS_LANGUAGE": "de", "PAPERS_LANGUAGE__UI": "de"}, ["language: is one value"]),
        ({"PAPERS_LANGUAGE": "tlh", "PAPERS_LANGUAGE__UI": "1"}, ["language: is one", "language: is not"]),
        ({"PAPERS_ARXVI": "1", "PAPERS_ARXVI__CONTACT": "x"}, ["arxvi: there is no such key"]),
        ({"PAPERS_LIMITS": "9", "PAPERS_LIMITS__SAVED_PAPERS": "9"}, ["limits: is a section"]),
    ],
)  # fmt: skip
def test_a_variable_for_a_whole_section_does_not_hide_those_for_its_keys(
    environ: dict[str, str], expected: list[str]
) -> None:
    found = problems(environ=environ)
    assert len(found) == len(expected)
    assert all(map(str.startswith, found, expected)), found


def test_a_section_that_is_none_in_the_file_is_reported_though_a_variable_sets_a_key(tmp_path: Path) -> None:
    (line,) = problems(written(tmp_path, "arxiv: 5"), {"PAPERS_ARXIV__CONTACT": "me@example.org"})
    assert line == "arxiv: must be a section: keys on lines of their own, indented"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"arxiv:\n  contact: [me\nhttp: {}",
            r", line 3, column 5: expected ',' or ']', but got ':'; see config",
        ),
        (
            b"arxiv:\n  contact: *secret",
            r", line 2, column 12: found undefined alias …; see config.example.yaml",
        ),
        (
            b"{a: 1}\nfoo: bar",
            ", line 2, column 1: expected '<document start>', but found '<block mapping start>'; see",
        ),
        (b"arxiv:\n\tcontact: me", r", line 2, column 1: found character '\\t' that cannot start any token"),
        (b"arxiv: {}\nhttp: {}\narxiv: {}", ", line 3, column 1: this key appears twice"),
        (b"http:\n  port: 1\n  port: 2", ", line 3, column 3: this key appears twice"),
        (b"- a\n- b", ": must have sections such as “arxiv:”"),
        (b"just text", ": must have sections such as “arxiv:”"),
        (b"a: \xff", r": is not UTF-8 text \(byte 4\)"),
        (b"a: \x00", ": has a character that YAML does not allow"),
        (b"? [a, b]\n: 1", ", line 1, column 3: found unhashable key"),
        (b"a: 2024-99-99", ": has a value that YAML cannot read"),
        (b"a: " + b"[" * 5000, ": has a value that YAML cannot read"),
        (b"a: !!python/object:os.system {}", ", line 1, column 4: could not determine a constructor"),
    ],
)
def test_an_unreadable_file_is_one_line_with_the_place(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    (line,) = problems(path)
    assert re.match(re.escape(str(path)) + expected, line), line


def test_a_missing_file_is_a_mistake_only_where_it_was_named(tmp_path: Path) -> None:
    (line,) = problems(tmp_path / "nowhere.yaml")
    assert "does not exist" in line


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert problems(tmp_path) == [f"{tmp_path}: cannot be read (Is a directory); name a file in it"]


@pytest.mark.parametrize(
    ("yaml_text", "wrong"),
    [
        ("poll: {deep_look_back_days: 0}", ["deep_look_back_days"]),
        ("poll: {deep_look_back_days: 0, look_back_days: 100}", ["deep_look_back_days"]),
        ("poll: {deep_look_back_days: 400, look_back_days: 100}", ["deep_look_back_days"]),
        ("poll: {deep_look_back_days: x, look_back_days: 91}", ["deep_look_back_days"]),
        ("poll: {deep_look_back_days: 10}", ["deep_look_back_days"]),
        ("poll: {deep_look_back_days: 10, look_back_days: 20}", ["deep_look_back_days"]),
        ("poll: {look_back_days: 100}", ["deep_look_back_days"]),
        ("poll: {look_back_days: 400}", ["look_back_days"]),
        ("poll: {look_back_days: 400, deep_look_back_days: 5}", ["look_back_days"]),
        ("poll: {look_back_days: 0, deep_look_back_days: 0}", ["look_back_days", "deep_look_back_days"]),
        ("poll: {look_back_days: 100, every: 5m}", ["deep_look_back_days", "every"]),
        (
            "poll: {look_back_days: 100, every: 5m, max_posts: 0}",
            ["max_posts", "deep_look_back_days", "every"],
        ),
    ],
)
def test_a_key_is_reported_once_and_hides_no_other(tmp_path: Path, yaml_text: str, wrong: list[str]) -> None:
    found = problems(written(tmp_path, yaml_text))
    assert [line.partition(":")[0] for line in found] == [f"poll.{key}" for key in wrong]


# What protects arXiv


@pytest.mark.parametrize(
    ("url", "polite_needed"),
    [
        ("https://export.arxiv.org/api/query", True),
        ("http://localhost.example.org/", True),
        ("http://10.0.0.1/", True),
        ("http://127.0.0.1:8000/api/query", False),
        ("http://localhost:8000", False),
        ("http://[::1]:8000/", False),
    ],
)
def test_the_limits_that_protect_arxiv_fall_only_on_this_machine(url: str, polite_needed: bool) -> None:
    fast = {"PAPERS_ARXIV__MIN_INTERVAL": "0", "PAPERS_POLL__EVERY": "1s", "PAPERS_ARXIV__API_URL": url}
    assert is_loopback(url) is not polite_needed
    if polite_needed:
        assert {line.partition(":")[0] for line in problems(environ=fast)} == {
            "arxiv.min_interval",
            "poll.every",
        }
    else:
        assert load(environ=fast).poll.interval == timedelta(seconds=1)


def test_while_the_address_is_wrong_the_limits_are_those_for_arxiv_itself() -> None:
    found = problems(
        environ={
            "PAPERS_ARXIV__API_URL": "nonsense",
            "PAPERS_ARXIV__MIN_INTERVAL": "1",
            "PAPERS_POLL__EVERY": "5m",
        }
    )
    assert [line.partition(":")[0] for line in found] == ["arxiv.api_url", "arxiv.min_interval", "poll.every"]


def test_the_limits_hold_for_settings_made_by_hand_too() -> None:
    with pytest.raises(ValueError, match="10m"):
        Settings(poll={"every": "1m"})


# What cannot be done without


def test_what_a_command_needs_is_asked_for() -> None:
    found = problems(needs=["discord.token", "arxiv.contact"])
    assert [line.partition(" ")[0] for line in found] == ["discord.token:", "arxiv.contact:"]


@pytest.mark.parametrize(
    "contact",
    [
        "you@example.org", "first.last+arxiv@mail.example.ac.uk", "mailto:you@example.org", "a_b-c@x-y.de",
        "https://example.org", "https://example.org/bot?lab=1", "http://lab.example.org:8080/~me", "HTTPS://X.ORG",
    ],
)  # fmt: skip
def test_a_contact_is_an_address_or_a_link(contact: str) -> None:
    assert load(environ=LOOPBACK | {"PAPERS_ARXIV__CONTACT": f" {contact} "}).arxiv.contact == contact


@pytest.mark.parametrize(
    "contact",
    [
        "me", "you", "x@", "@example.org", "you@localhost", "you at example.org", "https://",
        "https://localhost", "ftp://example.org", "https://exa mple.org", "a@b@example.org", "-",
        "<you@example.org>",
        "+49 30 1234",
    ],
)  # fmt: skip
def test_anything_else_is_no_contact(contact: str) -> None:
    with pytest.raises(ConfigError, match=r"arxiv\.contact: must be an email address or a web address"):
        load(environ=LOOPBACK | {"PAPERS_ARXIV__CONTACT": contact})


def test_a_contact_is_not_needed_for_a_server_on_this_machine() -> None:
    assert load(environ=LOOPBACK, needs=["arxiv.contact"]).arxiv.contact == ""


def test_a_wrong_token_is_not_also_missing() -> None:
    (line,) = problems(environ={"DISCORD_TOKEN": "a b"}, needs=["discord.token"])
    assert line.startswith("discord.token: is not a bot token")


def test_a_server_on_this_machine_may_take_any_token() -> None:
    environ = LOOPBACK | {"DISCORD_TOKEN": "abc", "PAPERS_DISCORD__API_BASE": "http://localhost:1/api"}
    assert load(environ=environ, needs=["discord.token"]).discord.token is not None
    (line,) = problems(environ=LOOPBACK | {"DISCORD_TOKEN": "abc"}, needs=["discord.token"])
    assert line.startswith("discord.token: does not look like a bot token; copy all of it")


# Secrets


@pytest.mark.parametrize(
    "text",
    [
        "discord: {token: hunter2 x}",
        "discord: {tokn: hunter2}",
        "discord: hunter2",
        "discord: [hunter2]",
        "discord: {token: [hunter2]}",
        "discord: {token: {hunter2: hunter2}}",
        "discord: {token: 'Bot hunter2'}",
        "token: hunter2",
        "hunter2",
        "discord: {token: *hunter2}",
        "discord: {token: !hunter2 x}",
        "discord:\n  token: 'hunter2\n",
        "discord:\n  token: hunter2\n token: x",
        "database: {url: postgresql://me:hunter2@db/papers}",
        "arxiv: {api_url: 'ftp://me:hunter2@proxy/'}",
        "arxiv: {source: hunter2}",
        "arxiv: {timeout: hunter2}",
        "poll: {every: hunter2}",
    ],
)
def test_no_mistake_repeats_a_value(tmp_path: Path, text: str) -> None:
    assert "hunter2" not in "\n".join(problems(written(tmp_path, text)))


def test_settings_do_not_show_the_token() -> None:
    settings = load(environ={"DISCORD_TOKEN": "hunter2"})
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump())):
        assert "hunter2" not in shown


def test_settings_do_not_change_after_start() -> None:
    settings = Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.arxiv.contact = "x"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        settings.language = "en"  # type: ignore[misc]


# Values


def test_periods_are_what_they_always_were() -> None:
    delivery = DeliverySettings()
    assert (delivery.send_timeout, delivery.undo, delivery.grace) == (
        90,
        timedelta(days=1),
        timedelta(days=30),
    )
    assert (DatabaseSettings().keep, PollSettings().surge_factor) == (timedelta(days=365), 3)


def test_no_setting_can_bring_a_message_twice() -> None:
    """A paper is known for as long as a poll may look back, and a nonce for as long as a send may last."""
    with pytest.raises(ValidationError):
        DatabaseSettings(keep_days=LONGEST_LOOK_BACK.days - 1)
    with pytest.raises(ValidationError):
        DeliverySettings(send_timeout=NONCE_KEPT.total_seconds())
    assert DatabaseSettings(keep_days=LONGEST_LOOK_BACK.days).keep == LONGEST_LOOK_BACK


def test_arxivs_own_clock_is_no_interval() -> None:
    assert Settings().poll.interval is None


def test_the_level_is_read_in_any_case() -> None:
    assert load(environ={"PAPERS_LOGGING__LEVEL": "debug"}).logging.level == "DEBUG"


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_keys = st.sampled_from(sorted({part for path in flat(Settings()) for part in path.split(".")})) | st.text(
    max_size=8
)


@given(st.dictionaries(_keys, _values | st.dictionaries(_keys, _values, max_size=4), max_size=4))
def test_any_yaml_is_settings_or_mistakes(tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:
    path = tmp_path_factory.mktemp("any") / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    lines: tuple[str, ...] = ()
    try:
        load(path, environ={})
    except ConfigError as refused:
        lines = refused.problems
    assert all(": " in line and "\n" not in line for line in lines)
