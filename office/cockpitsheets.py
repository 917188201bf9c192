"""The cockpit's tables as workbooks: what the page shows, who took it out, and when."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from calls.models import Call
from documents import workbook
from documents.workbook import Value
from office import cockpit, cockpitview


def _foot(name: str, unit: str, at: datetime, shown: str) -> list[str]:
    return workbook.taken(name=name, unit=unit, at=at, shown=shown)


def _percent(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(str(share))


def _funnel(call: Call, params: Mapping[str, str], *, name: str, unit: str, at: datetime) -> bytes:
    view = cockpitview.read(call, params, at=at)
    return workbook.workbook(
        f"{call.title}：各环节",
        [("环节", 20), ("项数", 10), ("占草稿（%）", 14), ("比上一步（%）", 14)],
        [
            [line.stage.title, line.count, Decimal(str(line.share)), _percent(line.of_last)]
            for line, _ in view.lines
        ],
        foot=_foot(name, unit, at, view.words),
    )


def _regions(call: Call, params: Mapping[str, str], *, name: str, unit: str, at: datetime) -> bytes:
    view = cockpitview.read(call, params, at=at)
    rows: list[list[Value]] = [
        [row.name, *[cell.count for cell in row.cells], row.total.count] for row in view.cross
    ]
    rows.append(["合计", *[one.count for one in view.totals], view.total.count])
    return workbook.workbook(
        f"{call.title}：地区与方向（{view.stage.title}）",
        [("地区", 20), *[(head, 14) for head in view.heads], ("合计", 10)],
        rows,
        foot=_foot(name, unit, at, view.stage.title),
    )


def _units(call: Call, params: Mapping[str, str], *, name: str, unit: str, at: datetime) -> bytes:
    view = cockpitview.read(call, params, at=at)
    return workbook.workbook(
        f"{call.title}：推荐单位",
        [
            ("推荐单位", 36),
            ("类别", 18),
            ("已提交", 10),
            ("已推荐", 10),
            ("名额", 10),
            ("状态", 16),
            ("最近操作", 22),
            ("可能到期未报送（估算）", 22),
        ],
        [
            [
                one.organisation.name,
                one.organisation.get_kind_display(),
                one.submitted,
                one.used,
                "不限" if one.limit is None else one.limit,
                one.word,
                one.changed_at,
                "是" if one.may_miss else "",
            ]
            for one in view.units
        ],
        foot=_foot(name, unit, at, view.units_words),
    )


def _forecast(
    call: Call, params: Mapping[str, str], *, name: str, unit: str, at: datetime
) -> bytes:
    found = cockpit.drafts_forecast(call, at)
    return workbook.workbook(
        f"{call.title}：草稿到期提交情况（估算）",
        [
            ("填写程度", 24),
            ("草稿", 10),
            ("预计提交比例（%）", 18),
            ("比例来源", 26),
            ("预计提交", 10),
            ("预计不提交", 12),
        ],
        [
            [
                band.title,
                band.drafts,
                band.percent,
                f"往届同期 {band.on_record} 份" if band.on_record else "假定值，未核实",
                band.submitted,
                band.missing,
            ]
            for band in (found.bands if found else ())
        ],
        foot=_foot(name, unit, at, "申报截止前"),
    )


def _experts(call: Call, params: Mapping[str, str], *, name: str, unit: str, at: datetime) -> bytes:
    return workbook.workbook(
        f"{call.title}：评审未完成",
        [("专家", 16), ("轮次", 30), ("未提交", 10), ("共分配", 10)],
        [list(row) for row in cockpit.behind_by_expert(call)],
        foot=_foot(name, unit, at, "未提交"),
    )


TABLES: dict[str, Callable[..., bytes]] = {
    "funnel": _funnel,
    "regions": _regions,
    "units": _units,
    "forecast": _forecast,
    "experts": _experts,
}
