"""Plays a call through the services, from opening to the public list, and writes down dead ends.

Only ever in a sandbox: it makes units, people and filings, and moves the call's clock.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from applications.models import Application
from applications.workflow import Status
from calls import services as calls
from calls.models import Call
from calls.programme import STEP_TITLES, Programme, Step
from core.errors import Refusal
from documents import services as documents
from documents.models import Document
from notifications.models import Message
from office.rehearsal import deciding, filing, people, recommending
from office.rehearsal.report import SKIPPED, Report, StepDone

MOST_FILINGS = 12
LEAST_FILINGS = 3
PLAYED = frozenset(
    {
        Step.FILING,
        Step.PRESELECTION,
        Step.RECOMMENDATION,
        Step.FORMAL_CHECK,
        Step.REVIEW,
        Step.SITE_VISIT,
        Step.APPROVAL,
        Step.PUBLICITY,
        Step.ANNOUNCEMENT,
    }
)
"""Steps that are played; the others are named in the report as not played."""

Tell = Callable[[int, int, str], None]


class Player:
    """One rehearsal. ``tell`` hears how far it is and may raise to end it."""

    def __init__(
        self,
        programme: Programme,
        dates: dict[str, datetime | None],
        report: Report,
        *,
        at: datetime,
        tell: Tell,
    ) -> None:
        self.programme, self.dates, self.report, self.tell = programme, dates, report, tell
        self.at = at
        self.call: Call | None = None
        self.plan = [
            ("opening", "开放", self._open),
            ("filing", self._title(Step.FILING), self._file),
            ("deadline", "申报截止", self._deadline),
            ("preselection", self._title(Step.PRESELECTION), self._preselect),
            ("recommendation", self._title(Step.RECOMMENDATION), self._recommend),
            ("formal_check", self._title(Step.FORMAL_CHECK), self._check),
            ("review", self._title(Step.REVIEW), self._review),
            ("decision", "审定", self._decide),
            ("publicity", self._title(Step.PUBLICITY), self._publicise),
            ("announcement", self._title(Step.ANNOUNCEMENT), self._announce),
            ("documents", "文书", self._draw),
            ("letters", "信件", self._letters),
        ]
        self.plan = [
            one for one in self.plan if one[0] not in list(Step) or self.programme.has(one[0])
        ]

    def _title(self, step: Step) -> str:
        return self.programme.step_title(step)

    def play(self) -> Report:
        """Every step in its order; a step that cannot go on ends the play, the rest is told."""
        many = max(LEAST_FILINGS, len(self.programme.recommender_kinds) * 2)
        many = max(many, len(self.programme.directions))
        self.house = people.build(self.programme, many=min(many, MOST_FILINGS), at=self.at)
        stopped = False
        for number, (key, title, act) in enumerate(self.plan):
            self.tell(number, len(self.plan), title)
            done = StepDone(key, title)
            self.report.steps.append(done)
            if stopped and key not in ("documents", "letters"):
                done.result, done.words = SKIPPED, ["前面的步骤走不通，这一步没有演练"]
                continue
            with self._timed(done):
                stopped = not act(done) or stopped
        self._name_unplayed()
        self.tell(len(self.plan), len(self.plan), "完成")
        return self.report

    @contextmanager
    def _timed(self, done: StepDone) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        except Refusal as refusal:
            self.report.dead_end(done.key, refusal.message, "按提示改正后重新演练")
        done.seconds = round(time.monotonic() - begun, 2)
        if self.call is not None:
            done.at = self._call().time(self.at).isoformat()

    def _name_unplayed(self) -> None:
        for step in self.programme.steps:
            if step not in PLAYED:
                said = ["这一步在系统里另行办理，没有演练"]
                title = self.programme.step_titles.get(step, STEP_TITLES[step])
                self.report.steps.append(StepDone(str(step), title, SKIPPED, said))

    def _call(self) -> Call:
        assert self.call is not None
        return Call.objects.get(pk=self.call.pk)

    def _clock(self, to: datetime) -> None:
        calls.move_clock(self._call(), to=to, actor=self.house.operator, at=self.at)

    # Steps ------------------------------------------------------------------------------------

    def _open(self, done: StepDone) -> bool:
        dates = filing.completed(self.programme, self.dates, at=self.at)
        self.dates = dates
        start = dates["filing_from"]
        assert start is not None
        try:
            self.call = calls.create(
                self.programme,
                code="rehearsal",
                rehearsal=True,
                clock_offset=start + timedelta(hours=1) - self.at,
                actor=self.house.operator,
                at=self.at,
                **dates,  # type: ignore[arg-type]
            )
            self.call = calls.open_call(self.call, actor=self.house.approver, at=self.at)
        except Refusal as refusal:
            self.report.dead_end(done.key, refusal.message, "在批次页面改正期限或方案文件")
            return False
        directions = self.call.directions.count()
        done.words.append(f"开放成功，{directions} 个方向")
        return True

    def _file(self, done: StepDone) -> bool:
        filed = filing.file_all(self._call(), self.house, self.report, done, at=self.at)
        self.report.counts["filings"] = filed
        if not filed:
            self.report.dead_end(done.key, "没有一项试填的申报能够提交", "先改正上面的问题")
        return filed > 0

    def _deadline(self, done: StepDone) -> bool:
        draft = filing.late_draft(self._call(), self.house, at=self.at)
        until = self.dates["filing_until"]
        assert until is not None
        self._clock(until + timedelta(hours=1))
        filing.sweep(self.at)
        if draft is not None and filing.may_still_submit(draft, self.house, at=self.at):
            self.report.dead_end(done.key, "截止之后还能提交", "请与技术支持联系", who="主管部门")
        done.words.append("截止后提交被拒绝")
        return True

    def _preselect(self, done: StepDone) -> bool:
        return recommending.forward_all(self._call(), self.report, done, at=self.at)

    def _recommend(self, done: StepDone) -> bool:
        return recommending.recommend_all(self._call(), self.house, self.report, done, at=self.at)

    def _waiting(self) -> list[Application]:
        status = Status.RECOMMENDED if self.programme.has(Step.RECOMMENDATION) else Status.SUBMITTED
        return list(Application.objects.filter(call=self.call, status=status).order_by("pk"))

    def _after(self, name: str) -> None:
        """The clock stands after a date, where the call has it."""
        until = self.dates.get(name)
        if until is not None and until > self._call().time(self.at):
            self._clock(until + timedelta(hours=1))
            filing.sweep(self.at)

    def _check(self, done: StepDone) -> bool:
        self._after("recommendation_until")
        return deciding.check_all(self._waiting(), self.house, done, at=self.at)

    def _review(self, done: StepDone) -> bool:
        self._after("recommendation_until")
        return deciding.review_all(self._call(), self.house, self.report, done, at=self.at)

    def _decide(self, done: StepDone) -> bool:
        self._after("recommendation_until")
        return deciding.decide(self._call(), self.house, self.report, done, at=self.at)

    def _publicise(self, done: StepDone) -> bool:
        ends = deciding.publicise(self._call(), self.house, done, at=self.at)
        if ends is not None:
            self._clock(ends + timedelta(hours=1))
            deciding.sweep(self.at)
        return True

    def _announce(self, done: StepDone) -> bool:
        return deciding.announce(self._call(), self.house, done, at=self.at)

    def _draw(self, done: StepDone) -> bool:
        """One document of each kind is drawn; one that cannot be is a dead end."""
        waiting = Document.objects.filter(state=Document.State.WAITING)
        first = [waiting.filter(kind=kind).order_by("pk").first() for kind in _kinds()]
        keys = [one.pk for one in first if one is not None]
        waiting.exclude(pk__in=keys).update(not_before=self.at + timedelta(days=3650))
        for _ in range(len(keys) * 4):
            documents.render_waiting(at=self.at + timedelta(hours=2), limit=1)
        drawn = Document.objects.filter(state=Document.State.READY)
        for one in Document.objects.filter(pk__in=keys).exclude(state=Document.State.READY):
            self.report.dead_end(
                done.key, f"{one.title}不能生成：{one.last_error[:200]}", "请与技术支持联系"
            )
        self.report.counts["documents"] = drawn.count()
        done.words.append(f"每种生成一份，共 {drawn.count()} 份")
        return True

    def _letters(self, done: StepDone) -> bool:
        """Which letters would go, each subject with its number. None is sent."""
        subjects = Message.objects.order_by("pk").values_list("subject", flat=True)
        found = Counter(subject.partition("：")[0].partition("《")[0] for subject in subjects)
        self.report.letters = dict(found.most_common())
        done.words.append(f"共 {sum(found.values())} 封，一封也没有发出")
        return True


def _kinds() -> list[str]:
    found = Document.objects.filter(state=Document.State.WAITING)
    return list(found.order_by().values_list("kind", flat=True).distinct())
