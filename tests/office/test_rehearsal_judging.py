"""Faults seeded into a call are each named before anybody plays it; a sound call has none."""

from datetime import date
from pathlib import Path

import pytest

from calls import programme as programmes
from calls.services import NAMES, dates_of
from office.rehearsal.judging import judge
from office.rehearsal.report import Report

UNLIKE = Path(__file__).parents[1] / "data" / "programmes" / "unlike.toml"
BASE = programmes.read(UNLIKE)
FULL = {"units": 3, "one": 3, "two": 3}


def weekdays(*years):
    first, last = date(min(years), 1, 1).toordinal(), date(max(years), 12, 31).toordinal()
    days = [date.fromordinal(n) for n in range(first, last + 1)]
    return {day: day.weekday() < 5 for day in days}


def judged(programme=BASE, *, dates=None, overrides=None, **facts):
    kinds = {str(kind): FULL for kind in programme.recommender_kinds}
    house = {"recommenders": kinds, "experts": 9, "office": dict.fromkeys(OFFICE, 1), **facts}
    known = {**dates_of(programme), **(dates or {})}
    report = Report()
    calendar = weekdays(2031) if overrides is None else overrides
    judge(programme, known, NAMES, house, report, overrides=calendar)
    return [one.words for one in report.dead_ends]


OFFICE = ("office_operator", "office_approver")


def until(year, month, day):
    return programmes.closing(date(year, month, day))


def changed(**parts):
    return BASE.model_copy(update=parts)


def section(key, field):
    condition = programmes.Condition(field=field, equals="true")
    return BASE.sections[0].model_copy(update={"key": key, "title": key, "condition": condition})


LEVEL = BASE.levels[0]
ATTACHMENT = programmes.Attachment(key="proof", title="证明", required=True, types=())
SEEDED = {
    "calendar missing": ({"overrides": {}}, "2031 年，那一年的放假安排尚未录入"),
    "no day between list and scan": (
        {"dates": {"scan_until": until(2031, 3, 12)}},
        "推荐截止与盖章扫描件截止之间没有一个工作日",
    ),
    "only a weekend to recommend": (
        {"dates": {"filing_until": until(2031, 3, 7), "recommendation_until": until(2031, 3, 9)}},
        "申报截止与推荐截止之间没有一个工作日",
    ),
    "no day to review": (
        {"dates": {"review_until": until(2031, 3, 12)}},
        "推荐截止与评审截止之间没有一个工作日",
    ),
    "filing never ends": ({"dates": {"filing_until": None}}, "没有填申报截止"),
    "recommending never ends": ({"dates": {"recommendation_until": None}}, "没有填推荐截止"),
    "level without time": (
        {"programme": changed(levels=(LEVEL.model_copy(update={"until": date(2031, 3, 5)}),))},
        "下级没有时间初审",
    ),
    "experts too few": ({"experts": 2}, "专家库里只有 2 位"),
    "nobody recommends": (
        {"recommenders": {"city": {"units": 4, "one": 0, "two": 0}}},
        "没有一家有人可以办理",
    ),
    "no unit at all": ({"recommenders": {}}, "没有任何推荐单位有人可以办理"),
    "office without approver": ({"office": {"office_operator": 1}}, "没有人担任审批"),
    "sections wait for each other": (
        {"programme": changed(sections=(section("a", "b.x"), section("b", "a.x")))},
        "永远不会出现",
    ),
    "no direction": ({"programme": changed(directions=(), directions_complete=False)}, "没有列全"),
    "file of no type": ({"programme": changed(attachments=(ATTACHMENT,))}, "没有可交的文件类型"),
}


def test_a_sound_call_has_no_dead_end():
    assert judged() == []


@pytest.mark.parametrize("name", sorted(SEEDED))
def test_each_seeded_fault_is_named(name):
    seeded, said = SEEDED[name]
    found = judged(**seeded)
    assert any(said in words for words in found), found
