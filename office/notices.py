"""Publishing a notice. What contains credentials or personal numbers does not go out."""

import re
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls.models import Call, Notice
from core.errors import Refusal

CREDENTIAL = re.compile(
    r"(初始)?(密码|口令|passwd|password)\s*[:：为是]|(账号|帐号|用户名)\s*[:：].{0,40}(密码|口令)|"
    r"(账号|帐号)\s*[:：]\s*\S+",
    re.IGNORECASE,
)
IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def problems(text: str) -> list[str]:
    """Why this text may not be published, in Chinese; empty when it may."""
    found = []
    if CREDENTIAL.search(text):
        found.append("含有账号或密码。账号一律用激活链接开通，请删去后再发布")
    if IDENTITY.search(text):
        found.append("含有疑似身份证号码，请删去后再发布")
    if MOBILE.search(text):
        found.append("含有个人手机号码，请改用单位固定电话")
    return found


@transaction.atomic
def publish(*, call: Call | None, title: str, body: str, actor: Actor, at: datetime) -> Notice:
    """Publish a notice at once; it does not change afterwards. Raises ``Refusal`` (422)."""
    wrong = problems(f"{title}\n{body}")
    if wrong:
        raise Refusal("publish-gate", f"不能发布：{'；'.join(wrong)}。", status=422)
    notice = Notice.objects.create(
        call=call, title=title, body=body, published_at=at, published_by_id=actor.user_id
    )
    audit.record(actor=actor, action="office.publish_notice", subject=notice, at=at, title=title)
    return notice
