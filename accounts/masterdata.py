"""Units that the system knows before anybody registers: the local recommenders, and imports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from stdnum.cn import uscc

from accounts import regions
from accounts.models import Organisation, OrganisationName
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal

K = Organisation.Kind
IMPORTED = {
    K.CENTRAL_GROUP.label: K.CENTRAL_GROUP,
    K.MINISTRY_BODY.label: K.MINISTRY_BODY,
    K.INDUSTRY_BODY.label: K.INDUSTRY_BODY,
    K.CITY.label: K.CITY,
    K.DISTRICT.label: K.DISTRICT,
}
COLUMNS = ("单位类型", "单位名称", "统一社会信用代码", "行政区划代码", "上级单位名称")
ROWS_AT_MOST = 5000
BEGINNING = date(1949, 10, 1)


@transaction.atomic
def load_recommenders(*, actor: Actor, at: datetime) -> int:
    """Make the 37 local recommenders with their dated names. Running it again adds nothing."""
    made = 0
    for one in regions.recommenders().values():
        unit, new = Organisation.objects.get_or_create(
            key=one.key,
            defaults={"kind": one.kind, "name": one.name, "region": one.region, "created_at": at},
        )
        if not new:
            continue
        made += 1
        for past in one.earlier:
            OrganisationName.objects.create(
                organisation=unit,
                name=past.name,
                valid_from=past.valid_from or BEGINNING,
                valid_until=past.valid_until,
            )
        OrganisationName.objects.create(
            organisation=unit, name=one.name, valid_from=one.valid_from or BEGINNING
        )
        audit.record(actor=actor, action="accounts.load_unit", subject=unit, at=at, name=one.name)
    return made


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an import, with the number it has in the sheet."""

    number: int
    kind: str
    name: str
    code: str
    region: str
    parent: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault of one cell of a sheet."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"第 {self.row} 行“{self.column}”：{self.message}"


def problems(lines: Sequence[Line]) -> list[Wrong]:
    """What is wrong, each with its row and column; an import with any is not done."""
    found: list[Wrong] = []
    names = {line.name for line in lines}
    seen: set[str] = set()
    known = set(Organisation.objects.values_list("name", flat=True))
    codes = set(Organisation.objects.exclude(code=None).values_list("code", flat=True))
    for line in lines:
        kind, name, code, region, parent = COLUMNS
        said: dict[str, str] = {}
        if line.kind not in IMPORTED:
            said[kind] = f"应为 {'、'.join(IMPORTED)} 之一"
        if not line.name:
            said[name] = "请填写"
        elif line.name in seen or line.name in known:
            said[name] = f"{line.name}已存在"
        seen.add(line.name)
        if line.code and not uscc.is_valid(line.code):
            said[code] = "校验不通过"
        elif line.code in codes:
            said[code] = "已登记"
        if line.code:
            codes.add(line.code)
        if line.region and not regions.exists(line.region):
            said[region] = f"没有 {line.region}"
        if line.parent and line.parent not in names | known:
            said[parent] = f"没有 {line.parent}"
        found += [Wrong(line.number, column, message) for column, message in said.items()]
    return found


@transaction.atomic
def import_units(lines: Sequence[Line], *, actor: Actor, at: datetime) -> int:
    """Make every unit of the sheet, or none. Raises ``Refusal`` with all row errors (422)."""
    wrong = problems(lines)
    if wrong:
        raise Refusal(
            "bad-rows", "；".join(map(str, wrong[:20])) + "。请改正后重新上传。", status=422
        )
    made = {
        line.name: Organisation(
            kind=IMPORTED[line.kind],
            name=line.name,
            code=line.code or None,
            region=line.region,
            created_at=at,
        )
        for line in lines
    }
    Organisation.objects.bulk_create(made.values())
    above = _named({line.parent for line in lines}) | made
    below = [made[line.name] for line in lines if line.parent]
    for line in lines:
        made[line.name].parent = above.get(line.parent)
    Organisation.objects.bulk_update(below, ["parent"], batch_size=500)
    audit.record_each(
        actor=actor,
        action="accounts.import_unit",
        of=((made[line.name], {"row": line.number}) for line in lines),
        at=at,
    )
    return len(made)


def _named(names: set[str]) -> dict[str, Organisation]:
    """The unit of each name that there is, the oldest where there are several."""
    found = Organisation.objects.filter(name__in=names).order_by("-pk")
    return {one.name: one for one in found}


def template() -> Iterable[Sequence[str]]:
    """The rows of the template: the head and one sample line."""
    return (COLUMNS, (K.INDUSTRY_BODY.label, "示例人工智能产业协会", "", "110000", ""))
