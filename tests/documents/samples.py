"""Invented snapshots of every kind of document. 示例 names, region 9901xx, telephone 000-…"""

from hashlib import sha256
from typing import Any

CALL = {"code": "example", "title": "2021年示例产业创新任务揭榜挂帅", "demo": True}
FINGERPRINT = sha256(b"example").hexdigest()
SEAL = {"sha256": "0" * 64, "mm": 45, "demo": True}

DIRECTIONS = (
    ("智能传感器", "声学传感器"),
    ("高性能云端人工智能芯片", "训练芯片"),
    ("机器翻译系统", "多语种翻译"),
    ("高性能边缘端/终端计算人工智能芯片", "视觉芯片"),
    ("人工智能训练资源库", "工业训练资源"),
    ("终端人工智能推断框架", "轻量推断"),
)
TITLES = (
    "高信噪比微机电声学传感器及端侧语音感知模组",
    "面向大规模训练的云端人工智能加速芯片研发及产业化",
    "面向多语种政务与商务场景的中外文机器翻译系统",
    "低功耗边缘视觉推理芯片及工具链",
    "离散制造工业缺陷图像训练资源库建设与开放服务",
    "跨平台轻量化终端推断框架",
)
UNITS = (
    ("示例科技（甲）有限公司", "企业", "甲市高新区"),
    ("示例集成电路（乙）股份有限公司", "企业", "乙市"),
    ("示例语言技术（丙）有限公司", "企业", "甲市"),
    ("示例昇珺微电子（丁）有限公司", "企业", "丙市经济开发区"),
    ("示例省（甲市）人工智能与微系统集成创新研究院有限责任公司", "企业", "甲市"),
    ("示例大学", "高等院校", "甲市"),
)
PEOPLE = ("赵一例", "钱二例", "孙三例", "陈旻玥", "李四例", "吴祎堃")


def summary_row(rank: int) -> dict[str, Any]:
    place = (rank - 1) % 6
    direction, subfield = DIRECTIONS[place]
    name, kind, region = UNITS[place]
    return {
        "rank": rank,
        "class": "未注明",
        "direction": direction,
        "subfield": subfield,
        "title": TITLES[place],
        "organisation": name,
        "code": f"91990100MADEM{rank:04d}X",
        "kind": kind,
        "region": region,
        "contact": PEOPLE[place],
        "phone": f"000-{rank * 137:08d}",
        "note": "超额" if rank > 15 else "",
    }


def summary_sheet(rows: int = 16, *, limit: int | None = 15, seal: bool = False) -> dict[str, Any]:
    return {
        "call": CALL,
        "recommender": {"name": "示例省工业和信息化厅", "kind": "省级主管部门"},
        "number": "JB-2021-HZ-0099",
        "version": 3,
        "frozen_at": "2021-11-29T16:20:05+08:00",
        "date": "2021-11-29",
        "limit": limit,
        "limit_soft": True,
        "granted": max(0, rows - limit) if limit else 0,
        "granted_note": "同意文号：示部函〔2021〕7号",
        "rows": [summary_row(rank) for rank in range(1, rows + 1)],
        "reserve_count": 3,
        "seal": SEAL if seal else None,
        "content_fingerprint": FINGERPRINT,
    }


def receipt() -> dict[str, Any]:
    return {
        "call": CALL,
        "number": "JB-2021-000123",
        "version": 5,
        "submitted_at": "2021-11-14T20:31:07+08:00",
        "submitted_by": "赵一例",
        "title": TITLES[0],
        "class": "未注明",
        "direction": "智能传感器",
        "organisation": {"name": "示例科技（甲）有限公司", "code": "91990100MADEM0110B"},
        "recommender": {"name": "示例省工业和信息化厅"},
        "attachments_count": 10,
        "attachments_pages": 198,
        "attachments_size": 61_000_000,
        "content_fingerprint": FINGERPRINT,
        "next": [
            "申报截止时间为2021年11月15日 23:59:59。截止前可以修改后再次提交；"
            "再次提交产生新的版本和回执，以最后一次提交为准。",
            "推荐单位的截止时间为2021年11月30日 23:59:59。是否推荐，届时在系统中通知。",
            "获得推荐后，再下载、打印申报书并盖章；现在无须递交纸质材料。",
        ],
    }


