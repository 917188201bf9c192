"""The outbox's pages, and letters to many by two people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from office import mailing
from office.models import Mailing
from tests.office.test_cockpit import browser
from tests.recommenders import scene
from tests.world import AT

pytestmark = pytest.mark.django_db


def letter(n, *, cast=None, **more):
    fields = {
        "key": f"test:{n}",
        "email": f"a{n}@example.org",
        "kind": "answered",
        "subject": f"标题{n}",
        "body": f"正文{n}",
        "created_at": AT,
        "not_before": AT,
        **more,
    }
    return Message.objects.create(**fields)


def shown(client: Client, **query) -> set[str]:
    page = client.get(reverse("office:outbox"), query)
    return {one.subject for one in page.context["page"]}


def test_letters_are_found_by_state_kind_call_recipient_and_day(cast):
    letter(1, state="failed")
    letter(2, kind="mailing", about=f"calls.call:{cast.call.pk}")
    letter(3, user=cast.people["admin"], created_at=AT - timedelta(days=9))
    office = browser(cast, "office")
    assert shown(office, state="failed") == {"标题1"}
    assert shown(office, kind="mailing") == {"标题2"}
    assert shown(office, call=cast.call.code) == {"标题2"}
    assert shown(office, call="no-such-call") == set()
    assert shown(office, q="王示例") == {"标题3"}
    assert shown(office, q="a1@") == {"标题1"}
    day = (AT - timedelta(days=5)).date()
    assert shown(office, until=day) == {"标题3"}
    assert shown(office, since=day) == {"标题1", "标题2"}
    assert shown(office, since="not-a-day") == {"标题1", "标题2", "标题3"}


def test_many_are_released_at_once_and_what_was_not_done_is_said(cast):
    held = [letter(n, state="held") for n in range(3)]
    sent = letter(9, state="sent", sent_at=AT)
    office = browser(cast, "office")
    answer = office.post(
        reverse("office:letters_bulk"),
        {"pick": [str(one.pk) for one in (*held, sent)], "act": "release"},
        follow=True,
    )
    text = answer.content.decode()
    assert "已放行 3 封" in text and "1 封没有办理" in text
    assert Message.objects.filter(state="waiting").count() == 3


def test_the_auditor_reads_and_does_not_act(cast):
    one = letter(1, state="held")
    auditor = browser(cast, "auditor")
    assert "放行" not in auditor.get(
        reverse("office:letter", args=[one.pk])
    ).content.decode().split("</main>")[0].replace("待放行", "")
    for route, args in (("letter_act", [one.pk]), ("letters_bulk", [])):
        assert auditor.post(reverse(f"office:{route}", args=args)).status_code == 403


def test_the_list_costs_the_same_for_one_and_thirty_letters(cast, django_assert_num_queries):
    office = browser(cast, "office")
    letter(1, user=cast.people["admin"])
    with CaptureQueriesContext(connection) as one:
        office.get(reverse("office:outbox"))
    for n in range(2, 31):
        letter(n, user=cast.people["admin"])
    with django_assert_num_queries(len(one)):
        office.get(reverse("office:outbox"))


# Letters to many -------------------------------------------------------------------------------


def propose(
    cast, *, audience="applicants", chosen=None, body="〔姓名〕：〔单位〕的〔项目〕请补充。", **more
):
    return mailing.propose(
        cast.call,
        audience=audience,
        chosen=chosen or {},
        subject="关于〔项目〕",
        body=body,
        by_sms=False,
        actor=cast.actor("office"),
        at=AT,
        **more,
    )


def test_each_gets_the_letter_in_their_own_words(cast):
    scene.filings(cast, 3)
    made = propose(cast)
    assert made.count == 3
    mailing.send(made, typed="3", actor=cast.actor("chief"), at=AT)
    letters = Message.objects.filter(kind="mailing").order_by("pk")
    assert [one.subject for one in letters] == [f"关于《示例项目{n}号》" for n in (1, 2, 3)]
    assert letters[0].body == "企业1：示例企业1号有限公司的《示例项目1号》请补充。"
    assert Entry.objects.filter(action="office.send_mailing").count() == 1


def test_a_placeholder_in_a_title_is_not_put_in_again(cast):
    scene.filing(cast, 1, title="〔姓名〕的项目")
    made = propose(cast)
    [one] = mailing.recipients(cast.call, "applicants", {})
    assert mailing.letter(made, one).subject == "关于《〔姓名〕的项目》"


def test_the_filter_says_who_gets_it(cast):
    found = scene.filings(cast, 4)
    scene.recommend(cast, found[0])
    of = mailing.recipients
    assert len(of(cast.call, "applicants", {"status": "recommended"})) == 1
    assert len(of(cast.call, "applicants", {"region": "110000"})) == 0
    assert {one.user.name for one in of(cast.call, "drafts", {})} == {"王示例", "李示例"}
    assert {one.user.name for one in of(cast.call, "recommenders", {})} == {
        "赵示例",
        "钱示例",
        "孙示例",
    }
    assert of(cast.call, "recommenders", {"kind": "industry_body"}) == []


def test_whoever_wrote_it_does_not_let_it_go_and_the_number_is_typed(cast):
    scene.filings(cast, 2)
    made = propose(cast)
    for who, typed, code in (("office", "2", "same-person"), ("chief", "3", "wrong-number")):
        with pytest.raises(Refusal) as refusal:
            mailing.send(made, typed=typed, actor=cast.actor(who), at=AT)
        assert refusal.value.code == code
    assert not Message.objects.filter(kind="mailing").exists()


def test_when_others_are_found_than_were_shown_nothing_goes_out(cast):
    scene.filings(cast, 2)
    made = propose(cast)
    scene.filing(cast, 9)
    with pytest.raises(Refusal) as refusal:
        mailing.send(made, typed="2", actor=cast.actor("chief"), at=AT)
    assert refusal.value.code == "recipients-changed"
    assert not Message.objects.filter(kind="mailing").exists()


def test_it_goes_out_once(cast):
    scene.filings(cast, 2)
    made = propose(cast)
    mailing.send(made, typed="2", actor=cast.actor("chief"), at=AT)
    for act in (
        lambda: mailing.send(made, typed="2", actor=cast.actor("chief"), at=AT),
        lambda: mailing.refuse(made, actor=cast.actor("chief"), at=AT),
    ):
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.code == "already-decided"
    assert Message.objects.filter(kind="mailing").count() == 2


def test_credentials_and_personal_numbers_do_not_go_out(cast):
    scene.filings(cast, 1)
    with pytest.raises(Refusal) as refusal:
        propose(cast, body="账号：abc 密码：123456")
    assert refusal.value.code == "publish-gate"
    assert not Mailing.objects.exists()


def test_nobody_to_write_to_is_refused(cast):
    Membership.objects.filter(organisation=cast.company).update(valid_until=AT)
    with pytest.raises(Refusal) as refusal:
        propose(cast)
    assert refusal.value.code == "no-recipients"


def test_when_a_letter_cannot_be_written_the_decision_is_not_taken(cast, monkeypatch):
    scene.filings(cast, 2)
    made = propose(cast)

    def broken(**more):
        raise RuntimeError("no outbox")

    monkeypatch.setattr("office.mailing.notifications.enqueue_each", broken)
    with pytest.raises(RuntimeError):
        mailing.send(made, typed="2", actor=cast.actor("chief"), at=AT)
    made.refresh_from_db()
    assert made.state == "proposed"


def test_the_database_refuses_a_mailing_sent_by_one_person(cast):
    scene.filings(cast, 1)
    made = propose(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailing.objects.filter(pk=made.pk).update(
            state="sent", approved_by=made.proposed_by, approved_at=AT
        )


def test_it_is_written_looked_at_and_let_go_over_the_pages(cast):
    scene.filings(cast, 3)
    office, chief = browser(cast, "office"), browser(cast, "chief")
    form = {
        "call": cast.call.code,
        "audience": "applicants",
        "subject": "请核对",
        "body": "〔姓名〕请核对。",
    }
    page = office.post(reverse("office:mailing_new"), {**form, "act": "look"})
    assert "提出发给 3 人" in page.content.decode() and "企业1请核对。" in page.content.decode()
    assert not Mailing.objects.exists()
    office.post(reverse("office:mailing_new"), {**form, "act": "propose"})
    made = Mailing.objects.get()
    address = reverse("office:mailing", args=[made.pk])
    last = mailing.recipients(cast.call, "applicants", {})[2].user
    text = chief.get(f"{address}?to={last.pk}").content.decode()
    assert "企业3请核对。" in text
    assert "批准发出" not in office.get(address).content.decode()
    chief.post(reverse("office:mailing_send", args=[made.pk]), {"typed": "3"})
    assert Message.objects.filter(kind="mailing").count() == 3
