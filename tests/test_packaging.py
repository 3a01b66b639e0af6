"""The lock, the image and CI cannot be run here; that they agree with the project can be checked."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot import __version__
from bot.config import load

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(lines: list[str]) -> dict[str, Requirement]:
    parsed = (Requirement(line) for line in lines)
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def locked() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return requirements([line for line in lines if line and not line.lstrip().startswith("#")])


# The lock


def test_the_lock_holds_one_version_of_every_dependency_that_is_asked_for() -> None:
    extras = PROJECT["optional-dependencies"].values()
    asked = requirements([*PROJECT["dependencies"], *(line for extra in extras for line in extra)])
    asked.pop(canonicalize_name(PROJECT["name"]))
    lock = locked()
    for name, requirement in asked.items():
        (pin,) = lock[name].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), f"{name} {pin.version}"


def test_the_lock_can_constrain_pip_and_names_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not any(requirement.extras or requirement.url for requirement in locked().values())
    assert "://" not in text
    assert "--" not in re.sub(r"^#.*$", "", text, flags=re.MULTILINE)


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["version"] == __version__


# The package


def test_every_file_of_the_package_is_declared() -> None:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    declared = {file for glob in data["package-data"]["bot"] for file in (ROOT / "bot").glob(glob)}
    files = [file for folder in ("bot", "cogs") for file in (ROOT / folder).rglob("*") if file.is_file()]
    assert {file for file in files if file.suffix not in {".py", ".pyc"}} == declared


# The image


def instructions(stage: int) -> list[tuple[str, str]]:
    """Return the instructions of one stage of the Dockerfile, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n|^$\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    parts = [(word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in lines)]
    starts = [number for number, (word, _) in enumerate(parts) if word == "FROM"]
    assert len(starts) == 2
    return parts[starts[0] : starts[1]] if stage == 0 else parts[starts[1] :]


def environment() -> dict[str, str]:
    pairs = [shlex.split(rest) for word, rest in instructions(1) if word == "ENV"]
    return dict(pair.split("=", 1) for line in pairs for pair in line)


def test_the_image_installs_locked_dependencies_before_any_source() -> None:
    build = instructions(0)
    copied = [rest for word, rest in build if word == "COPY"]
    assert copied == ["pyproject.toml requirements.lock /build/"]
    assert any("pip install -c /build/requirements.lock" in rest for word, rest in build if word == "RUN")
    order = [rest for word, rest in instructions(1) if word == "COPY"]
    assert order == ["--from=build /venv /venv", "bot /app/bot", "cogs /app/cogs"]


def test_the_command_that_lists_the_dependencies_lists_them(tmp_path: Path) -> None:
    (command,) = (rest for word, rest in instructions(0) if word == "RUN" and "tomllib" in rest)
    listing = command.split(">")[0].replace("/build/pyproject.toml", str(ROOT / "pyproject.toml"))
    listed = subprocess.run(shlex.split(listing), capture_output=True, text=True, check=True).stdout
    assert listed.splitlines() == PROJECT["dependencies"] + PROJECT["optional-dependencies"]["postgres"]


def test_the_image_runs_without_root_and_writes_on_its_volume_only() -> None:
    final = dict(instructions(1))
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", final["USER"])  # a number: Kubernetes cannot judge a name
    assert final["VOLUME"] == "/data"
    assert final["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(final["ENTRYPOINT"]) == ["python", "-m", "bot"]
    assert environment()["PYTHONDONTWRITEBYTECODE"] == "1"
    owner = final["USER"].split(":")
    assert f"install -d -o {owner[0]} -g {owner[1]} /data" in final["RUN"]


def test_the_environment_of_the_image_is_a_valid_configuration() -> None:
    settings = load(environ=environment())
    assert settings.database.url == "sqlite:////data/papers.db"
    assert settings.http.host == "0.0.0.0"  # noqa: S104 - inside the container
    assert dict(instructions(1))["EXPOSE"] == str(settings.http.port)


def test_the_health_check_asks_the_port_that_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    check = dict(instructions(1))["HEALTHCHECK"]
    python, option, code = json.loads(check.partition("CMD ")[2])
    assert (python, option) == ("python", "-c")
    monkeypatch.setenv("PAPERS_HTTP__PORT", "1")  # where nobody listens
    with pytest.raises(OSError, match="refused"):
        exec(compile(code, "HEALTHCHECK", "exec"), {})  # noqa: S102 - our own line of the Dockerfile
    monkeypatch.setenv("PAPERS_HTTP__PORT", "0")  # turned off: then nobody can ask, and nothing is wrong
    exec(compile(code, "HEALTHCHECK", "exec"), {})  # noqa: S102 - as above


def test_only_what_the_image_needs_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in lines if line.startswith("!")} == {
        "pyproject.toml",
        "requirements.lock",
        "bot",
        "cogs",
    }
    assert "*" in lines


# CI

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = sorted((ROOT / ".ci").iterdir())
CI: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))


def readme_command() -> list[str]:
    """Return the lines of the second sh block of the README's quick start."""
    start = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Quick start\n")[2]
    blocks = re.findall(r"^```sh\n(.*?)^```$", start.partition("\n## ")[0], re.MULTILINE | re.DOTALL)
    return list(blocks[1].splitlines())


