"""Answers with status 200 that discord.py cannot parse, made from those that it can."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Garble = Callable[[Any], Any]


def without(*keys: str) -> Garble:
    return lambda data: {key: value for key, value in data.items() if key not in keys}


def having(**values: Any) -> Garble:
    return lambda data: data | values


def author(**values: Any) -> Garble:
    return lambda data: data | {"author": data["author"] | values}


BODIES: dict[str, Garble] = {
    "nothing": lambda _: b"",
    "a web page": lambda _: b"<!doctype html><title>ok</title>",
    "half of it": lambda data: json.dumps(data).encode()[:60],
    "no UTF-8": lambda _: b'{"id": "\xff\xfe"}',
    "too deep": lambda _: b"[" * 200_000,
    "null": lambda _: None,
    "true": lambda _: True,
    "a number": lambda _: 7,
    "a text": lambda _: "ok",
    "an empty list": lambda _: [],
    "a list of it": lambda data: [data],
    "an empty object": lambda _: {},
    "an envelope": lambda data: {"message": data},
}
"""Whatever was asked for."""

MESSAGES: dict[str, Garble] = {
    "no id": without("id"),
    "an id in words": having(id="first"),
    "no author at all": having(author=None),
    "an author in words": having(author="papers"),
    "an author without id": author(id=None),
    "no content": without("content"),
    "embeds that are none": having(embeds=[1]),
    "attachments that are null": having(attachments=None),
    "attachments that are none": having(attachments=["a.md"]),
    "no type": without("type"),
    "a time in words": having(edited_timestamp="yesterday"),
    "reactions that are none": having(reactions=[1]),
    "components that are none": having(components=[7]),
    "stickers that are none": having(sticker_items=[None]),
    "a reference that is none": having(message_reference=[1]),
    "no id, no author, no content": without("id", "author", "content"),
}
"""A message, or one of several in a history."""
