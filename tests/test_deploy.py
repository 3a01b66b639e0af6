"""What people start the bot with: compose.yaml, the egg, and the labels of the image."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config import load

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
EGG: dict[str, Any] = json.loads((ROOT / "docs" / "deploy" / "pterodactyl.json").read_text(encoding="utf-8"))
RELEASE = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


# compose.yaml


def test_one_service_with_one_volume_is_built_or_pulled() -> None:
    (service,) = COMPOSE["services"].values()
    assert service["image"] == "${IMAGE:-arxiv-papers}"
    assert service["build"] == "."
    assert service["volumes"] == ["papers:/data"]
    assert list(COMPOSE["volumes"]) == ["papers"]


def test_a_wrong_configuration_is_tried_five_times() -> None:
    assert COMPOSE["services"]["bot"]["restart"] == "on-failure:5"


def test_its_health_check_is_the_images() -> None:
    check = COMPOSE["services"]["bot"]["healthcheck"]
    options = dict(
        re.findall(r"--(\S+)=(\S+)", re.findall(r"^HEALTHCHECK (.*)", dockerfile(), re.MULTILINE)[0])
    )
    assert {name.replace("_", "-"): str(value) for name, value in check.items() if name != "test"} == options
    assert check["test"][:3] == ["CMD", "python", "-c"]
    assert "http://127.0.0.1:8080/healthz" in check["test"][3]
    compile(check["test"][3], "healthcheck", "exec")


def test_what_it_leaves_empty_counts_as_not_set() -> None:
    environment = COMPOSE["services"]["bot"]["environment"]
    assert all(value == f"${{{name}:-}}" for name, value in environment.items())
    assert load(environ=dict.fromkeys(environment, "")).discord.token is None


@pytest.mark.slow
def test_docker_compose_reads_it() -> None:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("needs docker-compose")
    done = subprocess.run([program, "config"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# The egg


def test_the_egg_is_of_the_format_that_panels_import() -> None:
    assert EGG["meta"]["version"] == "PTDL_v2"
    assert {"exported_at", "name", "author", "description", "features", "file_denylist"} <= EGG.keys()
    assert all(isinstance(image, str) for image in EGG["docker_images"].values())
    assert EGG["config"].keys() == {"files", "startup", "logs", "stop"}
    for part in ("files", "startup", "logs"):  # JSON in a text: the panel's own format
        assert isinstance(json.loads(EGG["config"][part]), dict)
    assert EGG["scripts"]["installation"].keys() == {"script", "container", "entrypoint"}
    for variable in EGG["variables"]:
        assert variable.keys() == {
            *("name", "description", "env_variable", "default_value"),
            *("user_viewable", "user_editable", "rules", "field_type"),
        }


def test_the_variables_of_the_egg_are_settings() -> None:
    given = {variable["env_variable"]: variable["default_value"] for variable in EGG["variables"]}
    settings = {name: value for name, value in given.items() if name.startswith(("PAPERS_", "DISCORD_"))}
    assert given.keys() - settings.keys() == {"REPOSITORY", "VERSION"}
    assert load(environ=settings).database.url == "sqlite:////home/container/papers.db"


def test_the_egg_installs_for_the_python_that_it_runs() -> None:
    (name,) = EGG["docker_images"]
    version = name.removeprefix("Python ")
    assert EGG["docker_images"][name].endswith(f"python_{version}")
    assert EGG["scripts"]["installation"]["container"].startswith(f"python:{version}.")
    assert "pip install -q -c requirements.lock" in EGG["scripts"]["installation"]["script"]


def test_the_installation_of_the_egg_is_a_bash_script() -> None:
    script = EGG["scripts"]["installation"]["script"]
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


# The image


def test_both_stages_have_the_same_exact_base() -> None:
    build, final = re.findall(r"^FROM (\S+)", dockerfile(), re.MULTILINE)
    assert build == final
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", final)


def test_the_release_finds_the_base_and_labels_the_image_with_it() -> None:
    (find,) = re.findall(r"name=\$\((sed .*)\)$", RELEASE, re.MULTILINE)
    found = subprocess.run(["bash", "-c", find], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert found.splitlines() == [re.findall(r"^FROM (\S+)$", dockerfile(), re.MULTILINE)[0]]
    assert "org.opencontainers.image.base.name=docker.io/library/${{ steps.base.outputs.name }}" in RELEASE
    assert "org.opencontainers.image.base.digest=${{ steps.base.outputs.digest }}" in RELEASE
    name, digest = "${{ steps.base.outputs.name }}", "${{ steps.base.outputs.digest }}"
    assert f"{name}=docker-image://{name}@{digest}" in RELEASE
