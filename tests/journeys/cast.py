"""Who plays in a season: the office, a recommending unit, units that file, experts, a visitor."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from accounts.masterdata import COLUMNS
from calls import programme as programmes
from calls.programme import Programme, Step
from tests.journeys.player import Person

Act = Callable[[], object]


class Filing:
    """A unit that files, its administrator, and the address of its filing."""

    def __init__(self, number: int, kind: str, region: str) -> None:
        self.number, self.kind, self.region = number, kind, region
        self.unit = "示例甲乙丙丁戊己"[: 2 + number] + "研究有限公司"
        self.admin = Person(f"申报{number}示例", f"admin{number}@unit{number}.example.org")
        self.title = f"示例项目第{'零一二三四五六七八九'[number]}号"
        self.url = ""
        self.receipts: list[str] = []
        self.filled: set[str] = set()

    @property
    def public_id(self) -> str:
        return self.url.rstrip("/").rsplit("/", 1)[-1]


class Cast:
    """The people of one season and what is known of it. Stages are in the modules beside."""

    def __init__(self, code: str, *, filings: int = 0) -> None:
        self.programme: Programme = programmes.read(programmes.catalogue()[code])
        self.code = "journey"
        self.steps = self.programme.steps
        self.chief = Person("主管审批示例", "chief@office.example.org")
        self.clerk = Person("主管经办示例", "clerk@office.example.org")
        self.operator = Person("推荐经办示例", "operator@unit.example.org")
        self.approver = Person("推荐审批示例", "approver@unit.example.org")
        self.experts: list[Person] = []
        self.cosigners: list[Person] = []
        self.passes = True  # how the 验收 ends, where there is one
        self.visitor = Person()
        self.days: dict[str, date] = {}
        self.recommender = ""
        self.below = ""
        self.around: Callable[[str, Act], object] = lambda name, act: act()
        kind = str(self.programme.applicants.kinds[0])
        self._place_units()
        filings = filings or (3 if self.has(Step.RECOMMENDATION) else 2)
        self.filings = [Filing(n, kind, self.region) for n in range(1, filings + 1)]
        self.selected: list[Filing] = []
        self.told = False

    @property
    def prefix(self) -> str:
        """The call is a rehearsal, so its numbers are not those of the real one."""
        return f"{self.programme.number_prefix}-YL"

    @property
    def first(self) -> Filing:
        return self.filings[0]

    def has(self, step: Step) -> bool:
        return step in self.steps

    def act(self, name: str, act: Act) -> object:
        """A main act of the chain; a test may stand around it."""
        return self.around(name, act)


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def workbook(rows: list[tuple[str, ...]]) -> SimpleUploadedFile:
    book = Workbook()
    for row in (COLUMNS, *rows):
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return upload("units.xlsx", out.getvalue())
