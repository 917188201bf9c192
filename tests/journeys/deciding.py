"""The office's part: formal check, review, recorded steps, decision, publicity, announcement."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from calls.programme import Step
from tests.journeys.cast import Filing
from tests.journeys.fulfilling import Fulfilling
from tests.journeys.pages import NotOnPage
from tests.journeys.player import Person, draw, mailed_link, pulse, stamp

RECORDED = (Step.SITE_VISIT, Step.APPROVAL)
OPINION = "技术路线清楚，数据充分，第{}位专家认为可信，建议支持。"


class Deciding(Fulfilling):
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
                    typed[control.name] = OPINION.format(n + 1)
            expert.press("保存并下一份", typed).says("已提交")

    def record(self, steps: tuple[Step, ...], filings: list[Filing]) -> None:
        """Steps without a machinery of their own are recorded, in their order."""
        for step in self.steps:
            if step not in steps or step not in RECORDED:
                continue
            if step == Step.APPROVAL and self.programme.approval is not None:
                self.deliberate(filings)
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
        self.record(RECORDED, self.in_hand())
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
        self.chief.open(f"/outcomes/calls/{self.code}/letters/").says(winner.title, "不能先于名单")
        assert "入围" not in winner.admin.open("/applications/").text

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
        address = chief.page.link("公开页面")
        if not self.told:
            self.told = True
            self.first.admin.open("/applications/").says("入围")
            chief.open(f"/outcomes/calls/{self.code}/letters/").says(self.first.title)
            chief.press("放行", to="/letters/release/").says("已放行")
        return address

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

    def award(self) -> None:
        """优胜: staged, applied by another, announced; the register and the library follow."""
        clerk, chief, board = self.clerk, self.chief, f"/honours/calls/{self.code}/award/"
        tier = self.programme.tiers_of("award")[0]
        clerk.open(self._place(board, self.first))
        typed: dict[str, object] = {"application": [self.first.public_id], "reason": "成效突出"}
        form, _ = clerk.page.button(f"拟定为{tier.title}")
        if "exception" in form.names():
            clerk.press(f"拟定为{tier.title}", typed, status=422)
            clerk.open(self._place(board, self.first))
            typed["exception"] = "测评报告尚在送达途中，专家组一致认定"
        clerk.press(f"拟定为{tier.title}", typed).says("已拟定授予1项")
        chief.open(f"{board}review/")
        form, _ = chief.page.button("一并生效")
        vacant = {"vacancies": "yes"} if "vacancies" in form.names() else {}
        chief.press("一并生效", vacant).says("已一并生效")
        clerk.open(f"/outcomes/calls/{self.code}/publications/new/award/")
        clerk.press("保存并预览", {}).says("尚未发布")
        chief.open(clerk.page.url)
        chief.press("发布", to="/publish/").says("已发布")
        clerk.open("/honours/winners/").says(self.first.title, self.first.unit)
        self.visitor.open("/library/").says(self.first.title, tier.title)
        if self.programme.document("certificate"):
            self.first.admin.open("/honours/certificates/").says(self.first.title, "有效")

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
