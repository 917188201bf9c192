"""公示, objections, and the announcement."""

from datetime import date, datetime, timedelta

import pytest

from applications.workflow import Status
from audit.models import Entry
from audit.services import CLOCK
from calls.calendar import UnknownYear
from calls.models import CalendarDay, Call
from calls.programme import CHINA
from core.errors import Refusal
from documents.models import Document
from notifications.models import Message
from outcomes import services, tasks
from outcomes.models import Decision, Objection, Publication
from outcomes.services import publishing
from tests.outcomes import helpers
from tests.world import AT

pytestmark = pytest.mark.django_db
PROGRAMME = "changsha-platform"


def decided(code=PROGRAMME, n=3, chosen=2, **more):
    made = helpers.stage(code, n=n, **more)
    helpers.passed(made, *[s for s in ("site_visit", "approval") if s in made.call.steps])
    made.stage_all(chosen, amount="10" if made.call.programme.decision.amount else "")
    made.apply()
    return made


def later(made, days):
    """Move the rehearsal's clock."""
    Call.objects.filter(pk=made.call.pk).update(
        clock_offset=made.call.clock_offset + timedelta(days=days)
    )
    made.call.refresh_from_db()


def objection(publication, **more):
    given = {
        "kind": "person",
        "name": "异议示例",
        "contact": "000-11112222",
        "text": "该项目与往年项目重复，请核查。",
        "at": AT,
        **more,
    }
    return services.raise_objection(publication, **given)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2022-08-05", 5, "2022-08-11"),
        ("2018-09-28", 5, "2018-10-09"),
        ("2021-09-30", 5, "2021-10-12"),
        ("2023-09-28", 5, "2023-10-10"),
        ("2024-02-08", 5, "2024-02-20"),
        ("2025-09-26", 7, "2025-10-11"),
    ],
)
def test_publicity_ends_after_its_working_days(start, days, end):
    first = date.fromisoformat(start)
    then = datetime(first.year, first.month, first.day, 9, tzinfo=CHINA)
    if days == 5:
        made = decided(then=then)
        published = made.publicise()
    else:
        made = decided("wuhan-claims", then=then)  # states no length: the office sets it
        published = made.publicise(working_days=days)
    assert (published.starts, published.ends_on) == (first, date.fromisoformat(end))


def test_the_first_day_may_not_count_and_longer_is_allowed_where_at_least():
    made = helpers.stage(spec=helpers.unlike(), n=1)
    helpers.passed(made, "site_visit")
    made.stage_all(1, tier="gold", amount="10")
    made.apply()
    with pytest.raises(Refusal) as short:
        made.publicise(working_days=6)
    assert short.value.code == "days-wrong"
    published = made.publicise(working_days=8)
    assert published.ends_on == date(2022, 8, 17)  # from Monday the 8th


def test_days_cannot_be_changed_where_the_file_fixes_them_and_must_be_given_where_it_does_not():
    with pytest.raises(Refusal) as fixed:
        decided().publicise(working_days=6)
    assert fixed.value.code == "days-wrong"


def test_days_must_be_given_where_the_file_states_none():
    with pytest.raises(Refusal) as missing:
        decided("wuhan-claims").publicise()
    assert missing.value.code == "days-missing"


def test_a_year_without_calendar_is_refused_and_nothing_is_published():
    made = decided(then=datetime(2031, 3, 3, 9, tzinfo=CHINA))
    with pytest.raises(UnknownYear):
        made.publicise()
    assert Publication.objects.get().state == "draft"
    assert not Document.objects.filter(kind="notice").exists()
    for day in range(3, 8):
        CalendarDay.objects.create(day=date(2031, 3, day), working=True)
    draft = Publication.objects.get()
    services.publish_publicity(draft, shown=publishing.preview_hash(draft), actor=made.boss, at=AT)
    assert Publication.objects.get().ends_on == date(2031, 3, 7)


def test_a_programme_without_publicity_publishes_none_and_announces_at_once():
    made = decided("2021-jiebang")
    with pytest.raises(Refusal) as caught:
        made.publicise()
    assert caught.value.code == "no-such-step"
    published = made.publicise(kind="announcement")
    assert [row["title"] for row in published.rows] == ["示例项目1", "示例项目2"]
    assert published.document.kind == "notice"
    assert Message.objects.filter(kind="announced").count() == 2


