"""From a frozen snapshot to what its page needs: counts, sentences, widths, numbered parts.

Pure: everything here follows from the snapshot alone. What the system computes is printed as such
and is never an input.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from documents import fingerprints
from documents.templatetags.paper import day, numeral, open_day
from documents.typography import paragraphs, qty

Snapshot = Mapping[str, Any]

TEXT_WIDTH_MM = 156
ALIGN = {"left": "", "center": "c", "right": "n", "": ""}
SHORT = 16  # a field's value up to this many characters shares its line with another
TALL = 600  # a row with a longer cell may break over pages


def prepare(template: str, snapshot: Snapshot) -> dict[str, Any]:
    """What the template finds under ``made``."""
    return MAKERS[template](snapshot) if template in MAKERS else {}


def _dates(snapshot: Snapshot) -> dict[str, Any]:
    seal = snapshot.get("seal") or {}
    return {
        "date": day(snapshot.get("date", "")),
        "open_date": open_day(snapshot.get("date", "")),
        "mm": box_mm(float(seal.get("mm") or 45)),
        "seal_style": _seal_style(float(seal.get("mm") or 45)),
    }


def box_mm(mm: float) -> int:
    """The box for a seal of this diameter: 42, 45 or 50 mm (国发〔1999〕25号)."""
    return next((size for size in (42, 45) if mm <= size), 50)


def _seal_style(mm: float) -> str:
    """The seal's image in its true size, in the middle of its box."""
    inset = (box_mm(mm) - mm) / 2
    return f"width:{mm:g}mm;height:{mm:g}mm;margin-left:-{mm / 2:g}mm;top:{inset:g}mm"


# ── 信息报送汇总表 ───────────────────────────────────────────────────────────────────────────


def summary_sheet(sheet: Snapshot) -> dict[str, Any]:
    """Counts by class, and the quota in one sentence."""
    rows = sheet["rows"]
    total, limit = len(rows), sheet["limit"]
    over = max(0, total - limit) if limit is not None else 0
    classes = Counter(row["class"] or "未注明" for row in rows)
    return {
        **_dates(sheet),
        "total": total,
        "over": over,
        "approved": over <= sheet["granted"],
        "classes": [{"name": name, "count": count} for name, count in classes.items()],
        "quota_line": quota_line(total=total, limit=limit, soft=sheet["limit_soft"]),
        "seal_note": _seal_note(sheet.get("seal") or {}),
        "rows": [dict(row, tall=_is_tall(row.values())) for row in rows],
    }


def _seal_note(seal: Snapshot) -> str:
    """What stands under the registered seal: whose it is, or that it comes with a signature."""
    if seal.get("electronic"):
        return "电子签章处（以 PDF 数字签名为准）"
    return "演示印章" if seal.get("demo") else "登记印模，系统加盖"


def quota_line(*, total: int, limit: int | None, soft: bool) -> str:
    """共16项／限额15项（原则上）。"""
    if limit is None:
        return f"共{total}项／无限额。"
    return f"共{total}项／限额{limit}项{'（原则上）' if soft else ''}。"


# ── 项目申报书 ───────────────────────────────────────────────────────────────────────────────


def application_form(form: Snapshot) -> dict[str, Any]:
    """The numbered parts of the form, for the table of contents and the pages alike."""
    places = {row.get("id"): n for n, row in enumerate(form["attachments"], 1) if row.get("id")}
    parts = [
        _section(section, number, places) for number, section in enumerate(form["sections"], 1)
    ]
    if form.get("declaration"):
        parts.append(
            {
                "kind": "declaration",
                "title": "申报单位承诺书",
                "blocks": [],
                "paragraphs": form["declaration"],
            }
        )
    parts.append({"kind": "attachments", "title": "证明材料清单", "blocks": []})
    for number, part in enumerate(parts, 1):
        part["numeral"] = numeral(number)
    return {
        "parts": parts,
        "call_lines": "\n".join(_even(form["call"]["title"], COVER_WIDTH)),
        "open_date": open_day(form.get("submitted_at") or ""),
        "attachment_pages": sum(row["pages"] or 0 for row in form["attachments"]),
        "attachment_size": sum(row["size"] for row in form["attachments"]),
    }


def _section(section: Snapshot, number: int, places: Mapping[Any, int]) -> dict[str, Any]:
    blocks = [BLOCKS[block["kind"]](block) for block in section["blocks"]]
    for block in blocks:
        if block["kind"] == "indicators":
            _point(block, places)
    labelled = [block for block in blocks if block["label"]]
    several = len(labelled) > 1 or any(block["kind"] == "text" for block in labelled)
    for position, block in enumerate(blocks, 1):
        block["anchor"] = f"s{number}b{position}"
        block["listed"] = False
    for position, block in enumerate(labelled if several else [], 1):
        block["listed"], block["numeral"] = True, numeral(position)
    return {
        "kind": "section",
        "title": section["title"],
        "blocks": blocks,
        "flow": number > 1 and sum(block["weight"] for block in blocks) < 250,
    }


