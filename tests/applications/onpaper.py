"""申报书 of any programme on paper, from made-up answers: little, all, or as much as fits."""

import random
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace

from django.http import QueryDict

from applications import snapshot
from applications.content import answers, synthetic
from applications.material import File, Material, Row, Unit
from calls import programme as programmes
from calls.programme import FieldType
from tests.documents import drawing

RARE = "示例喆昇（𠮷旻）科技有限公司"
LONG = "围绕关键环节开展系统攻关，形成可复制的技术路线；信噪比≥70 dB、温漂≤0.02 %/℃，达到设计要求。"
MANY = 60


@cache
def programme(code: str) -> programmes.Programme:
    return programmes.read(programmes.catalogue()[code])


def material(code: str, size: str) -> Material:
    """``size``: ``bare`` has a title only, ``full`` every answer, ``most`` as much as fits."""
    spec = programme(code)
    direction = spec.directions[0] if spec.directions else None
    sections = {}
    if size != "bare":
        indicators = direction.indicators if direction else ()
        for section in spec.sections:
            found = QueryDict(mutable=True)
            for name, held in synthetic.inputs(section, seed=1, indicators=indicators).items():
                found.setlist(name, held)
            sections[section.key] = answers.read(section, found)
    if size == "most":
        for section in spec.sections:
            _fill(section, sections[section.key])
    files = _files(spec, size)
    return Material(
        programme=spec,
        call_code=code,
        call_title=spec.title,
        title=(
            "低噪声声学传感器关键技术攻关及规模化应用示范项目"
            if size == "most"
            else "低噪声声学传感器"
        ),
        organisation=Unit(
            RARE if size == "most" else "示例科技（甲）有限公司",
            "914403001922038216",
            "enterprise",
            "企业",
            "430100",
        ),
        recommender=Unit("示例省工业和信息化厅") if size != "bare" else None,
        direction=direction.title if direction else "",
        direction_key=direction.key if direction else "",
        class_title="未注明" if direction else "",
        subfield="整个方向" if direction else "",
        sections=sections,
        rows=_rows(spec, direction, files, size),
        files=files,
    )


def _fill(section, data) -> None:
    """Long texts to their limit, rows to their number."""
    for field in section.fields:
        if field.key not in data:
            continue
        if field.type == FieldType.LONGTEXT:
            most = field.max_chars or 3000
            data[field.key] = "\n".join([LONG * 4] * (most // (len(LONG) * 4) + 1))[:most]
        elif field.type == FieldType.ROWS and data[field.key]:
            most = min(field.max_rows or MANY, MANY)
            data[field.key] = [dict(data[field.key][0]) for _ in range(most)]


def _files(spec, size) -> list[File]:
    if size == "bare":
        return []
    found = []
    for kind in spec.attachments:
        for n in range(kind.max_files if size == "most" else 1):
            name = f"{kind.title}{n + 1}.pdf"
            if size == "most":
                name = f"{kind.title}—第三方检测机构出具的型式试验报告（含原始记录）𠮷{n + 1}.pdf"
            key = f"{len(found):064x}"
            found.append(File(key[-12:], kind.key, name, key, 1_800_000, "application/pdf", 16))
    return found


def _rows(spec, direction, files, size) -> list[Row]:
    if size == "bare":
        return []
    rows = []
    for one in direction.indicators if direction else ():
        current, target = synthetic._levels(one, random.Random(1))
        rows.append(
            Row(
                one,
                one.name,
                one.unit,
                current,
                target,
                "第三方检测",
                files[0] if files else None,
                7,
            )
        )
    for n in range(MANY if size == "most" else 3):
        method = LONG if size == "most" and n % 7 == 0 else "示例检测规范第 4.2 条"
        rows.append(
            Row(
                None,
                f"自定义指标{n + 1}",
                "dB",
                f"{n}.5",
                f"{n + 10}",
                method,
                files[0] if files else None,
                3,
            )
        )
    return rows


def frozen(code: str, size: str) -> dict:
    return snapshot.build(material(code, size))


def form(code: str, size: str) -> dict:
    """The snapshot of the 申报书 of a submitted version."""
    call = SimpleNamespace(rehearsal=False)
    application = SimpleNamespace(number="JB-2021-000123", call=call)
    version = SimpleNamespace(
        number=2, arrived_at=datetime(2021, 11, 14, 12, 31, 7, tzinfo=UTC), fingerprint="ab" * 32
    )
    return snapshot.form(frozen(code, size), application=application, version=version)


@cache
def pdf(code: str, size: str) -> bytes:
    return drawing.draw("application_form", form(code, size))


@cache
def draft(code: str, size: str) -> bytes:
    found = snapshot.draft(frozen(code, size), demo=False)
    return drawing.draw("application_form", found, code="", fingerprint="", draft=True)