def test_two_people_publish():
    made = decided()
    act = {"kind": "publicity", "title": "示例公示", "basis": "现予公示。", "at": AT}
    draft = services.draft(made.call, actor=made.boss, **act)
    shown = publishing.preview_hash(draft)
    with pytest.raises(Refusal) as alone:
        services.publish_publicity(draft, shown=shown, actor=made.boss, at=AT)
    assert alone.value.code == "two-people"
    with pytest.raises(Refusal) as low:
        services.publish_publicity(draft, shown=shown, actor=made.op, at=AT)
    assert low.value.code == "approver-only"
    services.publish_publicity(draft, shown=shown, actor=made.other, at=AT)


def test_a_draft_changed_after_the_preview_is_not_published():
    made = decided()
    act = {"kind": "publicity", "basis": "现予公示。", "actor": made.op, "at": AT}
    draft = services.draft(made.call, title="示例公示", **act)
    shown = publishing.preview_hash(draft)
    services.draft(made.call, title="另一标题", publication=draft, **act)
    with pytest.raises(Refusal) as caught:
        services.publish_publicity(draft, shown=shown, actor=made.boss, at=AT)
    assert (caught.value.code, caught.value.status) == ("changed", 409)


def test_a_text_with_a_password_is_not_published():
    made = decided()
    with pytest.raises(Refusal) as caught:
        services.draft(
            made.call,
            kind="publicity",
            title="公示",
            basis="登录系统，账号：hunan，初始口令：123456。",
            actor=made.op,
            at=AT,
        )
    assert caught.value.code == "credentials"
    assert not Publication.objects.exists()


@pytest.mark.parametrize("broken", ["documents", "audit", "letters"])
def test_when_publishing_fails_half_way_nothing_is_published(monkeypatch, broken):
    made = decided("2021-jiebang")
    draft = services.draft(
        made.call, kind="announcement", title="名单", basis="公布。", actor=made.op, at=AT
    )
    shown = publishing.preview_hash(draft)

    def fails(*args, **kwargs):
        raise RuntimeError("half way")

    name = {"documents": "request_document", "audit": "record", "letters": "announced"}[broken]
    monkeypatch.setattr(getattr(publishing, broken), name, fails)
    before = Entry.objects.count(), Message.objects.count(), Document.objects.count()
    with pytest.raises(RuntimeError, match="half way"):
        services.announce(draft, shown=shown, actor=made.boss, at=AT)
    draft.refresh_from_db()
    assert (draft.state, draft.rows) == ("draft", [])
    assert not Decision.objects.filter(announcement__isnull=False).exists()
    assert (Entry.objects.count(), Message.objects.count(), Document.objects.count()) == before


def test_publicity_cannot_end_before_its_end_and_ends_by_itself_after(monkeypatch):
    made = decided()
    published = made.publicise()
    with pytest.raises(Refusal) as early:
        services.end_publicity(published, actor=made.op, at=AT)
    assert early.value.code == "still-running"
    last = (published.until - made.call.clock_offset) - timedelta(microseconds=1)
    with pytest.raises(Refusal):
        services.end_publicity(published, actor=CLOCK, at=last)
    monkeypatch.setattr(tasks.timezone, "now", lambda: last)
    tasks.sweep_publicity()
    published.refresh_from_db()
    assert published.state == "published"
    monkeypatch.setattr(tasks.timezone, "now", lambda: last + timedelta(microseconds=1))
    tasks.sweep_publicity()
    tasks.sweep_publicity()
    published.refresh_from_db()
    assert published.state == "ended"
    assert Entry.objects.filter(action="outcomes.end_publicity").count() == 1


def test_nothing_is_announced_before_the_publicity_has_ended():
    made = decided()
    published = made.publicise()
    with pytest.raises(Refusal) as early:
        made.publicise(kind="announcement")
    assert early.value.code == "nothing-to-publish"
    later(made, 7)
    services.end_publicity(published, actor=made.op, at=AT)
    draft = Publication.objects.get(kind="announcement")
    services.announce(draft, shown=publishing.preview_hash(draft), actor=made.boss, at=AT)
    assert Decision.objects.filter(announcement=draft).count() == 2


def test_an_objection_is_taken_until_the_last_microsecond_and_not_after():
    made = decided()
    published = made.publicise()
    end = published.until - made.call.clock_offset
    objection(published, at=end - timedelta(microseconds=1))
    with pytest.raises(Refusal) as late:
        objection(published, at=end)
    assert (late.value.code, late.value.status) == ("objections-over", 410)
    assert Objection.objects.count() == 1


