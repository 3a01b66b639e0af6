"""Every mistake in the settings is one line that names its place and repeats no value."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.config.config_cases import problems, written

POLL_EVERY = "must be a duration from 10m to 7d, such as 30m, 6h or 1d, or “arxiv” for arXiv's own clock"
HOLIDAYS = "arxiv.holidays: must be a list of dates, such as [2027-01-18, 2027-06-18]"
WRONG_DURATIONS = (
    "400d", "8d", "7.1d", "169h", "99999999999999d", "0m", "0d", "often", "30", "-1h", "1w", "6 hours",
    "arXiv's",
)  # fmt: skip


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
arxiv: {min_interval: 0.5, contcat: me, timeout: soon, source: rss}
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
        ("arxiv: {holidays: 7}", HOLIDAYS),
        ("arxiv: {holidays: 2027-01-18}", HOLIDAYS),
        (
            "arxiv: {holidays: [2027-01-18, 2027-02-30]}",
            f"{HOLIDAYS}; number 2 is not a date",
        ),
        ("arxiv: {holidays: [2027-01-18, New Year]}", f"{HOLIDAYS}; number 2 is not a date"),
        ("arxiv: {holidays: [2027-01-18T20:00:00]}", f"{HOLIDAYS}; number 1 is not a date"),
        ("arxiv: {holidays: [null]}", f"{HOLIDAYS}; number 1 is not a date"),
        ("arxiv: {contact: 7}", "arxiv.contact: must be text; put it in quotes"),
        ("arxiv: {source: oai}", "arxiv.source: must be 'auto', 'api' or 'harvest'"),
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
        ("database: {url: postgresql://h}", "database.url: names no database; write postgresql://user"),
        (
            "database: {url: 'postgresql://u:p@x@h/d'}",
            "database.url: is not a valid URL; write postgresql://user",
        ),
        ("database: {url: 'sqlite://'}", "database.url: must name a file"),
        (
            "database: {url: 'sqlite:///:memory:'}",
            "database.url: must name a file, since a database in memory",
        ),
        ("database: {url: data/papers.db}", "database.url: must name a file: sqlite:///data/papers.db"),
        ("logging: {level: 5}", "logging.level: must be"),
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