def cover_letter(name: str = "示例省工业和信息化厅") -> dict[str, Any]:
    return {
        "letterhead": name,
        "number": "示工信函〔2021〕45号",
        "title": f"{name}关于报送\n人工智能揭榜推荐项目的函",
        "to": "示例部科技司",
        "paragraphs": [
            "根据《关于组织开展示例产业创新任务揭榜挂帅申报工作的通知》（示部函〔2021〕1号）要求，经单位申报、"
            "市级初审、专家评审和会议研究，现推荐示例科技（甲）有限公司“高信噪比微机电声学传感器及端侧语音感知"
            "模组”等16个项目。其中，超出限额的1个项目已报你司同意。",
            "所报材料与网上提交内容一致。请予审核。",
        ],
        "enclosures": ["信息报送汇总表（第3版，共2页）", "项目申报书（16份）"],
        "signed_by": name,
        "date": "2021-11-29",
        "contact": {"name": "钱二例", "phone": "000-00000274"},
        "seal": None,
    }


def result_letter(name: str = "示例省工业和信息化厅") -> dict[str, Any]:
    """The 通知书 to an applicant: a letter without number and enclosure."""
    return {
        **cover_letter(name),
        "number": "",
        "title": "关于人工智能揭榜\n推荐结果的通知",
        "to": "示例科技（甲）有限公司",
        "paragraphs": [
            "感谢贵单位对“示例产业创新任务揭榜挂帅”的支持和参与。",
            "贵单位申报的《低噪声声学传感器》（申报编号 JB-2021-000123），经研究，"
            "未列入我单位本次推荐名单。",
            "对办理程序有疑问的，可与我单位联系。",
        ],
        "enclosures": [],
    }


def dispatch(rows: int = 6) -> dict[str, Any]:
    """行文下达: issued by two offices together, the list annexed."""
    return {
        "letterhead": "示例市科学技术局",
        "number": "示科发〔2022〕7号",
        "title": "关于下达开放创新平台立项的通知",
        "to": "各有关单位",
        "paragraphs": [
            "根据《示例市开放创新平台认定管理办法》，经申请、受理、评审、考察、审定、公示，"
            f"决定对《示例市开放创新平台立项名单》所列 {rows} 个项目予以立项，现予下达。",
            "立项名单经局党组会议（2022年8月1日）审议，示例市科学技术局、示例市财政局会签同意。",
            "名单自2022年8月5日至2022年8月11日公示，公示期内未收到异议。",
            "请各承担单位与示例市科学技术局签订建设任务书，按任务书组织实施，按时报告进展；"
            "重大事项变更须事先申请。",
        ],
        "enclosures": ["立项名单"],
        "signed_before": ["示例市科学技术局"],
        "signed_by": "示例市财政局",
        "date": "2022-08-15",
        "annexes": [
            {
                "title": "立项名单",
                "columns": [
                    {"label": "序号", "align": "center", "width_mm": 11},
                    {"label": "平台名称", "width_mm": 48},
                    {"label": "承担单位", "width_mm": 38},
                    {"label": "方向", "width_mm": 30},
                    {"label": "期限至"},
                ],
                "rows": [
                    [
                        str(n),
                        f"智能传感开放创新平台（{n}）",
                        f"示例科技（{n}）有限公司",
                        "智能传感器",
                        "2023年8月15日",
                    ]
                    for n in range(1, rows + 1)
                ],
            }
        ],
        "seal": None,
    }


