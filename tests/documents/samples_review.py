"""Snapshots of the papers of a review: score sheets, panel meetings, visits. All invented."""

import io
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from PIL import Image

from tests.documents.samples import CALL, FINGERPRINT, TITLES, UNITS


def score_sheet() -> dict[str, Any]:
    scores = [
        {"text": "88.0"},
        {"text": "90.5", "mark": "high"},
        {"text": "87.5"},
        {"text": "79.5", "mark": "low"},
        {"text": "回避"},
    ]
    return {
        "call": CALL,
        "group": "第二组",
        "number": "JB-2021-PF-0002",
        "version": 1,
        "frozen_at": "2022-03-18T17:05:40+08:00",
        "date": "2022-03-18",
        "mode": "会议评审",
        "criteria": ["指标先进性30", "技术路线20", "团队与基础20", "产业化前景20", "组织保障10"],
        "full_marks": 100,
        "experts": [f"专家{n}" for n in range(1, 6)],
        "rows": [
            {
                "rank": n + 1,
                "title": TITLES[n],
                "organisation": UNITS[n][0],
                "scores": scores,
                "counted": 2,
                "average": "87.75",
                "advice": "建议入围" if n < 4 else "后备",
            }
            for n in range(6)
        ],
        "notes": ["△为最高分，▽为最低分，均不计入平均分；", "“回避”的专家不评分，不计人数。"],
    }


def panel_head() -> dict[str, Any]:
    return {
        "call": CALL,
        "version": 1,
        "frozen_at": "2022-03-18T17:05:40+08:00",
        "date": "2022-03-18",
        "meeting": "第二组会议评审",
        "round": "专家网络评审",
        "organiser": "示例主管部门",
        "place": "示例会议中心三层第二会议室",
    }


def panel_minutes(rows: int = 6) -> dict[str, Any]:
    return {
        **panel_head(),
        "number": "JB-2021-HY-0001",
        "span": "09:05—11:40",
        "members": "5 名，签到 5 名；组长 委员02",
        "rules": "无记名表决，意见分推荐、不推荐、缓议；得票最多的为会议意见",
        "note": "",
        "rows": [
            {
                "number": n + 1,
                "label": f"PS-{n + 1:04d}",
                "title": TITLES[n % len(TITLES)],
                "organisation": UNITS[n % len(UNITS)][0],
                "direction": "智能传感器",
                "before": "84.20",
                "before_rank": str(n + 1),
                "after": "85.10",
                "after_rank": str(n + 1),
                "present": 4,
                "out": ["委员03（回避：系统比对）"],
                "votes": ["推荐 4", "不推荐 0", "缓议 0"],
                "abstained": 0,
                "opinion": "推荐",
                "how": "表决通过",
                "reason": "",
                "changes": ["委员02：78.00 → 84.00，会上补充的可靠性数据充分"],
                "again": [],
                "notes": "与会成员认为指标先进，\n建议补充可靠性验证数据。",
            }
            for n in range(rows)
        ],
    }


def panel_signatures(rows: int = 7) -> dict[str, Any]:
    return {
        **panel_head(),
        "number": "JB-2021-QD-0001",
        "starts": "2022-03-18T09:00+08:00",
        "rows": [
            {
                "number": n + 1,
                "name": f"示例专家{n + 1}",
                "employer": "示例评审大学人工智能研究院",
                "title": "教授",
                "role": "成员" if n else "组长",
                "entered": "08:52",
            }
            for n in range(rows)
        ],
    }


def photographs(count: int) -> dict[str, bytes]:
    """Pictures as large and as restless as those of a report, by their hash."""
    made = {}
    for n in range(count):
        size = (900, 600) if n % 3 else (600, 900)
        image = Image.effect_mandelbrot(size, (-2, -1.2, 0.6, 1.2), 20 + n).convert("RGB")
        noise = Image.effect_noise(size, 40).convert("RGB")
        out = io.BytesIO()
        Image.blend(image, noise, 0.3).save(out, "JPEG", quality=78)
        made[sha256(out.getvalue()).hexdigest()] = out.getvalue()
    return made


def visit_report(members: int = 3, pictures: Iterable[str] = ()) -> dict[str, Any]:
    drawn = list(pictures)
    names = ["赵一例", "钱二例", "孙三例", "李四例", "吴祎堃", "陈旻玥"][:members]
    return {
        "call": CALL,
        "heading": "现场评估报告",
        "organiser": "示例部科技司",
        "number": "JB-2021-XC-0007",
        "version": 1,
        "frozen_at": "2021-12-20T16:20:05+08:00",
        "title": TITLES[0],
        "application_number": "JB-2021-000123",
        "application_version": 2,
        "application_fingerprint": FINGERPRINT,
        "organisation": {"name": UNITS[0][0], "code": "91990100MADEM0001X"},
        "direction": "智能传感器",
        "starts_at": "2021-12-20T09:00:00+08:00",
        "ends_at": "2021-12-20T12:00:00+08:00",
        "place": "甲市高新区示例路 1 号 2 楼测试间",
        "second": False,
        "team": [
            {"name": name, "unit": f"示例大学（{n}）", "lead": n == 0}
            for n, name in enumerate(names)
        ],
        "result": "整改后复查",
        "opinion": "样机可以现场运行，主要指标有测试记录；试验的原始数据不完整，应补齐后复查。",
        "due": "2022-01-28",
        "items": [
            {
                "title": title,
                "weight": weight,
                "answers": [
                    {"member": name, "value": value, "note": note if n == 0 else ""}
                    for n, name in enumerate(names)
                ],
            }
            for title, weight, value, note in (
                ("现场与申报材料一致", None, "是", ""),
                ("在场研发人员", None, "36 人", ""),
                ("样品或系统运行情况", 40, "良", "连续运行 40 分钟，重启一次"),
                ("其他情况", None, "", ""),
            )
        ],
        "stated": [
            {
                "name": "声学信噪比",
                "unit": "dB",
                "basis": "A 计权",
                "reference": "≥ 70 dB",
                "current": "71.5",
                "target": "74",
                "seen": [
                    {
                        "member": names[0],
                        "value": "70.8",
                        "note": "消声室复测",
                        "beside_stated": "未达到 0.7",
                        "beside_reference": "超过 0.8",
                    }
                ],
            },
            {
                "name": "自定义：功耗",
                "unit": "mW",
                "basis": "",
                "reference": "",
                "current": "1.2",
                "target": "0.9",
                "seen": [],
            },
        ],
        "overall": [{"member": name, "text": "同意组长意见。"} for name in names],
        "photos": [
            {
                "number": n,
                "caption": caption,
                "name": f"IMG_2021122{n}.jpg",
                "size": 3_400_000,
                "pages": 1,
                "sha256": sha256(caption.encode()).hexdigest(),
                **({"picture": drawn[n - 1]} if drawn else {}),
            }
            for n, caption in enumerate(
                [f"样机运行画面（{n}）" for n in range(len(drawn))]
                or ["测试间全景", "样机运行画面"],
                start=1,
            )
        ],
        "remark": "可靠性试验的第二批数据将于 1 月中旬补齐。",
        "remark_at": "2021-12-20T12:10:00+08:00",
        "verified": False,
        "source": "",
        "signatures": [
            {"name": name, "lead": n == 0, "at": f"2021-12-2{1 + n}T10:00:00+08:00"}
            for n, name in enumerate(names)
        ],
        "content_fingerprint": FINGERPRINT,
    }
