"""审定 by signing, and the years after: plan, 任务书, report, change, extension, 验收, 认定."""

from __future__ import annotations

import re
from datetime import timedelta

from accounts import services as accounts
from accounts.models import Organisation
from accounts.roles import Role
from calls.models import Call
from calls.programme import Step
from fulfilment import terms
from fulfilment.models import Change, Report, Task
from tests import world
from tests.applications.filling import pdf
from tests.journeys.cast import Cast, Filing, upload
from tests.journeys.player import Person, draw, mailed_link


class Fulfilling(Cast):
    def deliberate(self, filings: list[Filing]) -> None:
        """审定: the meeting's list is signed by the organiser and by every office of the file."""
        rule = self.programme.approval
        assert rule is not None
        signers = [self.chief]
        typed: dict[str, object] = {
            "application": [one.public_id for one in filings],
            "minutes": "会议审议，同意立项。",
        }
        for n, name in enumerate(rule.cosigners):
            unit = Organisation.objects.create(
                kind="office", name=f"示例{name}", region="430100", created_at=world.AT
            )
            person = Person(f"会签{n}示例", f"cosigner{n}@office.example.org")
            accounts.invite(
                organisation=unit,
                role=Role.OFFICE_APPROVER,
                email=person.email,
                name=person.name,
                actor=world.SYSTEM,
                at=world.AT,
            )
            person.activate(mailed_link(person.email))
            signers.append(person)
            self.cosigners.append(person)
            typed[f"office-{n}"] = unit.pk
        clerk = self.clerk
        clerk.open(f"/fulfilment/calls/{self.code}/approval/")
        typed["held_on"] = self._today().isoformat()
        clerk.press("发起会签", typed).says("待会签")
        here = clerk.page.url
        for person in signers:
            person.open(here)
            person.press("同意", {"note": "无异议"}).says("已签署")

    def dispatch(self, filings: list[Filing]) -> None:
        """行文下达: drafted by the operator, issued by every office, in the unit's hands."""
        rule = self.programme.dispatch
        assert rule is not None
        self.clerk.open(f"/fulfilment/calls/{self.code}/dispatch/")
        self.clerk.press("提交签发", {"mark": "示科发", "text": "请于十日内办理签订手续。"}).says(
            "待签发"
        )
        here = self.clerk.page.url
        assert self.programme.approval is not None
        by_name = dict(zip(self.programme.approval.cosigners, self.cosigners, strict=True))
        for person in (self.chief, *(by_name[name] for name in rule.jointly)):
            person.open(here)
            person.press("签发").says("已签发")
        self.clerk.open(here).says("已下达", "示科发〔", "〕1号")
        draw()
        admin = filings[0].admin
        admin.open(f"/fulfilment/of/{filings[0].public_id}/")
        assert admin.download(admin.page.link("示科发〔")).startswith(b"%PDF")

    def _today(self):
        return terms.day_of(Call.objects.get(code=self.code).time(world.AT))

    def fulfil(self, filing: Filing) -> None:
        """From the plan to the last thing the programme asks of the unit itself."""
        task = Task.objects.get(application__public_id=filing.public_id)
        here = f"/fulfilment/tasks/{task.public_id}/"
        if task.due_on is None:
            self._set_term(task)
            task.refresh_from_db()
        self._plan(filing, task, here)
        if self.has(Step.CONTRACT):
            for person in (filing.admin, self.chief):
                person.open(here)
                person.press("签署任务书").says("已签署任务书")
        self._report(filing, here)
        self._change(filing, here)
        self._extend(filing, task, here)
        if self.has(Step.ACCEPTANCE):
            self._accept(filing, task, here)
        elif self.has(Step.TESTING):
            self._finish(filing, task)

    def _set_term(self, task: Task) -> None:
        self.chief.open(f"/fulfilment/calls/{self.code}/term/")
        day = terms.months_after(task.starts_on, 24)
        self.chief.press("确定期限", {"due_on": day.isoformat(), "basis": "示例文号〔2018〕1号"})
        self.chief.page.says("已确定1项任务的期限")

    def _plan(self, filing: Filing, task: Task, here: str) -> None:
        admin = filing.admin
        admin.open(f"{here}plan/")
        form, _ = admin.page.button("提交计划")
        end = min(terms.months_after(task.starts_on, 10), task.due_on - timedelta(days=20))
        typed: dict[str, object] = {
            "finish_on": end.isoformat(),
            "title-0": "完成样机",
            "due-0": terms.months_after(task.starts_on, 5).isoformat(),
            "deliverable-0": "样机和检测报告",
            **{name: "ge" for name in form.names() if name.startswith("op-")},
        }
        admin.press("提交计划", typed).says("实施计划已提交")
        self.clerk.open(f"{here}plan/1/")
        self.clerk.press("接受计划").says("计划已接受")
        task.refresh_from_db()
        assert task.due_on == end

    def _write(self, filing: Filing, report: Report) -> None:
        admin = filing.admin
        admin.open(f"/fulfilment/reports/{report.public_id}/")
        form, _ = admin.page.button(f"提交{report.title}")
        typed: dict[str, object] = {"progress": "按计划推进，样机完成。", "next": "继续试制。"}
        typed |= {
            name: "99" if not form.named(name)[0].options else form.named(name)[0].options[-1][0]
            for name in form.names()
            if name.startswith("value-")
        }
        admin.press(f"提交{report.title}", typed).says("已提交")
        self.clerk.open(f"/fulfilment/reports/{report.public_id}/1/")
        self.clerk.press("接受报告").says("已接受")

    def _report(self, filing: Filing, here: str) -> None:
        report = Report.objects.filter(
            task__application__public_id=filing.public_id, kind="periodic", number=1
        ).first()
        if report is None:  # the programme states no interval: the office asks
            self.clerk.open(f"{here}ask/")
            day = self._today() + timedelta(days=30)
            self.clerk.press("要求报告", {"due_on": day.isoformat(), "ask": "请报告进展情况"})
            report = Report.objects.get(task__application__public_id=filing.public_id, kind="asked")
        self._write(filing, report)

    def _ask(self, filing: Filing, here: str, typed: dict[str, object], status: int = 200) -> None:
        filing.admin.open(f"{here}changes/new/")
        filing.admin.press("申请变更", typed, status=status)

    def _decide(self, filing: Filing) -> None:
        change = Change.objects.get(task__application__public_id=filing.public_id, state="asked")
        url = f"/fulfilment/changes/{change.public_id}/"
        self.clerk.open(url)
        self.clerk.press("审核：拟同意", {"note": "情况属实"}).says("已提出审核意见")
        self.chief.open(url)
        self.chief.press("批准，即时生效").says("变更已批准")

    def _change(self, filing: Filing, here: str) -> None:
        typed = {"kind": "lead", "after": "新负责示例", "reason": "原负责人退休，由副职接任。"}
        self._ask(filing, here, typed)
        self._decide(filing)
        filing.admin.open(here).says("新负责示例")

    def _extend(self, filing: Filing, task: Task, here: str) -> None:
        task.refresh_from_db()
        reason = "关键器件到货推迟，需要延长测试时间。"
        if task.limit_on is not None:
            beyond = (task.limit_on + timedelta(days=1)).isoformat()
            self._ask(filing, here, {"kind": "term", "after": beyond, "reason": reason}, 422)
            filing.admin.page.says("任务期限最长到")
        later = terms.months_after(task.starts_on, 11)
        later = min(later, task.limit_on or later)
        self._ask(filing, here, {"kind": "term", "after": later.isoformat(), "reason": reason})
        self._decide(filing)
        task.refresh_from_db()
        assert task.due_on == later

    def _finish(self, filing: Filing, task: Task) -> None:
        """The last report with its evidence: with its acceptance the work is done."""
        final = task.reports.get(kind="final")
        filing.admin.open(f"/fulfilment/reports/{final.public_id}/")
        filing.admin.press("上传", {"file": upload("检测报告.pdf", pdf(1, mark="final"))})
        self._write(filing, final)

    def _accept(self, filing: Filing, task: Task, here: str) -> None:
        """验收 asked for early, held; only 合格 is recognised."""
        self._finish(filing, task)
        self.clerk.open(f"{here}acceptance/")
        self.clerk.press(
            "登记验收",
            {
                "held_on": self._today().isoformat(),
                "place": "现场验收会",
                "experts": "专家甲 示例研究院\n专家乙 示例大学",
                "opinion": "对照任务书逐项核对，形成验收结论。",
                "result": "pass" if self.passes else "fail",
            },
        ).says("验收已登记")
        self.chief.open(here)
        assert not re.search("认定通知", self.chief.page.text)
        self.chief.press("确认结论").says("验收结论已确认")
        filing.admin.open(here).says("合格" if self.passes else "不合格")
        if not self.passes:
            assert not self.chief.open(here).has_button("认定")
            Person().open("/fulfilment/recognised/")
            return
        if self.has(Step.AWARD):
            self.chief.open(here)
            self.chief.press("认定", {"number": "示例科发〔2022〕1号"}).says("已认定")
            Person().open("/fulfilment/recognised/").says("有效")
