"""Checks requests against Discord's own OpenAPI description of its HTTP API.

    valid_request("POST", "/channels/1/messages", {"content": "hello"})

`schema_problems` returns a list, for tests that expect a request to be invalid. `needs_shared` skips tests if
the description is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match, relevance
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.shared import SHARED

_DESCRIPTION = "urn:discord:openapi"


def valid_request(method: str, path: str, body: object | None) -> None:
    """Assert that *method* on *path* exists and accepts *body*, decoded JSON, or None for no body.

    *path* may be a whole URL, start with `/api/v10`, or end in a query string. For a multipart request,
    *body* is its `payload_json`.
    """
    problems = schema_problems(method, path, body)
    assert not problems, f"{method} {path} is not as Discord describes it:\n" + "\n".join(problems)


def valid_embed(embed: object) -> None:
    """Assert that *embed*, a dict, is a valid embed of a message."""
    error = best_match(_validator("#/components/schemas/RichEmbed").iter_errors(embed))
    assert error is None, _sentence(error)


def schema_problems(method: str, path: str, body: object | None) -> list[str]:
    """Return a line for each problem with the request; none if Discord would accept it."""
    template = _template(method.lower(), _bare(path))
    if template is None:
        return [f"Discord has no {method.upper()} {_bare(path)}"]
    operation = description()["paths"][template][method.lower()]
    request = operation.get("requestBody")
    if request is None:
        return [] if body in (None, {}, "") else [f"{operation['operationId']} takes no body"]
    if body is None:
        return [f"{operation['operationId']} needs a body"] if request.get("required") else []
    pointer = _pointer("paths", template, method.lower(), "requestBody", "content")
    kind = "application/json" if "application/json" in request["content"] else next(iter(request["content"]))
    return [*_problems(f"{pointer}/{kind.replace('/', '~1')}/schema", json.dumps(body))]


@lru_cache(maxsize=256)  # every start of the bot registers the same commands, which take a third of a second
def _problems(pointer: str, body: str) -> tuple[str, ...]:
    errors = sorted(_validator(pointer).iter_errors(json.loads(body)), key=relevance)
    return tuple(_sentence(_deepest(error)) for error in errors)


@cache
def description() -> Mapping[str, Any]:
    """Return Discord's openapi.json, which is read once."""
    read: dict[str, Any] = json.loads((SHARED / "discord" / "openapi.json").read_text(encoding="utf-8"))
    return read


@cache
def _registry() -> Registry[Any]:
    resource = DRAFT202012.create_resource(description())
    return Registry().with_resource(_DESCRIPTION, resource)


@cache
def _validator(pointer: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({"$ref": f"{_DESCRIPTION}{pointer}"}, registry=_registry())


@cache
def _template(method: str, path: str) -> str | None:
    """Return the documented path that *path* matches; a literal segment takes precedence over a parameter."""
    found = [
        template
        for template, operations in description()["paths"].items()
        if method in operations and _fits(template.split("/"), path.split("/"))
    ]
    return min(found, key=lambda template: template.count("{"), default=None)


def _fits(template: list[str], path: list[str]) -> bool:
    return len(template) == len(path) and all(
        wanted == given or (wanted.startswith("{") and bool(given))
        for wanted, given in zip(template, path, strict=True)
    )


def _bare(path: str) -> str:
    path = path.split("?", 1)[0]
    for prefix in ("/api/v10", "/api"):
        _, found, rest = path.partition(prefix + "/")
        if found:
            return "/" + rest
    return path


def _pointer(*parts: str) -> str:
    return "#/" + "/".join(
        part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for part in parts
    )


def _deepest(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """Return the errors of the closest branch of a failed oneOf or anyOf."""
    return best_match(iter([error])) or error


def _sentence(error: jsonschema.ValidationError) -> str:
    def steps() -> Iterator[str]:
        for step in error.absolute_path:
            yield f"[{step}]" if isinstance(step, int) else f".{step}"

    return f"body{''.join(steps())}: {error.message[:500]}"
