"""What must not stand in anything that goes out: credentials and personal numbers. Pure."""

from __future__ import annotations

import re
import unicodedata

from core.errors import Refusal

_UNSEEN = ("Cf", "Mn", "Me", "Cc", "Co", "Cs")
_WORD = r"(密\s*码|口\s*令|passwd|password|pwd|passcode)"
_ACCOUNT = r"((账|帐)\s*[号户]|用\s*户\s*名|登\s*录\s*名|username|login)"
CREDENTIAL = re.compile(
    rf"{_WORD}\s*[:=为是]|{_ACCOUNT}\s*[:=]\s*\S|{_ACCOUNT}\s*[为是]\s*[0-9A-Za-z]",
    re.IGNORECASE,
)
IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{6}[\s-]?\d{8}[\s-]?\d{3}[0-9Xx](?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")


def plain(text: str) -> str:
    """The text without disguises: full-width forms folded, accents and the unseen left out."""
    apart = unicodedata.normalize("NFKD", text)
    seen = (c for c in apart if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    return unicodedata.normalize("NFKC", "".join(seen))


def names_credentials(text: str) -> bool:
    """Whether an account or a password is written out in the text."""
    return bool(CREDENTIAL.search(plain(text)))


def problems(text: str) -> list[str]:
    """Why this text may not go out, in Chinese, each with the way out; empty when it may."""
    found, seen = [], plain(text)
    if CREDENTIAL.search(seen):
        found.append("含有账号或密码。账号一律用激活链接开通，请删去")
    if IDENTITY.search(seen):
        found.append("含有疑似身份证号码，请删去")
    if MOBILE.search(seen):
        found.append("含有个人手机号码，请改用单位固定电话")
    return found


def must_be_clean(text: str, *, act: str) -> None:
    """Raises ``Refusal`` ``publish-gate`` (422); ``act`` says what is refused: 发布, 发出."""
    if wrong := problems(text):
        raise Refusal("publish-gate", f"不能{act}：{'；'.join(wrong)}。", status=422)
