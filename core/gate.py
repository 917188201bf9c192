"""What must not stand in anything that goes out: credentials and personal numbers. Pure."""

from __future__ import annotations

import re

from core.errors import Refusal

CREDENTIAL = re.compile(
    r"(初始)?(密码|口令|passwd|password)\s*[:：为是]|(账号|帐号|用户名)\s*[:：].{0,40}(密码|口令)|"
    r"(账号|帐号)\s*[:：]\s*\S+",
    re.IGNORECASE,
)
IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def problems(text: str) -> list[str]:
    """Why this text may not go out, in Chinese, each with the way out; empty when it may."""
    found = []
    if CREDENTIAL.search(text):
        found.append("含有账号或密码。账号一律用激活链接开通，请删去")
    if IDENTITY.search(text):
        found.append("含有疑似身份证号码，请删去")
    if MOBILE.search(text):
        found.append("含有个人手机号码，请改用单位固定电话")
    return found


def must_be_clean(text: str, *, act: str) -> None:
    """Raises ``Refusal`` ``publish-gate`` (422); ``act`` says what is refused: 发布, 发出."""
    if wrong := problems(text):
        raise Refusal("publish-gate", f"不能{act}：{'；'.join(wrong)}。", status=422)
