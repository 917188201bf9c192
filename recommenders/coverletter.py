"""The 报送函 of a list: what the list says by itself, and what the unit sets on it."""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from calls.models import Call
from recommenders import queries
from recommenders.models import CoverLetterText, ListVersion, RankedList

CHINA = ZoneInfo("Asia/Shanghai")
UNKNOWN_CLASS = "未注明"


def text_of(ranked: RankedList) -> CoverLetterText | None:
    return CoverLetterText.objects.filter(list=ranked).select_related("changed_by").first()


def defaults(ranked: RankedList) -> dict[str, str]:
    """What stands on the letter where the unit has set nothing."""
    return {"number": "", "to": ranked.call.programme.organiser, "contact": "", "phone": ""}


def snapshot(version: ListVersion, *, seal: dict[str, Any] | None = None) -> dict[str, Any]:
    """The frozen contents of the letter of a version (``documents.snapshots.CoverLetter``)."""
    ranked = version.list
    day = version.frozen_at.astimezone(CHINA).date()
    return {
        **_letter(ranked, rows=version.rows, unit=ranked.organisation.name_on(day)),
        "enclosures": [
            f"信息报送汇总表（{version.letter_number}第{version.number}版）",
            *forms(len(version.rows)),
        ],
        "date": day.isoformat(),
        "seal": seal,
        "version": version.number,
        "content_fingerprint": version.hash,
    }


def preview(ranked: RankedList, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The letter as it would be now: a draft without date or seal."""
    return {
        **_letter(ranked, rows=rows, unit=ranked.organisation.name),
        "enclosures": ["信息报送汇总表", *forms(len(rows))],
        "date": "",
        "seal": None,
    }


def _letter(ranked: RankedList, *, rows: list[dict[str, Any]], unit: str) -> dict[str, Any]:
    set_here = text_of(ranked)
    programme = ranked.call.programme
    made: dict[str, Any] = {
        "letterhead": unit,
        "number": set_here.number if set_here else "",
        "title": f"{unit}关于报送\n{programme.short_title}推荐项目的函",
        "to": (set_here.to if set_here else "") or programme.organiser,
        "paragraphs": paragraphs(ranked, rows),
        "signed_by": unit,
    }
    if set_here and set_here.contact_name:
        made["contact"] = {"name": set_here.contact_name, "phone": set_here.contact_phone}
    return made


def paragraphs(ranked: RankedList, rows: list[dict[str, Any]]) -> list[str]:
    """The body: the basis, how many by class, what is over the quota, that paper equals online."""
    first = (
        f"{basis(ranked.call)}要求，经单位申报、审核研究，现推荐{len(rows)}个项目{by_class(rows)}。"
    )
    granted = sum(one.granted for _, one in queries.ledgers(ranked.call, ranked.organisation))
    if granted:
        first += f"其中，超出限额的{granted}个项目已报贵单位同意。"
    return [first, "所报材料与网上提交内容一致。请予审核。"]


def basis(call: Call) -> str:
    """根据《…》（文号）"""
    notice = call.programme.notice
    return f"根据《{call.title}》" + (f"（{notice}）" if notice else "")


def by_class(rows: list[dict[str, Any]]) -> str:
    """（核心基础类2个、重点产品类1个）; nothing where classes are unknown or there is one only."""
    counts = Counter(row["class"] or UNKNOWN_CLASS for row in rows)
    if len(counts) < 2 or UNKNOWN_CLASS in counts:
        return ""
    return "（" + "、".join(f"{name}{count}个" for name, count in counts.items()) + "）"


def forms(count: int) -> list[str]:
    return [f"项目申报书（{count}份）"] if count else []
