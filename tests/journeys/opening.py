"""An empty installation, a call from its file, the units that recommend, and their people."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from chinese_calendar import holidays

from calls.programme import Step
from tests.journeys.cast import Cast, workbook
from tests.journeys.player import Person, command, letters, mailed_link, post, pulse, stamp

OFFICE = "示例主管部门"
LAST_KNOWN_YEAR = max(day.year for day in holidays)
KIND_WORDS = {
    "city": "市级主管部门",
    "district": "区县主管部门",
    "central_group": "中央企业集团",
    "ministry_body": "部属单位",
    "industry_body": "行业组织",
}


class Opening(Cast):
    def found_the_office(self) -> None:
        """An empty installation: the command, the first person's letter, a colleague invited."""
        command("bootstrap_office", unit=OFFICE, email=self.chief.email, name=self.chief.name)
        post()
        first, second = letters(self.chief.email)
        links = [re.search(r"https?://\S+", one.body).group() for one in (first, second)]
        self.chief.activate(links[0])
        self.chief.accept_invitation(links[1])
        self.chief.open("/home/")
        self.chief.act_as("系统管理员")
        self.chief.open("/account/unit/people/invite/")
        self.chief.press(
            "发送激活链接",
            {"name": self.clerk.name, "email": self.clerk.email, "role": "office_operator"},
        )
        self.clerk.activate(mailed_link(self.clerk.email))
        self.chief.act_as("主管审批")

    def make_the_call(self) -> None:
        """From its file, with the dates that are missing, as a rehearsal; the approver opens it."""
        clerk = self.clerk
        clerk.open("/office/calls/new/")
        clerk.press(
            "建立批次",
            {"programme": self.programme.code, "code": self.code, "rehearsal": "on"},
        )
        self._set_dates()
        self.clock("filing_from", days=1)
        self.chief.open(f"/office/calls/{self.code}/")
        self.chief.press("开放本批次").says("规则从此锁定")
        if not self.programme.directions and self._asks_direction():
            self._add_direction()

    def _asks_direction(self) -> bool:
        self.clerk.open(f"/office/calls/{self.code}/")
        return "补充" in self.clerk.page.text and not self.programme.directions_complete

    def _add_direction(self) -> None:
        self.clerk.press("添加方向", {"key": "example", "title": "示例方向"}).says("方向已添加")

    def _set_dates(self) -> None:
        form, _ = self.clerk.page.button("保存期限")
        order = ["filing_from", "filing_until"]
        if self.has(Step.RECOMMENDATION):
            order += ["recommendation_until"]
        order += ["review_until", "announcement_by"]
        known = {name: date.fromisoformat(form.value(name)) for name in order if form.value(name)}
        shift = max([*(day.year for day in known.values()), 0]) - LAST_KNOWN_YEAR
        if shift > 0:  # no one knows yet which days of that year are worked
            known = {name: day.replace(year=day.year - shift) for name, day in known.items()}
        if "filing_from" not in known:
            end = known.get("filing_until")
            known["filing_from"] = end - timedelta(days=30) if end else date(2022, 3, 1)
        day = known["filing_from"]
        for name in order:
            known.setdefault(name, day + timedelta(days=30))
            day = known[name]
        last = known.get("recommendation_until", known["filing_until"])
        known["scan_until"], known["paper_until"] = (
            last + timedelta(days=5),
            last + timedelta(days=8),
        )
        self.days = known
        self.clerk.press("保存期限", {name: day.isoformat() for name, day in known.items()})
        self.clerk.page.says("期限已保存")

    def clock(self, name: str, *, days: int = 0, hour: int = 10) -> None:
        """Set the rehearsal's clock so many days after a date; what is due then fires."""
        to = datetime.combine(self.days[name] + timedelta(days=days), time(hour))
        self.clerk.open(f"/office/calls/{self.code}/")
        self.clerk.press("拨动时钟", {"to": stamp(to)}).says("演练时钟已拨动")
        pulse()

    # Units ------------------------------------------------------------------------------------

    def _place_units(self) -> None:
        """Which unit recommends, and in which region its applicants are.

        A province is known beforehand; another kind is imported, in a city for applicants of
        that city. Where a level below has its own step, both are in a municipality, because
        there an applicant's region is a district.
        """
        regions = self.programme.applicants.regions
        self.region = regions[0] if regions else "430100"
        kinds = [str(kind) for kind in self.programme.recommender_kinds]
        self.kind = "province" if "province" in kinds else kinds[0] if kinds else ""
        if self.has(Step.PRESELECTION):
            self.region = "110105"

    def bring_units(self) -> None:
        """Import the units that are not known beforehand; invite their people by link."""
        if not self.kind:
            return
        rows = []
        if self.kind == "province":
            self.recommender = "湖南省工业和信息化厅"
        else:
            self.recommender = "示例推荐单位"
            where = self.region
            if self.has(Step.PRESELECTION):
                where = self.region[:2] + "0000"
            elif self.kind == "district":
                where = self.region[:4] + "02"
                rows.append(
                    (KIND_WORDS["district"], "示例邻区单位", "", self.region[:4] + "03", "")
                )
            rows.append((KIND_WORDS[self.kind], self.recommender, "", where, ""))
        if self.has(Step.PRESELECTION):
            self.below = "示例初审单位"
            level = str(self.programme.levels[0].kind)
            rows.append((KIND_WORDS[level], self.below, "", self.region, self.recommender))
        if rows:
            self.clerk.open("/office/units/import/")
            self.clerk.press("预览导入", {"sheet": workbook(rows)}).says("尚未导入")
            self.clerk.press(f"导入 {len(rows)} 个单位").says("已导入")
        self._invite(self.recommender, self.operator, "rec_operator")
        self._invite(self.recommender, self.approver, "rec_approver")
        if self.below:
            self.district = Person("初审示例", "district@unit.example.org")
            self._invite(self.below, self.district, "rec_operator")
        pulse()

    def _invite(self, unit: str, person: Person, role: str) -> None:
        self.clerk.open(f"/office/units/?q={unit}")
        self.clerk.follow(unit)
        self.clerk.press(
            "发送激活链接", {"name": person.name, "email": person.email, "role": role}
        ).says("激活链接已发往")
        person.activate(mailed_link(person.email))
