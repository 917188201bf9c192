"""How often one network address may register a unit in a day, and ask for letters in an hour.

Each registration tells what is taken already; each letter fills somebody's mailbox. While the cache
is away nothing is counted: a unit that wants to file must get in.
"""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from core import addresses, counting
from core.errors import Refusal

DAY, HOUR = 24 * 3600, 3600
NEIGHBOURS = 10
"""So many times the letters of one mailbox may a network address ask for in all."""
CHINA = ZoneInfo("Asia/Shanghai")


def may_register(request: HttpRequest, *, at: datetime) -> None:
    """Count one more filled-in registration of today. Raises ``Refusal`` ``too-often`` (429)."""
    most = settings.JIEBANG_REGISTRATIONS_PER_DAY
    if not most:
        return
    where = counting.neighbourhood(addresses.client(request))
    today = at.astimezone(CHINA).date().isoformat()
    if counting.counted(f"registrations:{today}:{where}", seconds=DAY) > most:
        help_at = settings.JIEBANG_SITE["help_phone"] or settings.JIEBANG_SITE["support"]
        raise Refusal(
            "too-often",
            f"这个网络地址今天提交的注册已超过 {most} 次，为防止批量注册，今天不再受理，"
            "明天可以再来。填写的内容还在本页。本单位已有账号的请直接登录；申报即将截止而不能等的，请换一个网络，"
            f"或联系{help_at or '页脚所列的技术支持'}。",
            status=429,
        )


def may_ask_for_letter(request: HttpRequest, email: str) -> None:
    """Count one more letter asked for, known address or not. Raises ``too-often`` (429).

    The answer is the same for an address that nobody has, so that it tells nothing.
    """
    most = settings.JIEBANG_LETTERS_PER_HOUR
    if not most:
        return
    mailbox = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    where = counting.neighbourhood(addresses.client(request))
    if counting.counted(f"letters-to:{mailbox}", seconds=HOUR) > most:
        raise Refusal(
            "too-often",
            f"这个邮箱一小时内已申请 {most} 次。请先查收邮件（包括垃圾邮件箱），以最后一封为准；"
            "仍没有收到的，一小时后再试，或联系页脚所列的技术支持。",
            status=429,
        )
    if counting.counted(f"letters-from:{where}", seconds=HOUR) > most * NEIGHBOURS:
        raise Refusal(
            "too-often", "这个网络地址一小时内申请的邮件过多，请一小时后再试。", status=429
        )
