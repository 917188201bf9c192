"""Amounts, ratios and caps in a sentence, as data. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal

UNITS = {"万元": Decimal(1), "亿元": Decimal(10000)}
"""What a unit is in 万元."""

FIGURE = re.compile(
    r"(?P<low>\d[\d,，]*(?:\.\d+)?)\s*(?P<lowunit>万元|亿元|万|亿|[%％])?\s*"
    r"(?:[-—–~～至到]+\s*(?P<high>\d[\d,]*(?:\.\d+)?)\s*)?(?P<unit>万元|亿元|[%％])"
)
BEFORE = re.compile(
    r"(最高(?:可?达|额度?)?(?:不超过|给予|奖励|补助|补贴|资助)?|(?:累计)?(?:最高)?不超过"
    r"|(?:总额)?不低于|不少于|至少|最低|最多|超过|达到|突破|上限为?)[^，。；：、\d]{0,8}$"
)
AFTER = re.compile(r"^\s*(?:[（(]含[)）])?\s*(以上|以下|以内|左右|封顶)")
CLAUSE = re.compile(r"[，。；：\n]")
PER = re.compile(
    r"每(?:满|增加|新增|认定|个|一)?[年月次家个项人件户名篇台套平方米]+|单个(?:项目|企业|平台|单位|机构|载体|团队|产品|园区|活动)(?:每年|年度)?"
)
PER_AFTER = re.compile(r"^\s*[/／]\s*([年月人家项期次·/／平方米个]+)")
ROW = re.compile(r"\s*(?:[（(][^（）()]{1,8}[）)])?\s*[、和及]\s*")
ALIKE = (
    ("最高不超过", "最高"),
    ("累计", "累计不超过"),
    ("不超过", "不超过"),
    ("最高", "最高"),
    ("上限", "最高"),
    ("最多", "不超过"),
    ("不低于", "不低于"),
    ("不少于", "不低于"),
    ("至少", "不低于"),
    ("最低", "不低于"),
    ("超过", "超过"),
    ("突破", "超过"),
    ("达到", "达到"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """An amount. ``value`` is in ``unit`` (万元, 亿元, %); ``low`` only for a span from … to.

    ``wan`` is the value in 万元, None for a ratio. ``per`` names what it is for (每年, 单个项目).
    ``start`` and ``end`` are its place in the text.
    """

    value: Decimal
    unit: str
    qualifier: str
    per: str
    start: int
    end: int
    low: Decimal | None = None

    @property
    def wan(self) -> Decimal | None:
        factor = UNITS.get(self.unit)
        return None if factor is None else self.value * factor


def find(text: str) -> list[Found]:
    """All amounts of a text, in order.

    In a row (分别给予最高 500 万元、200 万元) all share the word before the first. A number before
    万 or 亿 without 元 is no amount of money and is left out.
    """
    found: list[Found] = []
    for match in FIGURE.finditer(text):
        unit = match["unit"].replace("％", "%")
        lowunit = (match["lowunit"] or "").replace("％", "%")
        if lowunit and not match["high"]:
            continue
        if lowunit and lowunit != unit and (unit == "%" or lowunit == "%"):
            continue
        low = _number(match["low"]) if match["high"] else None
        value = _number(match["high"] or match["low"])
        between = text[found[-1].end : match.start()] if found else ""
        in_row = bool(found) and ROW.fullmatch(between) is not None
        said = found[-1].qualifier if in_row else _qualifier(text, match.start(), match.end())
        per = found[-1].per if in_row else _per(text, match.start(), match.end())
        found.append(Found(value, unit, said, per, match.start(), match.end(), low))
    return found


def _number(text: str) -> Decimal:
    return Decimal(re.sub("[,，]", "", text))


def _qualifier(text: str, start: int, end: int) -> str:
    if after := AFTER.match(text[end : end + 10]):
        return {"封顶": "最高", "以内": "不超过", "以下": "不超过"}.get(after[1], after[1])
    if before := BEFORE.search(text[max(0, start - 24) : start]):
        return next(word for part, word in ALIKE if part in before[1])
    return ""


def _per(text: str, start: int, end: int) -> str:
    if after := PER_AFTER.match(text[end : end + 10]):
        return "每" + after[1].split("/")[0].split("／")[0].strip()
    clause = CLAUSE.split(text[max(0, start - 40) : start])[-1]
    found = PER.findall(clause)
    return found[-1] if found else ""
