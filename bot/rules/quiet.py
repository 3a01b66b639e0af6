"""Which messages arrive without a push notification (pure)."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.outbox import Kind
from bot.model.subscriptions import Destination, Notify, QuietHours

_HOURS = re.compile(r"(\d{1,2})(?::00)?\s*[-–—]\s*(\d{1,2})(?::00)?", re.ASCII)
_OFF = frozenset({"off", "none", "no", "-"})


def read_hours(text: str) -> tuple[int, int] | None:
    """Return the hours at which quiet hours begin and end, of a text such as `22-7`; None for `off`.

    Raises:
        UserError: it is neither.
    """
    if text.strip().lower() in _OFF:
        return None
    match = _HOURS.fullmatch(text.strip())
    first, last = (int(match[1]), int(match[2]) % 24) if match else (24, 24)
    if first > 23 or (match and int(match[2]) > 24) or first == last:
        raise UserError(
            _("“{text}” is not a range of hours. Write it as 22-7, or `off` for no quiet hours.").format(
                text=text[:40]
            )
        )
    return first, last


def is_quiet(hours: QuietHours, now: datetime) -> bool:
    """Tell whether *now* is within quiet hours, which may go past midnight."""
    try:
        hour = now.astimezone(ZoneInfo(hours.zone)).hour
    except ZoneInfoNotFoundError:  # removed from the zone database; better a sound than a lost message
        return False
    return covers(hours, hour)


def covers(hours: QuietHours, hour: int) -> bool:
    """Tell whether it is quiet at the local *hour*, 0 to 23."""
    if hours.first < hours.last:
        return hours.first <= hour < hours.last
    return hour >= hours.first or hour < hours.last


def is_silent(destination: Destination, kind: Kind, now: datetime, *, best: bool) -> bool:
    """Tell whether a message arrives silently; *best* says that it posts one of the best papers of a day.

    A digest counts as one of the best, since it begins with them; a list does not.
    """
    if destination.quiet_hours and is_quiet(destination.quiet_hours, now):
        return True
    match destination.notify:
        case Notify.ALL:
            return False
        case Notify.BEST:
            return not (best or kind is Kind.DIGEST)
        case Notify.NONE:
            return True


def mentions_role(destination: Destination, *, best: bool) -> bool:
    """Tell whether a paper's post mentions the roles of its subscriptions."""
    return destination.notify is Notify.ALL or (destination.notify is Notify.BEST and best)
