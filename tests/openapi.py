"""Discord's own description of its HTTP API, asked whether a request would be understood.

    valid_request("POST", "/channels/1/messages", {"content": "hello"})

`schema_problems` answers with a list for a test that expects a request to be refused. The description is read
in place; `needs_shared` skips the tests that need it where it is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match, relevance
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.shared import SHARED

_DESCRIPTION = "urn:discord:openapi"


def valid_request(method: str, path: str, body: object | None) -> None:
    """Assert that Discord describes *method* on *path* and would accept *body* (decoded JSON).

    *path* may be a whole URL, may start with `/api/v10` and may end in a query. A multipart request is
    validated by its `payload_json`. None stands for no body.
    """
    problems = schema_problems(method, path, body)
    assert not problems, f"{method} {path} is not as Discord describes it:\n" + "\n".join(problems)


def valid_embed(embed: object) -> None:
    """Assert that *embed* (a dict) could be one of a message's."""
    error = best_match(_validator("#/components/schemas/RichEmbed").iter_errors(embed))
    assert error is None, _sentence(error)


def schema_problems(method: str, path: str, body: object | None) -> list[str]:
    """Return what is wrong with the request, one line a problem; an empty list when Discord would take it."""
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
    validator = _validator(f"{pointer}/{kind.replace('/', '~1')}/schema")
    return [_sentence(_deepest(error)) for error in sorted(validator.iter_errors(body), key=relevance)]


@cache
def description() -> Mapping[str, Any]:
    """Discord's openapi.json, read once."""
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
    """The described path that *path* is an instance of; a literal segment wins over a parameter."""
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
    """Of a failed oneOf or anyOf, the branch that came closest."""
    return best_match(iter([error])) or error


def _sentence(error: jsonschema.ValidationError) -> str:
    def steps() -> Iterator[str]:
        for step in error.absolute_path:
            yield f"[{step}]" if isinstance(step, int) else f".{step}"

    return f"body{''.join(steps())}: {error.message[:500]}"
