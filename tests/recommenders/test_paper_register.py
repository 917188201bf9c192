"""The register of paper: expected, arrived, compared with the version in force, corrected."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from applications.models import Application, Version
from audit.models import Entry
from calls import services as calls
from calls.programme import DocumentKind, Level
from core.errors import Refusal
from documents.models import Document
from notifications.models import Message
from office import cockpit as desk
from office import reminders
from recommenders import paperstates, register, services
from recommenders.models import PaperReceipt, PaperReminder
from tests import world
from tests.recommenders import scene
from tests.recommenders.test_packing import paper
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.world import AT

pytestmark = pytest.mark.django_db


def spec(*, sheet=1, form=2, levels=()):
    """The programme, asking for paper."""
    asked = {DocumentKind.SHEET: sheet, DocumentKind.FORM: form}
    found = world.programme()
    documents = tuple(
        one.model_copy(update={"copies": asked.get(one.kind, 0)}) for one in found.documents
    )
    return found.model_copy(update={"documents": documents, "levels": tuple(levels)})


def build(**more):
    cast = world.build(spec(**more))
    cast.found = scene.filings(cast, 3)
    cast.away = scene.filing(cast, 9, recommender=cast.other_province)
    for number, one in enumerate(cast.found):
        paper(one, b"%PDF form " + bytes([number]))
    open_recommendation(cast)
    scene.recommend(cast, *cast.found[:2], at=AT)
    cast.version = scene.confirm_list(cast, at=AT)
    return cast


@pytest.fixture
def cast(db):
    return build()


def today(at=AT):
    return at.astimezone(register.closing(AT.date()).tzinfo).date()


def receive(cast, text, *, copies=1, token=None, by="office", at=AT, **more):
    receiver = cast.people[by].memberships.first().organisation
    return services.receive_scanned(
        cast.call,
        receiver,
        text=text,
        token=token or f"token-{PaperReceipt.objects.count():04d}",
        copies=copies,
        received_on=today(at),
        actor=cast.actor(by),
        at=at,
        **more,
    )


def items(cast, receiver=None):
    return register.expected(cast.call, receiver or cast.office)


def sheet_code(cast):
    return cast.version.document.code


def form(cast, number=0) -> Document:
    return Version.objects.get(application=cast.found[number]).form


# What is expected ------------------------------------------------------------------------------


def test_the_list_in_force_says_what_the_ministry_expects(cast):
    found = [(one.kind, one.sender, one.copies, one.state) for one in items(cast)]
    assert found == [
        ("sheet", cast.province, 1, "missing"),
        ("form", cast.province, 2, "missing"),
        ("form", cast.province, 2, "missing"),
    ]


def test_nothing_is_expected_where_the_file_asks_for_no_paper(db):
    assert items(build(sheet=0, form=0)) == []


def test_an_open_list_owes_nothing_yet(cast):
    services.reopen_list(
        scene.ranked(cast), reason="需要调整顺序", actor=cast.actor("approver"), at=AT
    )
    assert items(cast) == []


def test_each_level_expects_what_it_asks_from_the_level_before_it(db):
    city_level = Level(kind="city", title="市级", copies=5)
    cast = build(levels=[city_level])
    Application.objects.filter(pk=cast.found[0].pk).update(preselector=cast.city)
    (at_city,) = items(cast, cast.city)
    assert (at_city.sender, at_city.copies) == (cast.found[0].organisation, 5)
    at_province = {one.title: one for one in items(cast, cast.province)}
    assert len(at_province) == 2  # the province passes on what the ministry asks of its list
    assert at_province["示例项目1号"].sender == cast.city
    assert at_province["示例项目2号"].sender == cast.found[1].organisation
    calls.set_level_date(
        cast.call,
        organisation=cast.province,
        key="paper",
        until=AT + timedelta(days=5),
        copies=3,
        actor=cast.actor("operator"),
        at=AT,
    )
    own = items(cast, cast.province)
    assert [one.copies for one in own] == [3, 3, 3]  # of every filing, listed or not
    (row, *_) = register.senders(cast.call, cast.province, own)
    assert row.due == AT + timedelta(days=5)


# Scanning --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["{code}", "{grouped}", "HTTPS://X.ORG/V/{code}/2", "ｈｔｔｐｓ：／／x.org／v／{code}／1"],
)
def test_a_scanned_sheet_is_compared_and_counted(cast, typed):
    document = cast.version.document
    receipt, words = receive(cast, typed.format(code=document.code, grouped=document.grouped_code))
    assert (receipt.verdict, receipt.state, receipt.sender) == ("matched", "counted", cast.province)
    assert "相符" in words and "累计 1／1" in words
    assert items(cast)[0].state == "complete"


def test_copies_come_one_by_one_and_never_more_than_asked(cast):
    code = form(cast).code
    receive(cast, code)
    assert items(cast)[1].state == "partial"
    receive(cast, code)
    assert items(cast)[1].state == "complete"
    with pytest.raises(Refusal) as refused:
        receive(cast, code)
    assert refused.value.code == "too-many-copies" and PaperReceipt.objects.count() == 2


def test_the_same_press_twice_registers_once(cast):
    receive(cast, sheet_code(cast), token="same-token")
    receive(cast, sheet_code(cast), token="same-token")
    assert PaperReceipt.objects.count() == 1


def test_a_former_version_is_kept_and_does_not_count(cast):
    old = sheet_code(cast)
    services.reopen_list(
        scene.ranked(cast), reason="需要调整顺序", actor=cast.actor("approver"), at=AT
    )
    receipt, words = receive(cast, old)
    assert (receipt.verdict, receipt.state) == ("void", "set_aside") and words.startswith("作废")
    scene.confirm_list(cast, at=AT)
    receipt, words = receive(cast, old)
    assert (receipt.verdict, receipt.state) == ("stale", "set_aside") and "旧版" in words
    assert items(cast)[0].state == "wrong"


def test_what_counted_no_longer_counts_when_the_list_changes(cast):
    receive(cast, sheet_code(cast))
    assert items(cast)[0].state == "complete"
    services.reopen_list(
        scene.ranked(cast), reason="需要调整顺序", actor=cast.actor("approver"), at=AT
    )
    cast.version = scene.confirm_list(cast, at=AT)
    (sheet, *_) = items(cast)
    assert (sheet.state, sheet.others) == ("wrong", 1)
    receive(cast, sheet_code(cast))
    assert items(cast)[0].state == "complete"


@pytest.mark.parametrize(
    ("text", "code"),
    [("HTTPS://EXAMPLE.ORG", "not-a-code"), ("222222222Z", "unknown-code")],
)
def test_what_is_no_paper_of_ours_is_refused_and_changes_nothing(cast, text, code):
    before = scene.everything()
    with pytest.raises(Refusal) as refused:
        receive(cast, text)
    assert refused.value.code == code and scene.everything() == before


def test_a_paper_of_another_level_is_foreign_and_tells_nothing_of_it(cast):
    before = scene.everything()
    with pytest.raises(Refusal) as refused:
        receive(cast, form(cast).code, by="neighbour")
    assert refused.value.code == "not-this-register"
    assert "非本单位" in str(refused.value) and cast.found[0].title not in str(refused.value)
    assert scene.everything() == before


def test_nobody_registers_at_another_level_or_on_a_day_to_come(cast):
    common = {"text": sheet_code(cast), "token": "token-1", "copies": 1, "at": AT}
    with pytest.raises(Refusal) as refused:
        services.receive_scanned(
            cast.call, cast.office, received_on=today(), actor=cast.actor("operator"), **common
        )
    assert refused.value.code == "not-yours"
    with pytest.raises(Refusal) as refused:
        services.receive_scanned(
            cast.call,
            cast.office,
            received_on=today() + timedelta(days=1),
            actor=cast.actor("office"),
            **common,
        )
    assert refused.value.code == "odd-day" and not PaperReceipt.objects.exists()


# By hand and corrected -------------------------------------------------------------------------


def test_everything_missing_of_a_sender_is_registered_at_once(cast):
    receive(cast, form(cast).code)
    more = {"token": "rest-token", "received_on": today(), "courier": "SF1"}
    done = services.receive_rest(
        cast.call, cast.office, sender=cast.province, **more, actor=cast.actor("office"), at=AT
    )
    assert done == 3 and [one.state for one in items(cast)] == ["complete"] * 3
    again = services.receive_rest(
        cast.call, cast.office, sender=cast.province, **more, actor=cast.actor("office"), at=AT
    )
    assert again == 0 and PaperReceipt.objects.count() == 4
    assert {one.how for one in PaperReceipt.objects.all()} == {"scanned", "by_hand"}


def correct(cast, receipt, **more):
    said = {"copies": 1, "received_on": today(), "reason": "份数登记有误", **more}
    return services.correct_paper(receipt, **said, actor=cast.actor("office"), at=AT)


def test_a_correction_keeps_what_was_there_and_says_why(cast):
    receipt, _ = receive(cast, form(cast).code, copies=2)
    new = correct(cast, receipt, copies=1)
    receipt.refresh_from_db()
    assert (receipt.state, receipt.copies) == ("corrected", 2)
    assert receipt.correction_reason == "份数登记有误" and new.corrects == receipt
    assert items(cast)[1].state == "partial"
    with pytest.raises(Refusal) as refused:
        correct(cast, receipt)
    assert refused.value.code == "corrected-already"
    assert correct(cast, new, copies=0, reason="误登他人材料") is None
    assert items(cast)[1].state == "missing" and PaperReceipt.objects.count() == 2
    actions = list(Entry.objects.order_by("pk").values_list("action", flat=True))
    assert actions.count("recommenders.correct_paper") == 2


def test_a_correction_needs_a_reason_and_stays_within_what_is_asked(cast):
    receipt, _ = receive(cast, form(cast).code)
    before = scene.everything()
    for more, code in (({"reason": "错"}, "reason-short"), ({"copies": 3}, "too-many-copies")):
        with pytest.raises(Refusal) as refused:
            correct(cast, receipt, **more)
        assert refused.value.code == code and scene.everything() == before


# Reminding -------------------------------------------------------------------------------------


def paper_letters():
    return Message.objects.filter(kind="paper_missing")


def test_who_owes_paper_is_written_to_by_hand_once_a_day(cast):
    receive(cast, sheet_code(cast))
    sent = services.remind_paper(cast.call, cast.office, actor=cast.actor("office"), at=AT)
    assert sent == 2  # operator and approver of the province
    body = paper_letters().first().body
    assert "还缺 2 项" in body and "示例项目1号" in body and "汇总表" not in body
    with pytest.raises(Refusal) as refused:
        services.remind_paper(cast.call, cast.office, actor=cast.actor("office"), at=AT)
    assert refused.value.code == "reminded-today" and paper_letters().count() == 2


def set_paper_date(cast, until, copies=1):
    calls.set_level_date(
        cast.call,
        organisation=cast.province,
        key="paper",
        until=until,
        copies=copies,
        actor=cast.actor("operator"),
        at=AT,
    )


def test_a_levels_own_date_reminds_once_and_catches_up_once(cast):
    set_paper_date(cast, AT + timedelta(days=10))
    assert services.remind_paper_due(at=AT + timedelta(days=6)) == 0
    late = AT + timedelta(days=9, hours=1)  # both are due: three days before and one day before
    assert services.remind_paper_due(at=late) == 3  # one applicant each of three filings
    assert sorted(PaperReminder.objects.values_list("days_before", "letters")) == [(1, 3), (3, 0)]
    assert services.remind_paper_due(at=late) == 0 and paper_letters().count() == 3


def test_reminders_stop_when_the_paper_has_come(cast):
    set_paper_date(cast, AT + timedelta(days=10))
    for number in (0, 1, 2):
        receive(cast, form(cast, number).code, by="operator")
    assert services.remind_paper_due(at=AT + timedelta(days=8)) == 0
    assert not paper_letters().exists()


def test_the_ministrys_date_reminds_with_the_calls_other_dates(cast):
    until = scene.move_dates(cast.call).paper_until
    reminders.fire_due(at=until - timedelta(hours=20))
    found = Message.objects.filter(kind="remind_paper")
    assert {one.user for one in found} == {cast.people["operator"], cast.people["approver"]}
    assert "还缺 3 项材料共 5 份" in found[0].body
    reminders.fire_due(at=until - timedelta(hours=19))
    assert found.count() == 2


def test_the_cockpit_counts_who_is_late_with_paper(cast):
    def waiting(at):
        found = desk.counts(cast.call, at)
        return {one.title: one.count for one in desk.waiting(cast.call, at, found)}

    until = scene.move_dates(cast.call).paper_until
    assert "纸质材料逾期未收齐" not in waiting(until - timedelta(minutes=1))
    assert waiting(until)["纸质材料逾期未收齐"] == 1


@pytest.mark.parametrize(
    ("copies", "arrived", "others", "state"),
    [(2, 0, 0, "missing"), (2, 1, 0, "partial"), (2, 2, 1, "complete"), (1, 0, 1, "wrong")],
)
def test_the_state_of_one_paper(copies, arrived, others, state):
    assert paperstates.state(copies=copies, arrived=arrived, others=others) == state


def test_the_worst_of_a_senders_papers_is_the_senders_state():
    assert paperstates.together(["complete", "complete"]) == "complete"
    assert paperstates.together(["complete", "missing"]) == "partial"
    assert paperstates.together(["missing", "missing"]) == "missing"
    assert paperstates.together(["complete", "wrong"]) == "wrong"


# Pages -----------------------------------------------------------------------------------------


def test_the_office_scans_over_http_and_is_ready_for_the_next(client, cast):
    as_(client, cast, "office")
    where = url("paper", cast.call.code)
    page = client.get(where)
    text = page.content.decode()
    assert cast.province.name in text and "0／5" in text and "autofocus" in text
    data = {
        "text": sheet_code(cast),
        "copies": "1",
        "received_on": today().isoformat(),
        "courier": "SF100",
        "token": page.context["form"]["token"].value(),
    }
    answer = client.post(url("paper_scan", cast.call.code), data, follow=True)
    text = answer.content.decode()
    assert "相符：与现行版本一致" in text and 'value="SF100"' in text and "1／5" in text
    wrong = client.post(
        url("paper_scan", cast.call.code), {**data, "text": "222222222Z", "token": "token-next"}
    )
    assert wrong.status_code == 422 and "没有查到这个核验码" in wrong.content.decode()
    assert "1／5" in wrong.content.decode() and PaperReceipt.objects.count() == 1


def test_a_photo_of_the_cover_is_read(client, cast, monkeypatch):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from documents import scans as reading
    from recommenders.services import paperwork

    checked = paperwork.uploads.Checked("封面.jpg", "image/jpeg", 3, 1, "0" * 64)
    monkeypatch.setattr(paperwork.uploads, "check_upload", lambda data, name: checked)
    seen = [reading.ScannedPage(1, ((sheet_code(cast), 1),), 0, False)]
    monkeypatch.setattr(paperwork.scans, "read_codes", lambda *args, **more: seen)
    as_(client, cast, "office")
    data = {
        "copies": "1",
        "received_on": today().isoformat(),
        "token": "photo-token",
        "photo": SimpleUploadedFile("封面.jpg", b"jpg", "image/jpeg"),
    }
    assert client.post(url("paper_scan", cast.call.code), data).status_code == 302
    assert PaperReceipt.objects.get().how == "photo"
    seen[:] = [reading.ScannedPage(1, (), 0, False)]
    data |= {
        "token": "photo-token-2",
        "photo": SimpleUploadedFile("封面.jpg", b"jpg", "image/jpeg"),
    }
    none = client.post(url("paper_scan", cast.call.code), data)
    assert none.status_code == 422 and "没有识别出二维码" in none.content.decode()


def test_one_sender_by_hand_with_history_and_correction(client, cast):
    as_(client, cast, "office")
    where = url("paper_sender", cast.call.code, cast.province.pk)
    text = client.get(where).content.decode()
    assert "登记全部收齐" in text and form(cast).grouped_code in text
    data = {
        "item": f"form-{cast.found[0].pk}",
        "copies": "2",
        "received_on": today().isoformat(),
        "token": "hand-token",
        "remark": "当面递交",
    }
    where_to = url("paper_receive", cast.call.code, cast.province.pk)
    assert client.post(where_to, {**data, "copies": "0"}).status_code == 422
    assert client.post(where_to, data).status_code == 302
    receipt = PaperReceipt.objects.get()
    text = client.get(where).content.decode()
    assert "当面递交" in text and "2／2" in text
    prefix = receipt.public_id
    fix = {f"{prefix}-copies": "1", f"{prefix}-received_on": today().isoformat()}
    missing = client.post(url("paper_correct", prefix), fix)
    assert missing.status_code == 422 and "请写明更正原因" in missing.content.decode()
    fix[f"{prefix}-reason"] = "实收一份"
    assert client.post(url("paper_correct", prefix), fix).status_code == 302
    text = client.get(where).content.decode()
    assert "已更正" in text and "实收一份" in text and "1／2" in text
    rest = {"received_on": today().isoformat(), "token": "rest-token"}
    assert client.post(url("paper_rest", cast.call.code, cast.province.pk), rest).status_code == 302
    assert "5／5" in client.get(where).content.decode().replace(" ", "")


def test_what_is_missing_comes_out_as_a_workbook(client, cast):
    receive(cast, sheet_code(cast))
    as_(client, cast, "office")
    answer = client.get(url("paper_export", cast.call.code))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert cast.people["office"].name in rows[0][0]
    assert [(row[0], row[2], row[5], row[7]) for row in rows[2:]] == [
        (cast.province.name, "示例项目1号", 2, 2),
        (cast.province.name, "示例项目2号", 2, 2),
    ]
    every = client.get(url("paper_export", cast.call.code), {"show": "all"})
    assert len(list(load_workbook(io.BytesIO(every.content)).active.values)) == 5


def test_a_unit_sees_what_the_ministry_registered_of_its_own(client, cast):
    receive(cast, sheet_code(cast))
    text = as_(client, cast, "operator").get(url("paper", cast.call.code)).content.decode()
    assert "主管部门登记的本单位材料" in text and "已收 1／5 份" in text
    text = as_(client, cast, "neighbour").get(url("paper", cast.call.code)).content.decode()
    assert "示例项目" not in text


def test_a_city_keeps_a_register_of_its_own_and_another_has_none(client, cast):
    Application.objects.filter(pk=cast.found[0].pk).update(preselector=cast.city)
    assert as_(client, cast, "city").get(url("paper", cast.call.code)).status_code == 200
    Application.objects.filter(pk=cast.found[0].pk).update(preselector=None)
    assert client.get(url("paper", cast.call.code)).status_code == 404


def test_reading_the_register_writes_nothing_and_queries_do_not_grow(client, cast):
    as_(client, cast, "office")

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url("paper", cast.call.code)).status_code == 200
            assert client.get(url("paper_export", cast.call.code)).status_code == 200
        return len(caught)

    before = scene.everything()
    count()
    few = count()
    assert scene.everything() == before
    receive(cast, sheet_code(cast))
    receive(cast, form(cast).code)
    other = cast.other_province
    services.recommend(cast.away, actor=cast.actor("neighbour"), at=AT)
    ranked = scene.ranked(cast, other)
    approver = world.actor(world.person(other, "rec_approver", "审批示例"))
    services.submit_list(ranked, shown=scene.shown(cast, other), actor=approver, at=AT)
    assert count() == few
