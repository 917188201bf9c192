"""From registration to 优胜, and into the next round: what won may not be filed again."""

from __future__ import annotations

from datetime import date

import pytest

from calls import numbering
from calls import programme as programmes
from calls.models import Winner
from calls.programme import Step
from tests.journeys.cast import Filing
from tests.journeys.journey import Journey
from tests.journeys.pages import NotOnPage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
CODE = next(
    code
    for code, path in sorted(programmes.catalogue().items())
    if (spec := programmes.read(path)).applicants.exclude_winners and Step.AWARD in spec.steps
)
NEXT = "next-round"


def next_year(journey: Journey) -> None:
    """The office clones the call a year on; another person opens it."""
    journey.clerk.open(f"/office/calls/{journey.code}/clone/")
    journey.clerk.press(
        "复制批次",
        {"code": NEXT, "title": "下一轮揭榜", "years": "1", "days": "0", "rehearsal": "on"},
    ).says("批次已复制")
    journey.code = NEXT
    prefix = numbering.moved(journey.programme.number_prefix, 1)
    journey.programme = journey.programme.model_copy(update={"number_prefix": prefix})
    form, _ = journey.clerk.page.button("保存期限")
    journey.days = {
        name: date.fromisoformat(form.value(name))
        for name in ("filing_from", "filing_until", "recommendation_until")
    }
    journey.clock("filing_from", days=1)
    journey.chief.open(f"/office/calls/{NEXT}/")
    journey.chief.press("开放本批次").says("规则从此锁定")


def test_a_project_that_won_is_refused_in_the_next_round_with_the_clause_and_another_is_not():
    journey = Journey(CODE)
    journey.play()
    before = journey.first
    assert Winner.objects.get().title == before.title
    next_year(journey)
    again = Filing(1, before.kind, before.region)
    again.admin, again.unit, again.title = before.admin, before.unit, before.title
    person = again.admin
    words = (
        f"《{before.title}》",
        "优胜项目，同一项目不得重复申报",
        "请改报其他项目",
        journey.programme.applicants.sources["exclude_winners"],
    )
    with pytest.raises(NotOnPage, match="422"):
        journey.start(again)
    person.page.says(*words)
    again.title = "示例另一项目"
    journey.file(again)
    person.open(f"{again.url}basics/")
    person.press("保存基本信息", {"title": before.title}, status=422).says(*words)
    journey.submit(again)
    person.open(again.receipts[-1]).says(f"{journey.prefix}-000001", again.title)
