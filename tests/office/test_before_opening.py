"""Before a call opens: the form looked over as an applicant, and the checklist that opens it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from calls import programme as programmes
from calls import services as calls
from calls.models import Call, Opening
from core.errors import Refusal
from office import checklist
from office.models import Rehearsal
from office.rehearsal import keeping
from tests.world import AT

pytestmark = pytest.mark.django_db
UNLIKE = Path(__file__).parents[1] / "data" / "programmes" / "unlike.toml"
WRITES = ("INSERT", "UPDATE", "DELETE")


def make(cast, programme="2021-jiebang", **more):
    spec = programmes.read(programmes.catalogue()[programme])
    return calls.create(spec, code="draft", actor=cast.actor("office"), at=AT, **more)


def with_dates(cast, **more):
    """A call whose dates lie ahead, so that only the rehearsal stands in its way."""
    call = make(cast, **more)
    ahead = {
        name: AT + timedelta(days=30 * number)
        for number, name in enumerate(calls.needed_dates(call.programme), 1)
        if name != "filing_from"
    }
    return calls.set_dates(call, dates=ahead, actor=cast.actor("office"), at=AT)


def passed(call, cast, *, state="passed", dead_ends=0):
    return Rehearsal.objects.create(
        call=call,
        state=state,
        asked_by=cast.people["office"],
        asked_by_name="经办",
        asked_at=AT,
        ended_at=AT,
        basis=keeping.standing(call),
        report={"dead_ends": [{}] * dead_ends},
    )


# The preview -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(programmes.catalogue()))
def test_every_part_of_every_programme_can_be_looked_at_and_nothing_is_written(cast, enter, code):
    """Task list and parts of each file: a banner on each, and no statement that writes."""
    call = make(cast, code)
    office = enter("office")
    office.get(reverse("office:calls"))
    before = {m._meta.label: m._default_manager.count() for m in apps.get_models()}
    addresses = [reverse("office:call_preview", args=["draft"])]
    addresses += [
        reverse("office:call_preview_part", args=["draft", one.key])
        for one in call.programme.sections
    ]
    for address in addresses:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = office.get(address)
        text = answer.content.decode()
        assert answer.status_code == 200, address
        assert "不会保存任何内容" in text
        assert not [q["sql"] for q in asked if q["sql"].lstrip().upper().startswith(WRITES)]
        body = text.split("<main")[1].split("</main>")[0]
        assert 'method="post"' not in body
    assert {m._meta.label: m._default_manager.count() for m in apps.get_models()} == before
    assert not Application.objects.filter(call=call).exists()


def test_a_preview_cannot_be_posted_to(cast, enter):
    call = make(cast)
    key = call.programme.sections[0].key
    office = enter("office")
    assert office.post(reverse("office:call_preview", args=["draft"])).status_code == 405
    address = reverse("office:call_preview_part", args=["draft", key])
    assert office.post(address, {"x": "y"}).status_code == 405
    assert (
        office.get(reverse("office:call_preview_part", args=["draft", "nothing"])).status_code
        == 404
    )


def test_the_fields_of_a_preview_are_shut(cast, enter):
    call = make(cast)
    text = enter("office").get(
        reverse("office:call_preview_part", args=["draft", call.programme.sections[0].key])
    )
    form = text.context["form"]
    assert form.fields and all(
        field.disabled or field.widget.attrs.get("readonly") for field in form.fields.values()
    )


def test_indicators_of_the_chosen_direction_stand_in_the_preview(cast, enter):
    call = make(cast, "2018-jiebang")
    section = next(
        part
        for part, field in call.programme.fields()
        if field.type == programmes.FieldType.INDICATORS
    )
    address = reverse("office:call_preview_part", args=["draft", section.key])
    office = enter("office")
    assert "三轴机械增稳云台精度" in office.get(address + "?direction=drone").content.decode()
    assert "三轴机械增稳云台精度" not in office.get(address).content.decode()


def test_parts_that_wait_for_an_answer_are_named_with_it(cast, enter):
    spec = programmes.read(UNLIKE)
    section = next(one for one in spec.sections if one.condition is not None)
    calls.create(spec, code="draft", actor=cast.actor("office"), at=AT)
    text = enter("office").get(reverse("office:call_preview", args=["draft"])).content.decode()
    assert section.title in text and "时出现" in text


# The checklist -----------------------------------------------------------------------------------


def states(call):
    return {line.title: (line.state, line.words) for line in checklist.lines(call, at=AT)}


def test_a_fresh_call_says_what_is_missing(cast):
    call = make(cast, "2018-jiebang")
    found = states(call)
    assert found["通知"][0] == "wait"
    assert found["期限"] == ("fix", "还没有填申报截止、推荐截止")
    assert found["推荐名额"] == ("done", "1 条规则，其中 1 条未限数量")
    assert found["方向与指标"] == ("done", "17 个方向")
    assert found["依据"][0] == "wait"
    assert found["演练"] == ("fix", "还没有演练过")


def test_directions_without_published_indicators_are_counted(cast):
    state, words = states(make(cast))["方向与指标"]
    assert state == "wait" and "没有参考指标" in words


def test_dates_that_fall_on_days_off_are_named(cast):
    call = make(cast, "2018-ronghe")
    state, words = states(call)["期限"]
    assert state == "wait" and "推荐截止是星期六" in words


def test_the_rehearsal_counts_while_it_is_fresh_and_passed(cast):
    call = make(cast)
    passed(call, cast, state="blocked", dead_ends=2)
    assert states(call)["演练"] == ("fix", "有 2 处走不通")
    passed(call, cast)
    assert states(call)["演练"][0] == "done" and checklist.was_rehearsed(call)
    later = programmes.closing(date(2021, 11, 12))
    calls.set_dates(call, dates={"filing_until": later}, actor=cast.actor("office"), at=AT)
    call.refresh_from_db()
    assert states(call)["演练"][0] == "fix" and not checklist.was_rehearsed(call)


def test_without_a_passed_rehearsal_a_call_opens_only_with_a_reason(cast, enter):
    call = with_dates(cast)
    chief = enter("chief")
    address = reverse("office:call_open", args=["draft"])
    page = chief.get(reverse("office:call", args=["draft"])).content.decode()
    assert "开放前核对" in page and "未走通演练即开放的理由" in page
    refused = chief.post(address)
    assert refused.status_code == 422 and "还没有走通过一次演练" in refused.content.decode()
    call.refresh_from_db()
    assert call.state == Call.State.PREPARING
    assert chief.post(address, {"reason": "上级要求今日开放"}).status_code == 302
    assert Opening.objects.get(call=call).reason == "上级要求今日开放"


def test_a_rehearsed_call_opens_without_a_reason_and_keeps_none(cast, enter):
    call = with_dates(cast)
    passed(call, cast)
    chief = enter("chief")
    page = chief.get(reverse("office:call", args=["draft"])).content.decode()
    assert "未走通演练即开放的理由" not in page
    chief.post(reverse("office:call_open", args=["draft"]), {"reason": "多余的理由"})
    call.refresh_from_db()
    assert call.state == Call.State.OPEN
    assert Opening.objects.get(call=call).reason == ""
    page = chief.get(reverse("office:call", args=["draft"])).content.decode()
    assert "开放前核对" not in page


def test_a_rehearsal_call_itself_needs_no_rehearsal(cast):
    call = with_dates(cast, rehearsal=True)
    checklist.open_call(call, reason="", actor=cast.actor("chief"), at=AT)
    call.refresh_from_db()
    assert call.state == Call.State.OPEN


def test_a_reason_does_not_stand_for_the_second_person(cast):
    call = make(cast)
    with pytest.raises(Refusal, match="由另一人开放"):
        checklist.open_call(call, reason="自己开放试试", actor=cast.actor("office"), at=AT)
