"""统一社会信用代码 (GB 32100): folding what people type, and saying what is wrong with it."""

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum

ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
LENGTH = 18
SEPARATORS = "-‐‑‒–—―－"
INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff")


def folded(text: str) -> str:
    """Full-width to half-width, capitals, without spaces, hyphens and invisible characters."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(
        char for char in plain if not char.isspace() and char not in INVISIBLE | set(SEPARATORS)
    ).upper()


def problem(code: str) -> str:
    """What is wrong with a folded code, in words; empty when it is right."""
    if len(code) != LENGTH:
        return f"应为 {LENGTH} 位，您填了 {len(code)} 位"
    strange = sorted({char for char in code if char not in ALPHABET})
    if strange:
        shown = "、".join(f"“{char}”" for char in strange)
        return f"含有不允许的字符 {shown}：只用数字和大写字母，不用 I、O、S、V、Z"
    if not code[:8].isdigit():
        return "前 8 位应为数字（登记机关代码和行政区划码），请对照营业执照核对"
    try:
        uscc.validate(code)
    except InvalidChecksum:
        return "校验位不对：最后一位与前 17 位不符，请对照营业执照逐位核对"
    return ""


def region_of(code: str) -> str:
    """The administrative code of the registering authority: places 3 to 8."""
    return code[2:8]