def test_an_open_objection_holds_its_project_and_not_the_others():
    made = decided()
    published = made.publicise()
    raised = objection(published, row=1)
    assert raised.application == made.applications[0]
    later(made, 7)
    services.end_publicity(published, actor=made.op, at=AT)
    announced = made.publicise(kind="announcement")
    assert [row["title"] for row in announced.rows] == ["示例项目2"]
    services.handle(raised, finding="经核查两个项目内容不同", actor=made.op, at=AT)
    services.close(raised, upheld=False, answer="经核查不构成重复", actor=made.boss, at=AT)
    again = made.publicise(kind="announcement")
    assert [row["title"] for row in again.rows] == ["示例项目1"]


def test_an_upheld_objection_takes_the_selection_back_and_frees_its_slot():
    made = decided(n=2, chosen=2)
    published = made.publicise()
    raised = objection(published, row=1)
    with pytest.raises(Refusal) as unhandled:
        services.close(raised, upheld=True, answer="核查属实，予以取消", actor=made.boss, at=AT)
    assert unhandled.value.code == "not-handled"
    services.handle(raised, finding="与往年项目内容重复", actor=made.boss, at=AT)
    with pytest.raises(Refusal) as alone:
        services.close(raised, upheld=True, answer="核查属实，予以取消", actor=made.boss, at=AT)
    assert alone.value.code == "two-people"
    services.close(raised, upheld=True, answer="核查属实，予以取消", actor=made.other, at=AT)
    decision = Decision.objects.get(application=made.applications[0])
    assert decision.state == "revoked"
    assert made.status(0) == Status.NOT_SELECTED
    assert Message.objects.filter(kind="revoked").count() == 1
    later(made, 7)
    services.end_publicity(published, actor=made.op, at=AT)
    announced = made.publicise(kind="announcement")
    assert [row["title"] for row in announced.rows] == ["示例项目2"]


def test_a_unit_must_send_its_sealed_letter():
    made = decided()
    published = made.publicise()
    with pytest.raises(Refusal) as caught:
        objection(published, kind="unit", name="示例单位")
    assert caught.value.code == "unit-unsealed"
    with pytest.raises(Refusal):
        objection(published, kind="unit", file=b"MZ not a letter", file_name="a.exe")
    assert not Objection.objects.exists()


def test_the_trail_and_the_letters_do_not_say_who_objected():
    made = decided()
    objection(made.publicise())
    assert Message.objects.filter(kind="objection").exists()
    told = [message.body + message.subject for message in Message.objects.all()]
    trail = [f"{entry.data}{entry.actor_name}" for entry in Entry.objects.all()]
    assert not any("异议示例" in text or "11112222" in text for text in [*told, *trail])


def test_showing_who_objected_is_in_the_trail():
    made = decided()
    raised = objection(made.publicise())
    services.reveal(raised, actor=made.op, at=AT)
    entry = Entry.objects.get(action="outcomes.reveal_objector")
    assert entry.actor == made.operator


def test_a_withdrawn_list_is_void_and_can_be_published_again():
    made = decided("2021-jiebang")
    published = made.publicise(kind="announcement")
    services.withdraw(published, reason="单位名称有误", actor=made.boss, at=AT)
    published.refresh_from_db()
    assert published.state == "withdrawn"
    assert published.document.voided_at
    again = made.publicise(kind="announcement")
    assert len(again.rows) == 2


def test_a_contact_may_object_three_times():
    published = decided().publicise()
    for n in range(3):
        objection(published, text=f"第{n}件，请核查。")
    with pytest.raises(Refusal) as caught:
        objection(published)
    assert caught.value.status == 429


@pytest.mark.parametrize(
    ("code", "kind"), [(PROGRAMME, "publicity"), ("2021-jiebang", "announcement")]
)
def test_the_notice_is_drawn_with_every_project_of_the_list(code, kind):
    import io

    from pypdf import PdfReader

    from documents.services import draw

    published = decided(code).publicise(kind=kind)
    reader = PdfReader(io.BytesIO(draw(published.document)))
    words = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert "示例名单公示" in words
    assert all("".join(row["title"].split()) in words for row in published.rows)
    assert "示例项目3" not in words
