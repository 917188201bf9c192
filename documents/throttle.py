"""How often one address may do what needs no account. Counted in the cache, never in the database.

Where the cache is away nothing is counted: reading goes on, and what costs us work is refused.
"""

from django.http import HttpRequest

from core import addresses, counting
from core.errors import Refusal

WINDOW = 10 * 60
MISSES = 30
"""Wrong codes from one address in ``WINDOW`` seconds; then every code is refused for a while."""
COPIES = 20
"""Copies compared from one address in ``WINDOW`` seconds."""

WAIT = "请十分钟后再试，或与文件上的联系人核实。"


def must_not_guess(request: HttpRequest) -> None:
    """Refuse every code, right or wrong, from an address that tried too many wrong ones."""
    if _count(f"verify-misses:{addresses.client(request)}", add=False) >= MISSES:
        raise Refusal("too-often", f"这个网络地址输错核验码的次数过多。{WAIT}", status=429)


def missed(request: HttpRequest) -> None:
    """One more wrong code from this address."""
    _count(f"verify-misses:{addresses.client(request)}", add=True)


def may_compare(request: HttpRequest) -> None:
    """One more copy from this address, or a refusal."""
    count = _count(f"verify-copies:{addresses.client(request)}", add=True)
    if count < 0:
        raise Refusal("busy", "核验服务暂时不能比对文件，请稍后再试。", status=503)
    if count > COPIES:
        raise Refusal("too-often", f"这个网络地址比对的文件过多。{WAIT}", status=429)


def _count(key: str, *, add: bool) -> int:
    return counting.counted(key, seconds=WINDOW, add=add)
