"""How often one network address may register a unit in a day: each try tells what is taken."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from core import addresses, counting
from core.errors import Refusal

DAY = 24 * 3600
CHINA = ZoneInfo("Asia/Shanghai")


def may_register(request: HttpRequest, *, at: datetime) -> None:
    """Count one more filled-in registration of today. Raises ``Refusal`` ``too-often`` (429).

    While the cache is away nothing is counted: a unit that wants to file must get in.
    """
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
