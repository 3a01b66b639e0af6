"""Subscriptions as OPML, which any feed reader imports.

arXiv offers no feed of a query, but its API answers in Atom, so each feed is a request to the API.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from bot.query.query import parse
from bot.store.imports import ChannelEntry

_API = "https://export.arxiv.org/api/query"
_PAPERS = 50


def write(channels: Iterable[ChannelEntry], now: datetime) -> str:
    """Return an OPML 2.0 document with a folder for each channel and a feed for each subscription."""
    root = ET.Element("opml", version="2.0")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = "arXiv papers"
    ET.SubElement(head, "dateCreated").text = format_datetime(now)
    body = ET.SubElement(root, "body")
    for channel in channels:
        where = f"Server {channel.guild_id}, channel {channel.channel_id}"
        name = f"Direct messages of {channel.user_id}" if channel.user_id else where
        folder = ET.SubElement(body, "outline", text=name)
        for entry in channel.entries:
            ET.SubElement(folder, "outline", type="rss", text=entry.keyword, xmlUrl=_address(entry.query))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _address(query: str) -> str:
    parameters = {
        "search_query": parse(query).arxiv,
        "sortBy": "submittedDate",
        "sortOrder": "descending",
        "max_results": _PAPERS,
    }
    return f"{_API}?{urlencode(parameters)}"
