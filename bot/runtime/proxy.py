"""The proxy that the environment names: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, except `NO_PROXY`'s hosts.

aiohttp could read these itself, but it would then also send the passwords of the user's `.netrc`.
"""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

from bot.config.values import is_loopback


def proxy_for(url: str) -> str | None:
    """Return the address of the proxy for *url*; None if there is none, or *url* is on this machine."""
    address = urlsplit(url)
    if is_loopback(url) or urllib.request.proxy_bypass(address.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if proxy and "://" not in proxy:
        return f"http://{proxy}"
    return proxy or None
