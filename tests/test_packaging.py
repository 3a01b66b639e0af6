"""The lock, the image and CI cannot be run here; that they agree with the project can be checked."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
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
    assert listed.splitlines() == PROJECT["dependencies"]


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


def test_ci_runs_the_readmes_test_command() -> None:
    """What `.ci/run` takes out of README.md is the second sh block of its quick start, unchanged."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (awk,) = re.findall(r"^awk .*?(?=>\"\$tests\")", script, re.MULTILINE | re.DOTALL)
    taken = subprocess.run(["bash", "-c", awk], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    start = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Quick start\n")[2]
    blocks = re.findall(r"^```sh\n(.*?)^```$", start.partition("\n## ")[0], re.MULTILINE | re.DOTALL)
    assert taken == blocks[1]
    assert "pytest" in taken
    assert 'bash -eo pipefail "$tests"' in script


def test_the_workflow_runs_the_same_script_and_may_write_nothing() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    job = workflow["jobs"]["test"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.13"]


def test_the_ci_script_is_proper_bash() -> None:
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
