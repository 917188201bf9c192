"""Where a request comes from: for counting how often somebody tries. No models, no rules."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client(request: HttpRequest) -> str:
    """The address of the person before the screen, as our own proxy says where it is named.

    Without ``JIEBANG_TRUSTED_ADDRESS_HEADER`` it is the connection's; what else a client sends
    (``X-Forwarded-For`` and kin) is never believed, nor a header that holds no address.
    """
    header = settings.JIEBANG_TRUSTED_ADDRESS_HEADER
    for said in (request.META.get(header, "") if header else "", request.META.get("REMOTE_ADDR")):
        try:
            return str(ip_address(str(said or "").strip()))
        except ValueError:
            continue
    return "127.0.0.1"


def masked(address: str) -> str:
    """An address of which only the network is shown: enough to tell home from elsewhere."""
    try:
        known = ip_address(address)
    except ValueError:
        return "未知地址"
    if known.version == 4:
        return ".".join([*str(known).split(".")[:2], "*", "*"])
    return ":".join([*known.exploded.split(":")[:3], "*"])