def test_ci_runs_the_readmes_test_command() -> None:
    """What `.ci/run` takes out of README.md is the second sh block of its quick start, unchanged."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (awk,) = re.findall(r"^awk .*?(?=>\"\$tests\")", script, re.MULTILINE | re.DOTALL)
    taken = subprocess.run(["bash", "-c", awk], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert taken.splitlines() == readme_command()
    assert "pytest" in taken
    assert 'bash -eo pipefail "$tests"' in script


@pytest.mark.parametrize(
    ("part", "ran"),
    [
        ([], ["pip install", "ruff check", "mypy", "pytest -q"]),
        (["lint"], ["pip install", "ruff check", "mypy"]),
        (["tests"], ["pip install", "pytest -q"]),
    ],
    ids=["all", "lint", "tests"],
)
def test_ci_runs_the_parts_of_the_test_command(tmp_path: Path, part: list[str], ran: list[str]) -> None:
    tools = tmp_path / "tools"
    for folder in (tools, tmp_path / ".ci"):
        folder.mkdir()
    (tmp_path / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    block = "```sh\npip install\nruff check && mypy\npytest -q\n```\n"
    (tmp_path / "README.md").write_text(f"## Quick start\n\n```sh\ndemo\n```\n\n{block}", encoding="utf-8")
    for name in ("pip", "ruff", "mypy", "pytest", "chromium", "apt-get"):
        (tools / name).write_text(f'#!/bin/sh\necho "ran {name} $*"\n', encoding="utf-8")
        (tools / name).chmod(0o755)
    (tools / "python3").symlink_to(sys.executable)
    done = subprocess.run(
        ["bash", tmp_path / ".ci" / "run", *part],
        env={"PATH": f"{tools}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    assert [line[4:].strip() for line in said if line.startswith("ran ")] == ran


def test_the_lines_of_the_test_command_are_told_apart_by_their_first_word() -> None:
    words = [line.partition(" ")[0] for line in readme_command()]
    assert words == ["python3", "pip", "ruff", "pytest"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_ci_scripts_are_proper_bash(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)


def test_ci_looks_at_the_code_and_runs_it_under_every_version_that_is_promised() -> None:
    promised = [
        line.rpartition(" ")[2]
        for line in PROJECT["classifiers"]
        if "Programming Language :: Python :: 3." in line
    ]
    assert PROJECT["requires-python"] == f">={promised[0]}"
    jobs = CI["jobs"]
    assert [step["run"] for step in jobs["lint"]["steps"] if "run" in step] == ["bash .ci/run lint"]
    assert [step["run"] for step in jobs["test"]["steps"] if "run" in step] == ["bash .ci/run tests"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == promised
    assert set(jobs) == {"lint", "test", "coverage", "wheel", "image"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_may_write_nothing_unless_a_job_says_so(workflow: Path) -> None:
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert content["permissions"] == {"contents": "read"}
    wider = {name: job["permissions"] for name, job in content["jobs"].items() if "permissions" in job}
    allowed = {"image": {"contents": "read", "packages": "write"}, "release": {"contents": "write"}}
    assert wider == (allowed if workflow.name == "release.yml" else {})


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_the_hash_of_a_version(workflow: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", workflow.read_text(encoding="utf-8"))
    foreign = [(name, comment) for name, comment in used if not name.startswith("./")]
    assert foreign
    for name, comment in foreign:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)
    assert len({name for name, _ in foreign}) == len({name.partition("@")[0] for name, _ in foreign})


def test_the_image_is_built_for_two_architectures_and_named_after_the_repository() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "platforms: linux/amd64,linux/arm64" in text
    assert "images: ghcr.io/${{ github.repository }}" in text
    assert "labels: ${{ steps.meta.outputs.labels }}" in text


def test_pre_commit_runs_what_the_test_command_looks_at_the_code_with() -> None:
    content = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (repository,) = content["repos"]
    assert repository["repo"] == "local"  # the installed tools, whose versions are locked
    entries = [hook["entry"].removesuffix(" --force-exclude") for hook in repository["hooks"]]
    assert entries == [command.removesuffix(" .") for command in readme_command()[2].split(" && ")]


# The changelog

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
VERSIONS = re.findall(r"^## \[(.+?)\](.*)$", CHANGELOG, re.MULTILINE)


def release_notes(version: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", ROOT / ".ci" / "release-notes", version], capture_output=True, text=True, check=False
    )


def test_the_changelog_begins_with_this_version_and_dates_each() -> None:
    assert VERSIONS[0][0] == __version__
    dates = [date.removeprefix(" - ") for _, date in VERSIONS]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date in dates)
    assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize("version", [version for version, _ in VERSIONS])
def test_the_notes_of_a_release_are_its_part_of_the_changelog(version: str) -> None:
    notes = release_notes(version)
    assert notes.returncode == 0
    assert notes.stdout.strip()
    assert f"## [{version}]" not in notes.stdout
    assert notes.stdout.strip() in CHANGELOG
    groups = re.findall(r"^### (.+)$", notes.stdout, re.MULTILINE)
    order = ["Security", "Removed", "Deprecated", "Added", "Changed", "Fixed"]
    assert groups
    assert groups == [group for group in order if group in groups]


def test_a_version_that_the_changelog_does_not_know_has_no_notes() -> None:
    for version in ("9.9.9", VERSIONS[0][0][:-1], "0.2.0]"):
        notes = release_notes(version)
        assert (notes.returncode, notes.stdout) == (1, "")
        assert version in notes.stderr
