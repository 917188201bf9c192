"""One season of one programme, from an empty installation to the public list, over HTTP.

``Journey`` reads the programme's steps and its calendar; it knows no programme by name. Each
method is one stage; ``play`` goes through those that the programme has.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from chinese_calendar import holidays
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from openpyxl import Workbook

from accounts.masterdata import COLUMNS
from applications import synthetic
from calls import programme as programmes
from calls.programme import Programme, Step
from tests.applications.filling import pdf
from tests.journeys.pages import NotOnPage
from tests.journeys.player import (
    PASSWORD,
    Person,
    command,
    draw,
    letters,
    mailed_link,
    post,
    pulse,
    stamp,
)

OFFICE = "示例主管部门"
LAST_KNOWN_YEAR = max(day.year for day in holidays)
RECORDED = (Step.SITE_VISIT, Step.APPROVAL, Step.CONTRACT, Step.ACCEPTANCE)
AFTER = (Step.CONTRACT, Step.TASK, Step.TESTING, Step.ACCEPTANCE, Step.AWARD)
KIND_WORDS = {
    "city": "市级主管部门",
    "district": "区县主管部门",
    "central_group": "中央企业集团",
    "ministry_body": "部属单位",
    "industry_body": "行业组织",
}
Act = Callable[[], object]


class Filing:
    """A unit that files, its administrator, and the address of its filing."""

    def __init__(self, number: int, kind: str, region: str) -> None:
        self.number, self.kind, self.region = number, kind, region
        self.unit = f"示例甲乙丙丁戊己"[: 2 + number] + "研究有限公司"
        self.admin = Person(f"申报{number}示例", f"admin{number}@unit{number}.example.org")
        self.title = f"示例项目第{'零一二三四五六七八九'[number]}号"
        self.url = ""
        self.receipts: list[str] = []

    @property
    def public_id(self) -> str:
        return self.url.rstrip("/").rsplit("/", 1)[-1]


class Journey:
    def __init__(self, code: str, *, filings: int = 2) -> None:
        self.programme: Programme = programmes.read(programmes.catalogue()[code])
        self.code = "journey"
        self.steps = self.programme.steps
        self.chief = Person("主管审批示例", "chief@office.example.org")
        self.clerk = Person("主管经办示例", "clerk@office.example.org")
        self.operator = Person("推荐经办示例", "operator@unit.example.org")
        self.approver = Person("推荐审批示例", "approver@unit.example.org")
        self.experts: list[Person] = []
        self.visitor = Person()
        self.days: dict[str, date] = {}
        self.recommender = ""
        self.below = ""
        self.around: Callable[[str, Act], object] = lambda name, act: act()
        kind = str(self.programme.applicants.kinds[0])
        self._place_units()
        self.filings = [Filing(n, kind, self.region) for n in range(1, filings + 1)]
        self.selected: list[Filing] = []

    @property
    def first(self) -> Filing:
        return self.filings[0]

    def has(self, step: Step) -> bool:
        return step in self.steps

    def act(self, name: str, act: Act) -> object:
        """A main act of the chain; a test may stand around it."""
        return self.around(name, act)

    # The office -------------------------------------------------------------------------------

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
            self.clerk.press("导入单位", {"sheet": workbook(rows)}).says("已导入")
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

    # Filing -----------------------------------------------------------------------------------

    def register(self, filing: Filing) -> None:
        """A visitor registers a unit, opens the letter, signs in."""
        person = filing.admin
        person.open("/")
        person.open("/account/register/")
        person.press(
            "注册单位",
            {
                "unit_name": filing.unit,
                "code": synthetic.code(filing.number),
                "kind": filing.kind,
                "region": filing.region,
                "name": person.name,
                "email": person.email,
                "phone": f"000-0000000{filing.number}",
                "password": PASSWORD,
                "password_again": PASSWORD,
                "consent": "on",
            },
        )
        person.open(mailed_link(person.email, "验证"))
        person.press("确认邮箱").says("已验证")
        person.sign_in()

    def file(self, filing: Filing) -> None:
        """Start, fill every part, upload what is asked, check."""
        person = filing.admin
        person.open(f"/applications/new/{self.code}/")
        form, _ = person.page.button(self._start_button(person))
        typed: dict[str, object] = {"title": filing.title[: self.programme.title_max_chars or 60]}
        if "subfield" in form.names():
            offered = [value for value, _ in form.named("subfield")[0].options if value]
            typed["subfield"] = offered[(filing.number - 1) % len(offered)]
        if "recommender" in form.names():
            offered = {text: value for value, text in form.named("recommender")[0].options}
            typed["recommender"] = next(
                value for text, value in offered.items() if self.recommender in text
            )
        person.press(self._start_button(person), typed)
        filing.url = person.page.url
        for section in self.programme.sections:
            self.fill(filing, section.key)
        self.upload(filing)

    def _start_button(self, person: Person) -> str:
        found = [
            button.text
            for form, button in person.page.buttons()
            if "title" in form.names() and not button.disabled
        ]
        if not found:
            raise NotOnPage(f"no way to start a filing: {person.page.text[:800]}")
        return found[0]

    def fill(self, filing: Filing, key: str, *, seed: int | None = None) -> None:
        """Type into every input of a section; rows are added by their button."""
        section = self.programme.section(key)
        assert section is not None
        person = filing.admin
        person.open(f"{filing.url}sections/{key}/")
        try:
            form, _ = person.page.button("标记本部分完成")
        except NotOnPage:
            person.page.says("暂不")  # not asked, because of another answer
            return
        specs = self._indicators(form)
        answers = synthetic.inputs(section, seed=seed or filing.number, indicators=specs)
        for _ in range(12):
            missing = sorted(set(answers) - form.names())
            if not missing:
                break
            table = missing[0].split("-")[0]
            person.press_named("action", f"add-{table}", answers)
            form, _ = person.page.button("标记本部分完成")
        person.press("标记本部分完成", answers).says("已完成")

    def _indicators(self, form) -> list:
        """The reference indicators the page asks for."""
        asked = {name.split("-")[1] for name in form.names() if name.startswith("ref-")}
        return [
            spec
            for direction in self.programme.directions
            for spec in direction.indicators
            if spec.key in asked
        ]

    def upload(self, filing: Filing) -> None:
        """Every file that is said to be missing."""
        person = filing.admin
        if not self.programme.attachments:
            return
        page = person.open(f"{filing.url}files/?check=1")
        wanted = {href.partition("#id_file-")[2] for _, href in page.links if "#id_file-" in href}
        for key in sorted(wanted):
            paper = pdf(1, mark=f"{filing.number}-{key}")
            person.open(f"{filing.url}files/")
            person.press("上传", {"file": upload(f"示例材料{key}.pdf", paper)}, to=f"/add/{key}/")

    def submit(self, filing: Filing) -> None:
        """Check, promise, submit; the receipt says number, time, version and fingerprint."""
        person = filing.admin
        page = person.open(f"{filing.url}check/")
        assert not page.has_button("提交申报书") or "阻止提交" not in page.text, page.text[:1500]
        agree = {"agree": "1"} if self.programme.declaration else {}

        def press():
            person.open(f"{filing.url}check/")
            return person.press("提交申报书", agree)

        self.act("submit", press)
        page = person.page
        number = len(filing.receipts) + 1
        page.says("已提交", f"第{number}版", "服务器时间", "指纹SHA-256", filing.unit)
        assert re.search(rf"{re.escape(self.programme.number_prefix)}-\d{{6}}", page.text), (
            page.text
        )
        assert re.search(r"(?:[0-9a-f]{4} ?){16}", page.text), page.text
        filing.receipts.append(page.url)
        assert person.open(page.url).text == page.text  # reloading submits nothing

    def resubmit(self, filing: Filing) -> None:
        """Change one part before the deadline and submit again; the number stays."""
        number = self._number(filing)
        section = self.programme.sections[0]
        self.fill(filing, section.key, seed=77)
        self.submit(filing)
        assert self._number(filing) == number

    def _number(self, filing: Filing) -> str:
        prefix = re.escape(self.programme.number_prefix)
        text = filing.admin.open(filing.receipts[-1]).text
        found = re.search(rf"{prefix}-\d{{6}}", text)
        assert found, text
        return found.group()

    # Recommendation ---------------------------------------------------------------------------

    def recommend(self) -> None:
        """After filing has closed: the levels below forward, the operator recommends."""
        self.clock("filing_until", days=1)
        self.late_posts_are_refused()
        if self.below:
            for filing in self.filings:
                self.district.open(f"/recommend/filings/{filing.public_id}/")
                self.district.press("上报", {"rank": str(filing.number)}, to="/forward/")
        operator = self.operator
        for filing in self._recommended():
            operator.open(f"/recommend/filings/{filing.public_id}/")
            if operator.page.has_button("登记核查情况"):
                operator.press(
                    "登记核查情况",
                    {
                        "day": self.days["filing_until"].isoformat(),
                        "people": "示例核查组",
                        "finding": "现场与申报内容一致。",
                        "passed": "1",
                    },
                )
                operator.open(f"/recommend/filings/{filing.public_id}/")
            self.act("recommend", lambda f=filing: self._recommend(f))

    def _recommend(self, filing: Filing):
        self.operator.open(f"/recommend/filings/{filing.public_id}/")
        return self.operator.press("推荐", to=f"{filing.public_id}/recommend/").says("已推荐")

    def _recommended(self) -> list[Filing]:
        """All but the last of three or more."""
        return self.filings[:-1] if len(self.filings) > 2 else self.filings

    def late_posts_are_refused(self) -> None:
        """Filing is over: the page is read-only, and says so."""
        page = self.first.admin.open(f"{self.first.url}check/")
        assert not page.has_button("提交申报书"), "a filing can be submitted after its deadline"

    def confirm_list(self) -> None:
        """Another person confirms the list under the hash that was shown."""

        def press():
            self.approver.open(f"/recommend/calls/{self.code}/confirm/")
            return self.approver.press("确认推荐", to="/submit/").says("名单已确认并锁定")

        self.act("submit_list", press)

    def seal_and_deliver(self) -> None:
        """The worker draws the sheet; its print comes back as the sealed scan; 报送."""
        draw()
        paper = self.operator.download(f"/recommend/calls/{self.code}/sheet.pdf")
        assert paper.startswith(b"%PDF")
        self.operator.open(f"/recommend/calls/{self.code}/scan/")
        if self.operator.page.has_button("上传并逐页比对"):
            self.operator.press("上传并逐页比对", {"pages": upload("盖章件.pdf", paper)})
            self.operator.page.says("相符")
        self.operator.open(f"/recommend/calls/{self.code}/scan/")
        self.operator.press("报送名单").says("名单已报送")
        self.verify_paper()

    def verify_paper(self) -> None:
        """Anybody may verify the sheet, and the applicant its form, by the code on paper."""
        person = self.first.admin
        code = re.search(r"核验码 ?([0-9A-Z-]{10,14})", person.open(self.first.receipts[-1]).text)
        assert code, person.page.text
        self.visitor.open("/v/")
        self.visitor.press("核验", {"code": code.group(1)}).says("这份文件有效")

    # Office: check, review, decision ------------------------------------------------------------

    def after_recommendation(self) -> None:
        last = "recommendation_until" if self.has(Step.RECOMMENDATION) else "filing_until"
        self.clock(last, days=1)
        pulse()

    def in_hand(self) -> list[Filing]:
        return self._recommended() if self.has(Step.RECOMMENDATION) else self.filings

    def check(self) -> None:
        """形式审查."""
        clerk = self.clerk
        clerk.open(f"/outcomes/calls/{self.code}/check/")
        title = self.programme.step_title(Step.FORMAL_CHECK)
        ids = [one.public_id for one in self.in_hand()]
        clerk.press(f"{title}通过", {"application": ids}, to="/check/act/").says("已办理通过")

    def review(self) -> None:
        """Experts are invited and activate; assigned, sent out, declared, scored, closed."""
        rules = self.programme.review
        assert rules is not None
        clerk = self.clerk
        for n in range(1, rules.experts_per_application + 1):
            expert = Person(f"专家{n}示例", f"expert{n}@pool.example.org")
            clerk.open("/reviews/experts/new/")
            clerk.press(
                "发出邀请",
                {
                    "name": expert.name,
                    "email": expert.email,
                    "fields_text": "智能传感器；示例领域",
                    "employer_name": f"示例研究所{n}",
                },
            ).says("激活链接")
            expert.activate(mailed_link(expert.email))
            self.experts.append(expert)
        closes = datetime.combine(self.days["review_until"], time(18))
        clerk.open(f"/reviews/new/?call={self.code}")
        clerk.press("建立评审轮次", {"closes_at": stamp(closes)})
        here = clerk.page.url
        clerk.press("生成分配方案").says("已生成分配方案")
        clerk.press("下发评审任务").says("评审任务已下发")
        for n, expert in enumerate(self.experts):
            self._score_all(expert, n)
        clerk.open(here)
        clerk.press("结束评审并排名").says("评审已结束")

    def _score_all(self, expert: Person, n: int) -> None:
        """Declare first; then every task of the desk, the first filing a little better."""
        expert.sign_out()
        expert.sign_in()
        page = expert.open("/reviews/desk/")
        assert "评审已截止" not in page.text
        for filing in self.in_hand():  # undeclared: nothing of a filing is shown
            assert filing.title not in page.text
        expert.follow("逐一申明回避")
        form, _ = expert.page.button("提交回避申明")
        answers = {name: "clear" for name in form.names() if name.startswith("answer-")}
        expert.press("提交回避申明", answers).says("可以开始评审")
        desk = expert.open("/reviews/desk/")
        tasks = {href for _, href in desk.links if "/reviews/score/" in href}
        for task in sorted(tasks):
            page = expert.open(task)
            good = self.first.title in page.text
            form, _ = page.button("保存并下一份")
            typed: dict[str, object] = {}
            for control in form.controls:
                if control.kind == "radio" and control.name.startswith("score-"):
                    figures = sorted(int(one.value) for one in form.named(control.name))
                    typed[control.name] = str(figures[(len(figures) * (7 if good else 5)) // 10])
                elif control.name.startswith("comment-"):
                    typed[control.name] = (
                        f"技术路线清楚，数据充分，第{n + 1}位专家认为可信，建议支持。"
                    )
            expert.press("保存并下一份", typed).says("已提交")

    def record(self, steps: tuple[Step, ...], filings: list[Filing]) -> None:
        """Steps without a machinery of their own are recorded, in their order."""
        for step in self.steps:
            if step not in steps or step not in RECORDED:
                continue
            self.clerk.open(f"/outcomes/calls/{self.code}/steps/?step={step}")
            self.clerk.press(
                "登记结论",
                {
                    "application": [one.public_id for one in filings],
                    "result": "pass",
                    "note": "资料齐全，予以通过。",
                },
            ).says("已登记")

    def decide(self) -> None:
        """The operator stages, the approver applies; all take effect together."""
        self.record(tuple(s for s in RECORDED if s not in AFTER), self.in_hand())
        clerk, board = self.clerk, f"/outcomes/calls/{self.code}/"
        winner, *others = self.in_hand()
        clerk.open(self._place(board, winner))
        tier = self.programme.tiers_of("selection")[0]
        typed: dict[str, object] = {"application": [winner.public_id], "reason": "评审靠前"}
        if self.programme.decision and self.programme.decision.amount:
            typed[f"amount-{winner.public_id}"] = "2,000.50"
        clerk.press(f"拟定为{tier.title}", typed).says("已拟定入选1项")
        for one in others:
            clerk.open(self._place(board, one))
            clerk.press("拟不入选", {"application": [one.public_id], "reason": "名次靠后"})
            clerk.page.says("已拟定不入选")
        self.act("apply", self._apply)
        self.selected = [winner]

    def _apply(self):
        self.chief.open(f"/outcomes/calls/{self.code}/review/")
        form, _ = self.chief.page.button("一并生效")
        vacant = {"vacancies": "yes"} if "vacancies" in form.names() else {}
        return self.chief.press("一并生效", vacant).says("已一并生效")

    def _place(self, board: str, filing: Filing) -> str:
        """The page of the board on which a filing stands."""
        page = self.clerk.open(board)
        for href in [board, *(to for _, to in page.links if "place=" in to)]:
            page = self.clerk.open(board + href.rpartition("/")[2] if "?" in href else href)
            if any(
                control.value == filing.public_id
                for form in page.forms
                for control in form.controls
            ):
                return page.url
        raise NotOnPage(f"{filing.title} is on no page of the board")

    # Publishing -------------------------------------------------------------------------------

    def publish(self, kind: str) -> str:
        """Drafted by one person, published by another; returns the public address."""
        clerk, chief = self.clerk, self.chief
        clerk.open(f"/outcomes/calls/{self.code}/publications/new/{kind}/")
        form, _ = clerk.page.button("保存并预览")
        typed: dict[str, object] = {"contacts": "联系电话 000-00000000"}
        if "working_days" in form.names() and not form.value("working_days"):
            typed["working_days"] = "5"
        clerk.press("保存并预览", typed).says("尚未发布")
        here = clerk.page.url

        def press():
            chief.open(here)
            return chief.press("发布", to="/publish/").says("已发布")

        self.act("announce" if kind == "announcement" else "publicise", press)
        return chief.page.link("公开页面")

    def publicity(self) -> None:
        """公示 with its working days; it ends by itself once the clock has passed them."""
        self.public_url = self.publish("publicity")
        page = self.visitor.open(self.public_url)
        page.says(self.first.title, self.first.unit, "工作日", "提出异议")
        days = re.findall(r"(\d{4})年(\d{1,2})月(\d{1,2})日", page.text)
        last = max(date(*map(int, day)) for day in days)
        self.days["publicity"] = last
        self.clock("publicity", days=0, hour=23)
        self.visitor.open(self.public_url).says("提出异议")
        self.clock("publicity", days=1)
        page = self.visitor.open(self.public_url)
        assert "不受理异议" in page.text

    def announce(self) -> None:
        self.public_url = self.publish("announcement")

    def is_public(self) -> None:
        """Anybody reads the list; who was not selected does not stand on it."""
        self.visitor.open("/lists/")
        page = self.visitor.open(self.public_url)
        page.says(self.first.title, self.first.unit)
        for other in self.filings:
            if other not in self.selected:
                assert other.title not in page.text
        self.first.admin.open("/applications/").says(self.first.title)
        draw()
        assert self.visitor.download(self.public_url.rstrip("/") + "/pdf/").startswith(b"%PDF")

    # All of it --------------------------------------------------------------------------------

    def open_season(self) -> None:
        self.found_the_office()
        self.make_the_call()
        self.bring_units()

    def file_all(self) -> None:
        for filing in self.filings:
            self.register(filing)
            self.file(filing)
            self.submit(filing)
        self.resubmit(self.first)

    def play(self) -> None:
        self.open_season()
        self.file_all()
        if self.has(Step.RECOMMENDATION):
            self.recommend()
            self.confirm_list()
            self.seal_and_deliver()
        self.after_recommendation()
        if self.has(Step.FORMAL_CHECK):
            self.check()
        if self.has(Step.REVIEW):
            self.review()
        self.decide()
        if self.has(Step.PUBLICITY):
            self.publicity()
        if self.has(Step.ANNOUNCEMENT):
            self.announce()
        self.record(AFTER, self.selected)
        self.is_public()
        pulse()
        call_command("check_invariants", stdout=io.StringIO())


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def workbook(rows: list[tuple[str, ...]]) -> SimpleUploadedFile:
    book = Workbook()
    for row in (COLUMNS, *rows):
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return upload("units.xlsx", out.getvalue())