def _fields(block: Snapshot) -> dict[str, Any]:
    """Fields in pairs; a long value takes the whole line."""
    lines: list[dict[str, Any]] = []
    waiting: dict[str, Any] | None = None
    for row in block["rows"]:
        shown = qty(row["value"], row.get("unit") or "")
        field = {
            "label": row["label"],
            "paragraphs": paragraphs(shown) or ["—"],
            "code": len(shown) == 18 and shown.isascii() and shown.isalnum(),
        }
        alone = row.get("wide") or len(row["label"]) > 10
        if alone or (len(shown) > SHORT and not field["code"]):
            if waiting:
                lines.append({"fields": [waiting]})
                waiting = None
            lines.append({"fields": [field], "tall": len(shown) > TALL})
        elif waiting:
            lines.append({"fields": [waiting, field]})
            waiting = None
        else:
            waiting = field
    if waiting:
        lines.append({"fields": [waiting]})
    return {
        "kind": "fields",
        "template": "documents/_block_fields.html",
        "label": block.get("label", ""),
        "lines": lines,
        "weight": sum(len(str(row["value"])) + 12 for row in block["rows"]),
    }


def _text(block: Snapshot) -> dict[str, Any]:
    return {
        "kind": "text",
        "template": "documents/_block_text.html",
        "label": block["label"],
        "text": block["text"] or "",
        "weight": len(block["text"] or "") + 30,
    }


def _table(block: Snapshot) -> dict[str, Any]:
    return {
        "kind": "table",
        "template": "documents/_block_table.html",
        "label": block.get("label", ""),
        "unit": block.get("unit", ""),
        "note": block.get("note", ""),
        "dense": len(block["columns"]) > 5,
        "weight": sum(len(str(cell)) for row in block["rows"] for cell in row) + 60,
        **table(block["columns"], block["rows"], total=block.get("sum")),
    }


def _indicators(block: Snapshot) -> dict[str, Any]:
    rows = [dict(row, tall=_is_tall(row.values())) for row in block["rows"]]
    return {
        "kind": "indicators",
        "template": "documents/_block_indicators.html",
        "label": block.get("label", ""),
        "rows": rows,
        "weight": 40 * len(rows) + 100,
    }


def _point(block: dict[str, Any], places: Mapping[Any, int]) -> None:
    """Evidence by its number in the list of evidence: a file's name is too long for the column."""
    for row in block["rows"]:
        place = places.get(row.get("evidence_id") or None)
        if place is not None:
            page = row.get("evidence_page")
            row["evidence"], row["evidence_at"] = f"材料{place}", f"第{page}页" if page else ""
            block["pointed"] = True


BLOCKS: dict[str, Callable[[Snapshot], dict[str, Any]]] = {
    "fields": _fields,
    "text": _text,
    "table": _table,
    "indicators": _indicators,
}


def table(
    columns: Sequence[Snapshot],
    rows: Sequence[Sequence[str]],
    *,
    total: Sequence[str] | None = None,
    width_mm: float = TEXT_WIDTH_MM,
) -> dict[str, Any]:
    """A table of fixed layout: each column's width in mm, together the width of the text."""
    named = [float(column.get("width_mm") or 0) for column in columns]
    free = sum(1 for width in named if not width)
    rest = max(width_mm - sum(named), free * 12.0)
    widths = [width or rest / free for width in named]
    scale = width_mm / sum(widths) if widths else 1
    aligns = [ALIGN.get(column.get("align") or "", "") for column in columns]

    def cells(row: Sequence[str]) -> list[dict[str, str]]:
        texts = [str(text) if text not in (None, "") else "" for text in row]
        return [
            {"text": text, "align": _fit(align, text)}
            for align, text in zip(aligns, texts, strict=True)
        ]

    return {
        "columns": [
            {"label": column["label"], "width_mm": f"{width * scale:.2f}"}
            for column, width in zip(columns, widths, strict=True)
        ],
        "rows": [{"cells": cells(row), "tall": _is_tall(row)} for row in rows],
        "sum": cells(total) if total else [],
    }


def _fit(align: str, text: str) -> str:
    """Figures never break; long text in a column of figures is centred and may."""
    return "c" if align == "n" and len(text) > 16 else align


def _is_tall(cells: Any) -> bool:
    return max((len(str(cell)) for cell in cells), default=0) > TALL


# ── 回执, 函, 公告, 评分表 ───────────────────────────────────────────────────────────────────


