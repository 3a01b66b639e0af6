"""Reasons become codes with facts; version 0.1.0 stored English sentences.

Everything is written out here, so that what later versions make of their reasons changes nothing in it. A
sentence that 0.1.0 did not write is kept word for word.
"""

from __future__ import annotations

import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_COLUMNS = (
    ("destinations", "reason"),
    ("subscriptions", "reason"),
    ("removed", "reason"),
    ("notices", "reason"),
    ("notices", "error"),
    ("outbox", "error"),
    ("crossposts", "error"),
)
_SENTENCES = {
    "The channel no longer exists.": "channel_deleted",
    "The server no longer exists, or I am no longer in it.": "server_unknown",
    "I was removed from the server.": "bot_removed",
    "The thread is locked.": "thread_locked",
    "The thread is locked: unlock it, or give me the permission Manage Threads.": "thread_locked",
    "The thread is archived, and I may not open it again.": "thread_archived",
    "I cannot see the channel: give me the permission View Channel.": "channel_hidden",
    "This person does not accept direct messages from me.": "direct_messages_closed",
    "I am not allowed to post here: give me the permissions Send Messages (in threads: Send Messages in "
    "Threads) and Embed Links.": "not_allowed",
    "nothing in this channel asks for it any more": "no_subscription",
    "Discord did not answer in time": "no_response",
    "nobody could be told": "no_recipient",
    "taken back": "withdrawn",
}
_LACKING = re.compile(
    r"I lack the permission (?P<missing>[\w ]+?)(?: \(and need (?P<later>[\w ,]+)\))?: give it to me in "
    r"(?:the channel's settings|the settings of (?P<above>the channel above the thread)) under Permissions\."
)
_PERMISSIONS = {
    "View Channel": "view_channel",
    "Send Messages": "send_messages",
    "Create Posts": "send_messages",  # what Discord calls it in a forum
    "Send Messages in Threads": "send_messages_in_threads",
    "Embed Links": "embed_links",
}
_REFUSED = re.compile(r"Discord does not let me post here \((?P<answer>.*)\)\.", re.DOTALL)
_ANSWER = re.compile(r"Discord answered (?P<status>\d+)(?:, code (?P<error>\d+): (?P<detail>.+))?", re.DOTALL)
_EXCEPTION = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:: (?P<detail>.+))?", re.DOTALL)
_TOKEN_REFUSED = re.compile(r"401 .*\(error code: \d+\).*|Improper token has been passed\.", re.DOTALL)
# What aiohttp and the network raise, by the names that 0.1.0 wrote before their messages.
_NO_CONNECTION = frozenset(
    {
        "BrokenPipeError",
        "ClientConnectionError",
        "ClientConnectionResetError",
        "ClientConnectorCertificateError",
        "ClientConnectorDNSError",
        "ClientConnectorError",
        "ClientConnectorSSLError",
        "ClientError",
        "ClientOSError",
        "ClientPayloadError",
        "ClientProxyConnectionError",
        "ClientSSLError",
        "ConnectionAbortedError",
        "ConnectionError",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "OSError",
        "SSLError",
        "ServerConnectionError",
        "ServerDisconnectedError",
        "gaierror",
    }
)


def upgrade() -> None:
    connection = op.get_bind()
    for name, column in _COLUMNS:
        table = sa.table(name, sa.column("id", sa.Integer), sa.column(column, sa.Text))
        # Of millions of rows that were sent, none has a reason.
        rows = connection.execute(sa.select(table).where(table.c[column] != "")).all()
        if rows:
            connection.execute(
                table.update()
                .where(table.c.id == sa.bindparam("row"))
                .values({column: sa.bindparam("text")}),
                [{"row": row.id, "text": json.dumps(_reason(row[1]), ensure_ascii=False)} for row in rows],
            )


def _reason(sentence: str) -> dict[str, Any]:
    """Return the code and the facts of what 0.1.0 stored."""
    if sentence in _SENTENCES:
        return {"code": _SENTENCES[sentence]}
    for read in (_read_missing, _read_refusal, _read_answer, _read_exception):
        if found := read(sentence):
            return found
    return {"code": "other", "detail": sentence}


def _read_missing(sentence: str) -> dict[str, Any] | None:
    match = _LACKING.fullmatch(sentence)
    if match is None:
        return None
    names = [match["missing"], *re.split(r", | and ", match["later"] or "")]
    permissions = [_PERMISSIONS.get(name) for name in names if name]
    if None in permissions:
        return None
    found: dict[str, Any] = {"code": "permission_missing", "permissions": permissions}
    if match["above"]:
        found["kind"] = "thread"
    elif "Create Posts" in names:
        found["kind"] = "forum"
    return found


def _read_refusal(sentence: str) -> dict[str, Any] | None:
    match = _REFUSED.fullmatch(sentence)
    answer = _read_answer(match["answer"]) if match else None
    return answer | {"code": "posting_refused"} if answer else None


def _read_answer(sentence: str) -> dict[str, Any] | None:
    if _TOKEN_REFUSED.fullmatch(sentence):
        return {"code": "token_refused"}
    match = _ANSWER.fullmatch(sentence)
    if match is None:
        return None
    found: dict[str, Any] = {"code": "discord_error", "status": int(match["status"])}
    if match["detail"]:
        found |= {"error": int(match["error"])} if int(match["error"]) else {}
        found["detail"] = match["detail"]
    return found


def _read_exception(sentence: str) -> dict[str, Any] | None:
    match = _EXCEPTION.fullmatch(sentence)
    if match is None:
        return None
    if match["name"] == "RateLimited":
        return {"code": "rate_limited"}
    if match["name"] in _NO_CONNECTION:
        return {"code": "connection_failed", "detail": match["detail"] or match["name"]}
    if match["name"].endswith(("Error", "Exception", "InvalidData")):
        return {"code": "not_written", "detail": sentence}
    return None
