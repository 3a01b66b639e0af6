"""The proxy that the environment names: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, except `NO_PROXY`'s hosts.

aiohttp could read these itself, but it would then also send the passwords of the user's `.netrc`.
"""

from __future__ import annotations

import logging
import urllib.request
from functools import cache
from urllib.parse import urlsplit

from bot.config.values import is_loopback

_log = logging.getLogger(__name__)


def proxy_for(url: str) -> str | None:
    """Return the address of the proxy for *url*; None if there is none, or *url* is on this machine.

    One that cannot be used is passed over, with a warning in the log.
    """
    variable, proxy = _named(url)
    if _is_usable(proxy):
        return proxy
    if proxy:
        _warn(variable)
    return None


def proxy_refusal(url: str) -> str | None:
    """Return why the proxy that the environment names for *url* cannot be used; None if it can, or is none.

    The sentence does not tell the address, which may hold a password.
    """
    variable, proxy = _named(url)
    if not proxy or _is_usable(proxy):
        return None
    return (
        f"{variable} names a proxy whose address does not begin with http:// or https://; other kinds, such "
        "as SOCKS, are not supported. Name such a proxy, or unset it."
    )


def _named(url: str) -> tuple[str, str]:
    """Return the variable that names the proxy for *url*, and the proxy's address; "" if there is none."""
    address = urlsplit(url)
    if is_loopback(url) or urllib.request.proxy_bypass(address.hostname or ""):
        return "", ""
    proxies = urllib.request.getproxies()
    for kind in (address.scheme, "all"):
        if proxy := proxies.get(kind):
            return f"{kind.upper()}_PROXY", proxy if "://" in proxy else f"http://{proxy}"
    return "", ""


def _is_usable(proxy: str) -> bool:
    """Tell whether aiohttp can use *proxy*; it would speak HTTP to a proxy of any kind."""
    return proxy.lower().startswith(("http://", "https://"))


@cache
def _warn(variable: str) -> None:
    _log.warning("%s is not used: it names neither an http:// nor an https:// proxy", variable)
