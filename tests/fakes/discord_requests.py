"""Requests to a `FakeDiscord` and its answers, as they go over the wire."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web


@dataclass
class Request:
    """A request of the bot. `path` lacks the API's prefix; `files` maps file names to contents."""

    method: str
    path: str
    route: str
    query: dict[str, str]
    body: Any
    at: float
    status: int = 0
    files: dict[str, bytes] = field(default_factory=dict)


class Refusal(Exception):
    """Discord's answer to a request that it refuses."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message}


def answer(
    status: int, data: Any, headers: dict[str, str] | None = None, *, kind: str = "application/json"
) -> web.Response:
    if status == 204:
        return web.Response(status=204, headers=headers)
    # discord.py decodes only JSON's exact content type, without a charset
    plain = {"Content-Type": kind} | (headers or {})
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return web.Response(status=status, body=body, headers=plain)


async def read(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    if request.content_type != "multipart/form-data":
        raw = await request.read()
        return (json.loads(raw) if raw else None), {}
    body, files = None, {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        if part.name == "payload_json":
            body = json.loads(content)
        else:
            files[part.filename or part.name or ""] = content
    return body, files


def as_described(request: Request) -> Any:
    """Return the body with the ids of uploaded files, and of the recipient of a new conversation, as strings.

    discord.py sends them as numbers, while Discord's description has one type, strings, for all ids. For an
    upload the id is the file's index (https://discord.com/developers/docs/reference#uploading-files).
    """
    body = copy.deepcopy(request.body)
    if request.path == "/users/@me/channels":
        body["recipient_id"] = str(body["recipient_id"])
    if request.files:
        holder = body.get("data") or body.get("message") or body
        for attachment in holder.get("attachments", []):
            attachment["id"] = str(attachment["id"])
    return body
