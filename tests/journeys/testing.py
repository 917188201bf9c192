"""After the task: an agency tests the unit's indicators, the report comes back sealed, a retest."""

from __future__ import annotations

from datetime import timedelta

from calls.programme import Step
from fulfilment.models import Task
from tests.journeys.cast import Cast, Filing, upload
from tests.journeys.player import Person, draw, mailed_link
from tests.world import AT


class Testing(Cast):
    """Played where the programme has the step ``testing``."""

    def test(self) -> None:
        """Agencies are registered; the first tests, the unit disputes, the second tests again."""
        winner = self.selected[0]
        task = Task.objects.get(application__public_id=winner.public_id)
        assert task.state == "ready", "its last report is accepted"
        agencies = [self._agency(n) for n in (1, 2)]
        self._commission(winner, "示例测评中心1")
        low = self._measure(winner, agencies[0], share="0.5")
        self._release(winner)
        winner.admin.open("/testing/results/")
        seen = winner.admin.page.text
        low = low and "未达到" in seen  # an indicator that is no figure does not fall short here
        winner.admin.follow("未达到" if low else "全部达到")
        form, _ = winner.admin.page.button("提出异议")
        first = form.named("keys")[0].value
        winner.admin.press(
            "提出异议", {"keys": [first], "reason": "测试所用样品不是申报的版本，结果偏低。"}
        ).says("已提出异议")
        self._rule(winner, "示例测评中心2")
        self._measure(winner, agencies[1], share="1")
        self._release(winner)
        winner.admin.open("/testing/results/")
        winner.admin.page.says("全部达到", "未达到" if low else "全部达到")
        self.visitor.open("/lists/")
        assert "测评" not in self.visitor.page.text

    def _agency(self, n: int) -> list[Person]:
        """Two people each, by activation links."""
        name = f"示例测评中心{n}"
        self.clerk.open("/testing/office/agencies/add/")
        people = [Person(f"测评{n}{k}示例", f"tester{n}{k}@agency.example.org") for k in (1, 2)]
        self.clerk.press(
            "登记机构",
            {
                "name": name,
                "accreditation": f"示例编号{n}",
                "contact": people[0].name,
                "email": people[0].email,
            },
        ).says("已登记")
        self.clerk.press("发出激活链接", {"name": people[1].name, "email": people[1].email}).says(
            "激活链接"
        )
        for person in people:
            person.activate(mailed_link(person.email))
        return people

    def _commission(self, winner: Filing, agency: str) -> None:
        """Proposed by one, approved by the other."""
        board = f"/testing/office/calls/{self.code}/"
        self.clerk.open(f"{board}propose/")
        form, _ = self.clerk.page.button("预览")
        key = next(o for o in form.named("agency")[0].options if o[1].startswith(agency))[0]
        self.clerk.press("预览", {"agency": key, "due_on": self._day(60)}).says("未发现")
        self.clerk.press_named("act", "propose", {}).says("等待另一人批准")
        self.chief.open(board)
        self.chief.follow(winner.title)
        self.chief.press("批准委托").says("已批准1项委托")

    def _measure(self, winner: Filing, people: list[Person], *, share: str) -> bool:
        """Accepted, the sample handed over, measured, approved, printed, sealed, sent back."""
        writer, reader = people
        writer.open("/testing/")
        writer.follow(winner.title)
        item = writer.page.url
        writer.press("无利益关系，接受委托").says("已接受委托")
        task = Task.objects.get(application__public_id=winner.public_id)
        winner.admin.open(f"/testing/tasks/{task.public_id}/")
        winner.admin.press("申报样品", {"sample_name": "示例样品", "sample_version": "V1.0"}).says(
            "样品已申报"
        )
        writer.open(item)
        writer.press("登记接收样品", {"received_on": self._day(0)}).says("样品已登记接收")
        writer.open(item)
        form, _ = writer.page.button("提交批准")
        typed: dict[str, object] = {
            "basis": "示例规程",
            "environment": "示例实验室",
            "tested_from": self._day(0),
            "tested_until": self._day(0),
        }
        for name in form.names():
            if name.endswith("-measured"):
                typed[name] = self._value(task, name, share)
            elif name.endswith("-method"):
                typed[name] = "按示例规程测量"
            elif name.endswith("-sample_size"):
                typed[name] = "3"
        writer.press("提交批准", typed).says("等待本机构另一位测评人员批准")
        reader.open(item)
        reader.press("批准并生成报告").says("已批准并冻结")
        draw()
        paper = reader.download(f"{item}report/")
        reader.open(f"{item}scan/")
        reader.press("上传并逐页比对", {"pages": upload("盖章报告.pdf", paper)}).says("逐页相符")
        return share != "1"

    def _value(self, task: Task, name: str, share: str) -> str:
        from decimal import Decimal

        from calls import measures
        from testing.models import ResultRow

        target = ResultRow.objects.get(pk=int(name[1:].partition("-")[0])).target
        try:
            goal = measures.read(target.target, target.unit).value
        except measures.Unmeasurable:
            return target.target or "是"  # a level or a word is met in every round
        worse = goal / Decimal(share) if target.operator == "le" else goal * Decimal(share)
        return measures.plain(worse)

    def _release(self, winner: Filing) -> None:
        board = f"/testing/office/calls/{self.code}/"
        self.chief.open(f"{board}?state=sealed")
        self.chief.follow(winner.title)
        self.chief.press("发布测评结果").says("已发布1项测评结果")

    def _rule(self, winner: Filing, agency: str) -> None:
        """The operator proposes a retest by the other agency, the approver agrees."""
        self.clerk.open(f"/testing/office/calls/{self.code}/disputes/")
        self.clerk.follow(winner.title)
        here = self.clerk.page.url
        form, _ = self.clerk.page.button("提交拟处理意见")
        key = next(o for o in form.named("agency")[0].options if o[1].startswith(agency))[0]
        self.clerk.press(
            "提交拟处理意见",
            {
                "ruling": "retest",
                "agency": key,
                "due_on": self._day(90),
                "finding": "同意由另一机构复测有异议的指标",
            },
        ).says("处理意见已拟定")
        self.chief.open(here)
        self.chief.press("批准并生效").says("处理意见已生效")

    def _day(self, days: int) -> str:
        """A day of the call's own time."""
        from calls.models import Call

        now = Call.objects.get(code=self.code).time(AT)
        return (now + timedelta(days=days)).date().isoformat()

    @property
    def is_tested(self) -> bool:
        return self.has(Step.TESTING)
