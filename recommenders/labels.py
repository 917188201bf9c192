"""Labels for parcels and copies: what stands on each, and how they lie on sheets of A4."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from applications.models import Version
from core.errors import Refusal
from documents import codes, rendering
from documents.models import Document
from recommenders import packing
from recommenders.models import LevelReport, ListVersion

MOST = 240
TEMPLATE = "documents/labels.html"


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet of self-adhesive labels that fill A4 without gaps; measures in millimetres."""

    key: str
    title: str
    columns: int
    rows: int

    @property
    def on_sheet(self) -> int:
        return self.columns * self.rows

    @property
    def width(self) -> str:
        return f"{210 / self.columns:.2f}"

    @property
    def height(self) -> str:
        return f"{297 / self.rows:.2f}"


LAYOUTS = {
    one.key: one
    for one in (
        Layout("2x4", "每页 8 枚（105 × 74.2 毫米）", 2, 4),
        Layout("3x7", "每页 21 枚（70 × 42.4 毫米）", 3, 7),
    )
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a unit sends on paper: a confirmed list, or what a level below has forwarded."""

    what: str
    sender: str
    to: str
    letter_number: str
    number: int
    sheet: Document
    versions: Sequence[Version]


def of_list(version: ListVersion) -> Sent:
    ranked = version.list
    if version.document is None:
        raise RuntimeError(f"version {version.pk} has no sheet")
    programme = ranked.call.programme
    return Sent(
        what=f"{programme.short_title}推荐材料",
        sender=ranked.organisation.name,
        to=programme.organiser,
        letter_number=version.letter_number,
        number=version.number,
        sheet=version.document,
        versions=packing.versions_of(ranked),
    )


def of_report(report: LevelReport) -> Sent:
    if report.sheet is None:
        raise RuntimeError(f"report {report.pk} has no sheet")
    return Sent(
        what=f"{report.call.programme.short_title}初审材料",
        sender=report.organisation.name,
        to=report.to.name,
        letter_number=report.letter_number,
        number=report.number,
        sheet=report.sheet,
        versions=packing.versions_in(report.rows),
    )


def parcels(sent: Sent, *, count: int) -> list[dict[str, Any]]:
    """One label for each parcel: 第 i 件，共 n 件, with the code of the sheet."""
    sheet = sent.sheet
    return [
        {
            "head": sent.what,
            "lines": [
                ("收", sent.to),
                ("寄", sent.sender),
                ("名单", f"{sent.letter_number} 第{sent.number}版，{len(sent.versions)}项"),
            ],
            "count": f"第 {number} 件，共 {count} 件",
            "code": sheet.code,
            "payload": codes.payload(sheet.host, sheet.code, 1),
        }
        for number in range(1, count + 1)
    ]


def copies(sent: Sent, *, count: int) -> list[dict[str, Any]]:
    """One label for each copy of each 申报书, with the code of that paper."""
    made = []
    for rank, one in enumerate(sent.versions, start=1):
        if one.form is None:
            continue
        made += [
            {
                "head": f"{rank}. {one.snapshot['title']}",
                "lines": [
                    ("申报", one.snapshot["organisation"]["name"]),
                    ("编号", one.application.number),
                    ("推荐", sent.sender),
                ],
                "count": f"第 {number} 份，共 {count} 份",
                "code": one.form.code,
                "payload": codes.payload(one.form.host, one.form.code, 1),
            }
            for number in range(1, count + 1)
        ]
    return made


def draw(labels: Sequence[dict[str, Any]], *, layout: Layout, start: int = 1) -> bytes:
    """The sheets as a PDF. ``start``: the first label still on a sheet that was begun.

    Raises ``Refusal`` when there are too many for one file.
    """
    if len(labels) > MOST:
        raise Refusal(
            "too-many-labels",
            f"共 {len(labels)} 枚标签，超过一次 {MOST} 枚。请减少份数，分次打印。",
            status=422,
        )
    cells: list[dict[str, Any] | None] = [None] * (start - 1)
    cells += [{**label, "qr": number} for number, label in enumerate(labels, start=1)]
    sheets = [cells[n : n + layout.on_sheet] for n in range(0, len(cells), layout.on_sheet)]
    return rendering.render(
        TEMPLATE,
        {
            "sheets": sheets,
            "columns": layout.columns,
            "width": layout.width,
            "height": layout.height,
            "small": layout.rows > 4,
        },
        code="",
        fingerprint="",
        base_host="",
        title="纸质材料标签",
        payloads=[label["payload"] for label in labels],
    )
