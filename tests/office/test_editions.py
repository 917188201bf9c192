"""A call from a file in the browser: looked over, made, changed by versions; two people open it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from calls import changes, editions, services, versions
from calls import programme as programmes
from calls.models import Call, CallChange, Opening, RulesVersion
from core.errors import Refusal
from tests import world
from tests.calls.damaged import DAMAGED
from tests.calls.test_programme_faults import SMALL
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(enter):
    return enter("office")


def make(office, **data):
    return office.post(
        reverse("office:call_new"), {"code": "made-here", "title": "", "act": "make", **data}
    )


@pytest.fixture
def draft(cast):
    """A call in preparation, its rules put forward by the operator."""
    return services.create(
        programmes.read_text(SMALL, name="small.toml"),
        code="draft",
        source=versions.Source("upload", "small.toml", SMALL),
        actor=cast.actor("office"),
        at=AT,
    )


def test_a_preview_shows_the_programme_and_makes_nothing(office):
    response = make(office, text=SMALL, act="preview")
    text = response.content.decode()
    assert response.status_code == 200
    assert "尚未建立" in text and "未核实或来源未说明" in text and "推荐名额与名单上限" in text
    assert not Call.objects.filter(code="made-here").exists()


def test_a_pasted_file_is_kept_with_its_hash_and_who_brought_it(office, cast):
    assert make(office, text=SMALL).status_code == 302
    version = RulesVersion.objects.get(call__code="made-here")
    assert (version.number, version.origin, version.text) == (1, "paste", SMALL)
    assert version.sha256 == versions.Source("paste", "", SMALL).digest
    assert version.made_by == cast.people["office"]
    page = office.get(reverse("office:call_version_file", args=["made-here", 1]))
    assert page.content.decode() == SMALL


def test_an_uploaded_file_with_a_fault_comes_back_as_text_to_be_mended(office):
    wrong = SMALL.replace("limit = 5", "limit = 0")
    upload = SimpleUploadedFile("我的方案.toml", wrong.encode())
    response = make(office, file=upload)
    text = response.content.decode()
    line = 1 + wrong[: wrong.index("limit = 0")].count("\n")
    assert response.status_code == 422
    assert "数值不能小于 1" in text and "quota.0.limit" in text and f">{line}<" in text
    assert "limit = 0" in text, "what was uploaded is lost"
    assert not Call.objects.filter(code="made-here").exists()


@pytest.mark.parametrize("name", sorted(DAMAGED))
def test_no_damaged_file_breaks_the_page(office, name):
    for act in ("preview", "make"):
        response = make(office, text=DAMAGED[name], act=act)
        assert response.status_code == 422, name
    assert not Call.objects.filter(code="made-here").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00\x01",
        "代号".encode("gbk"),
        b"PK\x03\x04" * 20,
        b"\0" * 50,
        b"x" * 1_100_000,
    ],
    ids=["empty", "binary", "gbk", "zip", "nul", "large"],
)
def test_an_upload_that_is_no_text_is_refused_in_words(office, data):
    response = make(office, file=SimpleUploadedFile("x.toml", data))
    assert response.status_code == 422
    assert "处需要修改" in response.content.decode()


def test_a_shipped_file_can_be_taken_to_be_edited(office):
    text = office.get(
        reverse("office:call_new") + "?programme=2021-jiebang&edit=1"
    ).content.decode()
    assert "number_prefix" in text


def test_a_new_version_shows_its_differences_before_it_is_kept(office, draft):
    changed = SMALL.replace("limit = 5", "limit = 7")
    url = reverse("office:call_rules", args=["draft"])
    text = office.post(url, {"text": changed, "act": "preview"}).content.decode()
    assert "尚未保存" in text and "quota" in text and ">5<" in text and ">7<" in text
    assert draft.rules_versions.count() == 1
    assert office.post(url, {"text": changed, "act": "keep", "note": "名额"}).status_code == 302
    draft = Call.objects.get(pk=draft.pk)
    assert draft.programme.quota[0].limit == 7
    assert draft.rules_versions.first().number == 2
    page = office.get(reverse("office:call_version", args=["draft", 2])).content.decode()
    assert ">5<" in page and ">7<" in page and "名额" in page
    assert "quota[" in str(Entry.objects.get(action="calls.change_rules").data)


def test_a_faulty_version_keeps_the_text_and_changes_nothing(office, draft):
    url = reverse("office:call_rules", args=["draft"])
    response = office.post(url, {"text": SMALL + "\nzzz = 1", "act": "keep"})
    assert response.status_code == 422 and "zzz = 1" in response.content.decode()
    assert draft.rules_versions.count() == 1


def test_dates_that_nobody_set_follow_the_new_file_and_others_stay(cast, draft):
    actor = cast.actor("office")
    ours = programmes.closing(draft.programme.dates.recommendation_until).replace(day=20)
    services.set_dates(draft, actor=actor, at=AT, dates={"recommendation_until": ours})
    text = SMALL.replace("2030-02-01", "2030-02-05").replace("2030-03-01", "2030-03-02")
    source = versions.Source("paste", "x", text)
    editions.change_rules(
        draft, programmes.read_text(text, name="x"), source=source, actor=actor, at=AT
    )
    draft = Call.objects.get(pk=draft.pk)
    assert draft.filing_until == programmes.closing(draft.programme.dates.filing_until)
    assert draft.recommendation_until == ours


def test_who_brought_the_newest_rules_cannot_open_the_call(cast, draft):
    changed = programmes.read_text(SMALL.replace("limit = 5", "limit = 6"), name="x")
    source = versions.Source("paste", "x", "x")
    editions.change_rules(draft, changed, source=source, actor=cast.actor("chief"), at=AT)
    with pytest.raises(Refusal, match="由另一人开放") as caught:
        services.open_call(draft, actor=cast.actor("chief"), at=AT)
    assert caught.value.code == "two-people"
    opened = services.open_call(draft, actor=cast.actor("office"), at=AT)
    assert opened.opening.approved_by != opened.opening.proposed_by
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.filter(call=opened).update(approved_by=opened.opening.proposed_by)


def test_the_rules_of_a_call_that_opened_do_not_change(enter, cast, draft):
    services.open_call(draft, actor=cast.actor("chief"), at=AT)
    before = Call.objects.get(pk=draft.pk).rules
    response = enter("office").post(
        reverse("office:call_rules", args=["draft"]),
        {"text": SMALL.replace("limit = 5", "limit = 9"), "act": "keep"},
    )
    assert response.status_code == 422
    assert "规则已锁定" in response.content.decode()
    assert Call.objects.get(pk=draft.pk).rules == before


def test_dates_of_an_open_call_change_by_two_people(enter, cast):
    call = cast.call
    before = call.filing_until
    days = {
        name: services.day_of(getattr(call, name), starts=name == "filing_from").isoformat()
        for name in services.DATES
        if getattr(call, name)
    }
    days["filing_until"] = (services.day_of(before) + world.timedelta(days=2)).isoformat()
    url = reverse("office:call_dates", args=[call.code])
    office, chief = enter("office"), enter("chief")
    assert office.post(url, days).status_code == 422, "a reason is asked for"
    assert office.post(url, {**days, "reason": "系统维护顺延两天"}).status_code == 302
    assert Call.objects.get(pk=call.pk).filing_until == before
    change = CallChange.objects.get()
    decide = reverse("office:call_change_decide", args=[call.code, change.pk])
    assert office.post(decide, {"approve": "yes"}).status_code == 403
    page = chief.get(reverse("office:call", args=[call.code])).content.decode()
    assert "系统维护顺延两天" in page and "改为" in page
    assert chief.post(decide, {"approve": "yes"}).status_code == 302
    after = Call.objects.get(pk=call.pk).filing_until
    assert services.day_of(after).isoformat() == days["filing_until"]


def test_the_proposer_cannot_approve_and_a_change_overtaken_is_not_applied(cast):
    call, chief = cast.call, cast.actor("chief")
    later = call.filing_until + world.timedelta(days=1)
    change = changes.propose_dates(
        call, dates={"filing_until": later}, reason="系统维护顺延", actor=chief, at=AT
    )
    with pytest.raises(Refusal, match="另一人"):
        changes.decide(change, approve=True, actor=chief, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        CallChange.objects.filter(pk=change.pk).update(
            state="approved", approved_by=change.proposed_by
        )
    services.set_dates(
        call,
        actor=chief,
        at=AT,
        dates={"filing_until": call.filing_until - world.timedelta(days=1)},
    )
    with pytest.raises(Refusal, match="已被改动"):
        changes.decide(change, approve=True, actor=cast.actor("office"), at=AT)
    change.refresh_from_db()
    assert change.state == "proposed"
    changes.decide(change, approve=False, actor=cast.actor("office"), at=AT)


def test_what_fails_half_way_leaves_nothing(cast, draft, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("half way")

    monkeypatch.setattr("audit.services.record", broken)
    changed = programmes.read_text(SMALL.replace("limit = 5", "limit = 6"), name="x")
    source = versions.Source("paste", "x", "x")
    with pytest.raises(RuntimeError):
        editions.change_rules(draft, changed, source=source, actor=cast.actor("office"), at=AT)
    later = {"filing_until": cast.call.filing_until + world.timedelta(days=1)}
    with pytest.raises(RuntimeError):
        changes.propose_dates(
            cast.call, dates=later, reason="系统维护顺延", actor=cast.actor("office"), at=AT
        )
    assert draft.rules_versions.count() == 1
    assert Call.objects.get(pk=draft.pk).programme.quota[0].limit == 5
    assert not CallChange.objects.exists()