def notice(rows: int = 10) -> dict[str, Any]:
    return {
        "title": "关于示例产业创新任务\n揭榜入围单位名单的公示",
        "paragraphs": [
            "根据《关于组织开展示例产业创新任务揭榜挂帅申报工作的通知》（示部函〔2021〕1号），经单位申报、地方"
            f"推荐、专家评审，拟确定示例科技（甲）有限公司等{rows}家单位为入围揭榜单位。现将名单（见附件）予以公示。",
            "公示时间为2022年8月5日至8月11日（5个工作日）。公示期内如有异议，请以书面形式提出，说明事实和理由并"
            "提供证明材料。以单位名义反映的，应加盖单位公章；以个人名义反映的，应署真实姓名并留联系方式。我们将对"
            "反映人的身份和反映内容严格保密。",
        ],
        "contacts": ["联系电话：000-00000301", "通信地址：示例市示例区示例路100号（邮编：000000）"],
        "signed_by": "示例部科技司",
        "date": "2022-08-05",
        "annexes": [
            {
                "title": "揭榜入围单位名单",
                "note": "排名不分先后，按方向排列",
                "columns": [
                    {"label": "序号", "align": "center", "width_mm": 11},
                    {"label": "揭榜方向", "width_mm": 30},
                    {"label": "项目名称", "width_mm": 46},
                    {"label": "入围单位", "width_mm": 39},
                    {"label": "推荐单位", "width_mm": 30},
                ],
                "rows": [
                    [
                        str(n + 1),
                        DIRECTIONS[n % 6][0],
                        TITLES[n % 6],
                        UNITS[n % 6][0],
                        "示例省工业和信息化厅",
                    ]
                    for n in range(rows)
                ],
            }
        ],
        "seal": SEAL,
    }


def certificate() -> dict[str, Any]:
    return {
        "title": "证书",
        "to": "示例科技（甲）有限公司",
        "paragraphs": [
            "你单位承担的“高信噪比微机电声学传感器”项目（申报编号 JB-2021-000123）完成揭榜任务，"
            "确定为揭榜优胜单位。",
            "特发此证。",
        ],
        "number": "示证〔2023〕第0001号",
        "unverified": True,
        "signed_by": "示例部科技司",
        "date": "2023-12-01",
        "seal": None,
    }


def task_report() -> dict[str, Any]:
    """A unit's report: paragraphs, then tables of indicators and milestones."""
    return {
        **notice(8),
        "title": "示例揭榜挂帅\n第1次进展报告",
        "number": "第1版（逾期提交）",
        "signed_by": "示例科技（甲）有限公司",
        "contacts": [],
        "seal": None,
    }


def task_book() -> dict[str, Any]:
    return {**task_report(), "title": "示例揭榜挂帅\n建设任务书", "number": "JB-RWS-0001"}