def receipt(snapshot: Snapshot) -> dict[str, Any]:
    """The whole fingerprint in two lines."""
    digits = snapshot["content_fingerprint"]
    return {
        "fingerprint_first": fingerprints.grouped(digits[:32]),
        "fingerprint_second": fingerprints.grouped(digits[32:]),
    }


def cover_letter(letter: Snapshot) -> dict[str, Any]:
    """The letterhead shrinks with the name, which must stay on one line of 170 mm."""
    size = len(letter["letterhead"])
    lines = title_lines(letter["title"])
    return {
        **_dates(letter),
        "title": "\n".join(lines),
        "tight": len(lines) > 2,
        "letterhead_size": "" if size <= 12 else (" long" if size <= 18 else " longest"),
        "annexes": _annexes(letter),
        "issuer": "issuer" if letter.get("signed_before") else "",
    }


COVER_WIDTH = 22  # characters of 18 pt, with room for （演示）
TITLE_WIDTH = 20  # characters of 22 pt in 156 mm


def title_lines(title: str) -> list[str]:
    """The writer's line breaks; a line that would overflow is broken before 关于, or evenly."""
    lines = title.split("\n")
    if max(map(len, lines)) <= TITLE_WIDTH:
        return lines
    who, about, what = "".join(lines).partition("关于")
    return [part for line in (who, about + what) if line for part in _even(line)]


def _even(line: str, width: int = TITLE_WIDTH) -> list[str]:
    """Parts of about equal length, no figure or Latin word torn."""
    count = -(-len(line) // width)
    parts = []
    while count > 1:
        cut = -(-len(line) // count)
        while cut > 1 and (line[cut - 1] + line[cut]).isascii() and line[cut - 1].isalnum():
            cut -= 1
        parts.append(line[:cut])
        line, count = line[cut:], count - 1
    return [*parts, line]


def notice(snapshot: Snapshot) -> dict[str, Any]:
    """The annexed lists, with their widths."""
    return {
        **_dates(snapshot),
        "title": "\n".join(title_lines(snapshot["title"])),
        "annexes": _annexes(snapshot),
    }


def _annexes(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [
        {
            "title": annex["title"],
            "note": annex.get("note", ""),
            **table(annex["columns"], annex["rows"]),
        }
        for annex in snapshot.get("annexes", ())
    ]


def score_sheet(sheet: Snapshot) -> dict[str, Any]:
    """Columns of scores: 14.5 mm each; what they leave of 261 mm is for the names."""
    experts = len(sheet["experts"])
    score = 14.5 if experts <= 8 else max(9.0, 120 / experts)
    rest = 261 - 53.5 - experts * score
    return {
        "score_mm": f"{score:.2f}",
        "title_mm": f"{rest * 0.55:.2f}",
        "unit_mm": f"{rest * 0.45:.2f}",
    }


def test_report(report: Snapshot) -> dict[str, Any]:
    """Dates in words, and which rows may break over pages."""
    return {
        **_dates(report),
        "days": " 至 ".join(
            day(report[key]) for key in ("tested_from", "tested_until") if report.get(key)
        ),
        "rows": [dict(row, tall=_is_tall(row.values())) for row in report["rows"]],
    }


SIDE_BY_SIDE = 5
"""Members that have a column of their own in the report of a visit."""


def visit_report(report: Snapshot) -> dict[str, Any]:
    """Answers side by side while there is room; notes below the table, each with its line;
    pictures two in a row, and the numbers of the files that have none."""
    members = [one["name"] for one in report["team"]]
    columns = members if len(members) <= SIDE_BY_SIDE else []
    share = 96 / max(len(columns), 1)
    notes = [
        f"“{item['title']}”，{one['member']}：{one['note']}"
        for item in report["items"]
        for one in item["answers"]
        if one["note"]
    ]
    drawn = [one for one in report["photos"] if one.get("picture")]
    return {
        "columns": columns,
        "share_mm": f"{share:.2f}",
        "notes": notes,
        "hours": f"{_clock(report['starts_at'])} 至 {_clock(report['ends_at'])}",
        "pictures": [drawn[at : at + 2] for at in range(0, len(drawn), 2)],
        "undrawn": [one["number"] for one in report["photos"] if one.get("picture") == ""],
    }


def _clock(instant: str) -> str:
    return instant[11:16]


def certificate(snapshot: Snapshot) -> dict[str, Any]:
    """The date in words and the place of the seal."""
    return _dates(snapshot)


MAKERS: dict[str, Callable[[Snapshot], dict[str, Any]]] = {
    "documents/certificate.html": certificate,
    "documents/summary_sheet.html": summary_sheet,
    "documents/application_form.html": application_form,
    "documents/receipt.html": receipt,
    "documents/cover_letter.html": cover_letter,
    "documents/notice.html": notice,
    "documents/score_sheet.html": score_sheet,
    "documents/test_report.html": test_report,
    "documents/visit_report.html": visit_report,
}
