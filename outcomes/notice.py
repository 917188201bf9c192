"""What a published list holds, on its page and on paper."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from calls.models import Call
from core import days
from outcomes import rules
from outcomes.models import Award, Decision, Publication

WIDTHS = {"direction": 30, "title": 46, "organisation": 39, "recommender": 30, "tier": 24}
LABELS = {
    "direction": "方向",
    "title": "项目名称",
    "organisation": "单位",
    "recommender": "推荐单位",
    "tier": "结果",
}


def rows(call: Call, decisions: Iterable[Decision] | Iterable[Award]) -> list[dict[str, Any]]:
    """The rows of a list: public columns, and the application's key for the office."""
    tiers = {tier.key: tier.title for tier in call.programme.tiers}
    return [
        {
            "application": one.application_id,
            "direction": one.application.direction.title if one.application.direction else "",
            "title": one.application.title,
            "organisation": one.application.organisation.name,
            "recommender": one.application.recommender.name if one.application.recommender else "",
            "tier": tiers.get(one.tier, one.tier),
            "amount": f"{one.amount:.2f}" if one.amount is not None else "",
        }
        for one in decisions
    ]


def columns(call: Call, found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The columns a list needs: those that hold something; 结果 only where there are several."""
    titles = {**LABELS, "title": call.programme.title_label}
    kept = [
        (name, title)
        for name, title in titles.items()
        if any(row.get(name) for row in found)
        and (name != "tier" or len({row["tier"] for row in found}) > 1)
    ]
    decision = call.programme.decision
    if decision and decision.amount:
        kept.append(("amount", f"金额（{decision.unit}）"))
    return kept


def table(call: Call, found: list[dict[str, Any]]) -> tuple[list[tuple[str, str]], list[list[str]]]:
    """The columns of a list, and its cells in their order."""
    wanted = columns(call, found)
    return wanted, [[str(row.get(name) or "") for name, _ in wanted] for row in found]


def words(day: date | None) -> str:
    return days.in_words(day) if day else ""


def paragraphs(publication: Publication) -> list[str]:
    """The text of the notice: the basis, the period, and how to object."""
    found = [line.strip() for line in publication.basis.splitlines() if line.strip()]
    if publication.is_publicity and publication.starts and publication.ends_on:
        found.append(
            f"公示时间为{words(publication.starts)}至{words(publication.ends_on)}，"
            f"共 {publication.working_days} 个工作日。"
        )
        found.append(
            "公示期内对名单有异议的，请以书面形式提出并附证明材料。个人须署真实姓名和联系方式，"
            "单位须加盖公章。异议人身份予以保密。匿名或逾期的不予受理。"
        )
    return found


def contacts(publication: Publication) -> list[str]:
    return [line.strip() for line in publication.contacts.splitlines() if line.strip()]


def snapshot(publication: Publication) -> dict[str, Any]:
    """The frozen snapshot of the notice as a document (``documents.snapshots.Notice``)."""
    call = publication.call
    wanted, cells = table(call, publication.rows)
    widths = [
        {"label": title, **({"width_mm": WIDTHS[name]} if name in WIDTHS else {"align": "right"})}
        for name, title in wanted
    ]
    assert publication.published_at is not None
    return {
        "title": publication.title,
        "number": publication.number,
        "paragraphs": paragraphs(publication),
        "contacts": contacts(publication),
        "signed_by": call.programme.organiser,
        "date": rules.day_of(publication.published_at).isoformat(),
        "annexes": [
            {
                "title": "名单",
                "note": "排名不分先后",
                "columns": [{"label": "序号", "align": "center", "width_mm": 11}, *widths],
                "rows": [[str(n), *row] for n, row in enumerate(cells, 1)],
            }
        ],
        "seal": None,
    }
