"""How often something happened lately, counted in the cache. No models, no rules."""

import logging
from ipaddress import IPv6Address, ip_address, ip_network

from django.core.cache import cache

log = logging.getLogger(__name__)

AWAY = -1
"""What is counted while the cache is away; the caller says whether that stops anybody."""


def counted(key: str, *, seconds: int, add: bool = True) -> int:
    """What stands under the key after counting once more (or as it is), for so many seconds."""
    try:
        if not add:
            return int(cache.get(key, 0))
        cache.add(key, 0, seconds)
        try:
            return int(cache.incr(key))
        except ValueError:  # it ran out between the two
            cache.set(key, 1, seconds)
            return 1
    except Exception as error:  # whatever the cache's client raises
        log.warning("nothing is counted: %s", type(error).__name__)
        return AWAY


def neighbourhood(address: str) -> str:
    """Who counts as one: an IPv4 address; of IPv6 the 64 bits that one connection is given."""
    if isinstance(ip_address(address), IPv6Address):
        return str(ip_network(f"{address}/64", strict=False).network_address)
    return address