def test_report(rows: int = 12) -> dict[str, Any]:
    """A test report whose table goes over a page; one indicator lowered, one not tested."""
    return {
        "call": {"code": "2021-example", "title": "2021年示例产业创新任务揭榜挂帅"},
        "number": "示测〔2023〕12号",
        "version": 1,
        "frozen_at": "2023-11-20T09:30:00+08:00",
        "date": "2023-11-20",
        "commissioner": "示例部科技司",
        "agency": {"name": "示例人工智能测评中心", "code": "91990100MADEM0099X"},
        "accreditation": "示例编号-001",
        "accredited_by": "示例发证机构",
        "accredited_until": "2025-06-30",
        "accreditation_verified": False,
        "organisation": {"name": UNITS[0][0], "code": "91990100MADEM0001X"},
        "title": TITLES[0],
        "application_number": "JB-2021-000123",
        "direction": DIRECTIONS[0][0],
        "sample": "示例样品",
        "sample_model": "S-1",
        "sample_version": "V1.2",
        "received_on": "2023-11-06",
        "basis": "示例测评规程",
        "environment": "示例实验室，23 °C，相对湿度 50 %",
        "tested_from": "2023-11-07",
        "tested_until": "2023-11-17",
        "retest": False,
        "rows": [
            {
                "name": f"示例指标{n + 1}",
                "unit": "dB",
                "basis": "1 kHz",
                "target": "≥ 70",
                "first_target": "72" if n == 1 else "",
                "measured": "" if n == 2 else "71.5",
                "told": "",
                "method": "" if n == 2 else "按示例规程测量三次，取平均值",
                "sample_size": "" if n == 2 else "3",
                "environment": "消声室",
                "conclusion": "未测" if n == 2 else "超过",
                "difference": "" if n == 2 else "+1.5",
                "evidence": "" if n == 2 else "原始记录.pdf 第3页",
                "untested": "样品未提供相应接口" if n == 2 else "",
                "remarks": "",
            }
            for n in range(rows)
        ],
        "overall": "部分达到",
        "counts": f"共 {rows} 项：达到或超过 {rows - 1} 项，未测 1 项",
        "remarks": "",
        "written_by": "测甲示例",
        "approved_by": "测乙示例",
        "seal": None,
    }


LONG_TEXT = "\n".join(
    (
        "项目按照“结构—电路—封装—算法”四个层次展开，每一层给出独立可测的指标，"
        "再由系统级模型分配噪声预算。声学结构的热噪声、读出电路的等效输入噪声和封装引入的"
        "声学损耗三部分合计不超过20 dB(A)，其中结构部分占五成。",
        "振膜厚度1.1 μm，残余应力控制在25 MPa以内；压力传感器在−20 ℃至65 ℃范围内"
        "绝对精度优于80 Pa。",
    )
    * 6
)


def application_form(rare_name: str = "陈旻玥") -> dict[str, Any]:
    return {
        "title": TITLES[0],
        "number": "JB-2021-000123",
        "version": 5,
        "submitted_at": "2021-11-14T20:31:07+08:00",
        "call": CALL,
        "organisation": {
            "name": "示例科技（甲）有限公司",
            "code": "91990100MADEM0110B",
            "kind": "企业",
            "region": "示例省甲市（990100）",
        },
        "recommender": {"name": "示例省工业和信息化厅"},
        "class": "未注明",
        "direction": "智能传感器",
        "subfield": "声学传感器",
        "contact": {"name": "赵一例", "phone": "000-00000137"},
        "sections": [
            {
                "key": "unit",
                "title": "申报单位基本情况",
                "blocks": [
                    {
                        "kind": "fields",
                        "rows": [
                            {"label": "单位全称", "value": "示例科技（甲）有限公司", "wide": True},
                            {"label": "统一社会信用代码", "value": "91990100MADEM0110B"},
                            {"label": "单位性质", "value": "民营企业"},
                            {"label": "单位规模", "value": "中型"},
                            {"label": "成立日期", "value": "2013年6月18日"},
                            {"label": "注册资本", "value": "8,000.00", "unit": "万元"},
                            {"label": "职工人数", "value": "412", "unit": "人"},
                            {"label": "研发人员占比", "value": "40.8", "unit": "%"},
                            {"label": "法定代表人", "value": "褚九例"},
                            {"label": "所属行业", "value": "3983 敏感元件及传感器制造"},
                            {"label": "单位简介", "value": "从事微机电传感器的设计与制造。" * 12},
                        ],
                    },
                    {
                        "kind": "table",
                        "label": "近三年主要指标",
                        "unit": "万元",
                        "columns": [
                            {"label": "指标", "width_mm": 69},
                            {"label": "2018年", "align": "right"},
                            {"label": "2019年", "align": "right"},
                            {"label": "2020年", "align": "right"},
                        ],
                        "rows": [
                            ["营业收入", "18,326.40", "24,015.75", "31,872.08"],
                            ["净利润", "1,105.27", "−218.60", "2,640.91"],
                        ],
                        "sum": ["研发投入占比（系统计算）", "15.3%", "16.3%", "15.7%"],
                    },
                ],
            },
            {
                "key": "project",
                "title": "项目情况",
                "blocks": [
                    {
                        "kind": "fields",
                        "rows": [
                            {"label": "起止时间", "value": "2022年3月—2024年2月"},
                            {"label": "总投资", "value": "9,000.00", "unit": "万元"},
                            {"label": "技术成熟度", "value": "当前第5级，目标第9级"},
                            {"label": "项目负责人", "value": rare_name},
                        ],
                    },
                    {"kind": "text", "label": "项目简介", "text": LONG_TEXT[:300]},
                    {"kind": "text", "label": "技术方案", "text": LONG_TEXT},
                    {"kind": "text", "label": "主要创新点", "text": LONG_TEXT[:400]},
                ],
            },
            {
                "key": "indicators",
                "title": "揭榜指标",
                "blocks": [
                    {
                        "kind": "indicators",
                        "label": "指标表",
                        "rows": [
                            {
                                "name": "声学信噪比",
                                "unit": "dB",
                                "basis": "",
                                "reference": "≥ 70",
                                "current": "66.5",
                                "target": "≥ 74",
                                "comparison": "超过",
                                "method": "消声室，94 dB、1 kHz 激励，A计权；样本量 30只",
                                "evidence": "检测报告 第4页",
                            },
                            {
                                "name": "单模组待机功耗",
                                "unit": "mW",
                                "basis": "3.0 V",
                                "reference": "",
                                "current": "1.8",
                                "target": "≤ 1.0",
                                "comparison": "自定义",
                                "method": "唤醒词监听状态，连续24 h 平均",
                                "evidence": "自测记录 第2页",
                                "custom": True,
                            },
                            {
                                "name": "压力绝对精度",
                                "unit": "Pa",
                                "basis": "",
                                "reference": "指南未公开",
                                "current": "150",
                                "target": "≤ 80",
                                "comparison": "",
                                "method": "全量程",
                                "evidence": "",
                            },
                        ],
                    }
                ],
            },
            {
                "key": "team",
                "title": "项目团队",
                "blocks": [
                    {
                        "kind": "table",
                        "columns": [
                            {"label": "序号", "align": "center", "width_mm": 11},
                            {"label": "姓名", "align": "center", "width_mm": 20},
                            {"label": "项目角色", "align": "center"},
                            {"label": "职称", "align": "center"},
                            {"label": "专业", "align": "center"},
                            {"label": "承担任务"},
                        ],
                        "rows": [
                            ["1", rare_name, "项目负责人", "正高级工程师", "微电子学", "总体方案"],
                            ["2", "赵一例", "技术负责人", "高级工程师", "声学", "传感器结构与封装"],
                        ],
                    }
                ],
            },
        ],
        "attachments": [
            {
                "kind": kind,
                "name": name,
                "pages": pages,
                "size": size,
                "sha256": sha256(name.encode()).hexdigest(),
            }
            for kind, name, pages, size in (
                ("营业执照", "营业执照副本.pdf", 1, 800_000),
                ("审计报告", "2020年度审计报告.pdf", 52, 14_100_000),
                ("检测报告", "声学传感器检测报告（示检字2021第0001号）.pdf", 14, 5_500_000),
            )
        ],
        "declaration": [
            f"我单位自愿申报“{TITLES[0]}”项目，已知悉本次揭榜工作的全部要求，并作如下承诺：",
            "一、所填内容和所附材料真实、准确、完整，不含涉密信息，纸质材料与网上提交的内容一致。",
            "二、拥有本项目所需知识产权或者已取得合法授权，无权属争议。",
            "如有不实，愿意承担相应责任，并接受取消资格的处理。",
        ],
        "content_fingerprint": FINGERPRINT,
    }
