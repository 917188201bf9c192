"""The deadline: half-open, judged by arrival, kept by the database, swept once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import queries, services
from applications.models import Application, Version
from applications.tasks import sweep_deadlines
from audit.models import Entry
from calls import services as calls
from calls.models import Call
from calls.phases import GRACE
from core.errors import Refusal
from tests import season
from tests.applications import filling
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_database")]
INSTANT = timedelta(microseconds=1)
DEADLINE = AT + timedelta(days=2)


@pytest.fixture
def played(db):
    return season.begin()


@pytest.fixture
def ready(played):
    return season.draft(played, "甲一", unit=played.cast.company, user=played.cast.people["admin"])


def again(application: Application) -> Application:
    return Application.objects.select_related("call").get(pk=application.pk)


def late(application: Application, *, at: datetime, key: str = "late") -> Refusal:
    """Submitting at ``at`` is refused and changes nothing."""
    before = (Version.objects.count(), Entry.objects.count(), again(application).status)
    with pytest.raises(Refusal) as found:
        season.submit(again(application), key=key, at=at)
    assert found.value.code == "deadline-passed"
    assert (Version.objects.count(), Entry.objects.count(), again(application).status) == before
    return found.value


# The instant -----------------------------------------------------------------------------------


def test_one_microsecond_before_the_deadline_is_in_time(ready):
    version = season.submit(ready, at=DEADLINE - INSTANT)
    assert version.arrived_at == DEADLINE - INSTANT
    assert again(ready).status == "submitted"


def test_at_the_deadline_it_is_over(ready, played):
    said = late(ready, at=DEADLINE)
    assert "已经截止" in said.message
    assert said.rule == played.call.programme.notice
    late(ready, at=DEADLINE + INSTANT)


@pytest.mark.parametrize(("off", "status", "versions"), [(INSTANT, 302, 1), (timedelta(0), 409, 0)])
def test_over_http_the_arrival_that_the_trusted_proxy_stamped_decides(
    ready, played, settings, off, status, versions
):
    """For the server the deadline is seven seconds ago; the button was pressed at its edge."""
    settings.JIEBANG_TRUSTED_ARRIVAL_HEADER = "HTTP_X_ARRIVED"
    client = Client()
    client.force_login(
        played.cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend"
    )
    page = client.get(filling.url("check", ready))
    posted = {"key": page.context["key"], "seen": page.context["seen"], "agree": "1"}
    deadline = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=7)
    Call.objects.filter(pk=played.call.pk).update(filing_until=deadline)
    arrived = deadline - off
    header = f"t={int(arrived.timestamp())}.{arrived.microsecond:06d}"
    answer = client.post(filling.url("submit", ready), posted, headers={"x-arrived": header})
    assert answer.status_code == status
    assert [v.arrived_at for v in Version.objects.all()] == [arrived] * versions


def test_a_header_that_nobody_vouches_for_is_not_believed(ready, played, settings):
    client = Client()
    client.force_login(
        played.cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend"
    )
    page = client.get(filling.url("check", ready))
    posted = {"key": page.context["key"], "seen": page.context["seen"], "agree": "1"}
    Call.objects.filter(pk=played.call.pk).update(filing_until=datetime.now(UTC))
    early = f"t={(datetime.now(UTC) - timedelta(minutes=2)).timestamp():.3f}"
    answer = client.post(filling.url("submit", ready), posted, headers={"x-arrived": early})
    assert answer.status_code == 409
    settings.JIEBANG_TRUSTED_ARRIVAL_HEADER = "HTTP_X_ARRIVED"
    for unbelievable in ("t=1", "t=99999999999", "nan", "inf", "t=abc", ""):
        answer = client.post(
            filling.url("submit", ready), posted, headers={"x-arrived": unbelievable}
        )
        assert answer.status_code == 409, unbelievable
    assert not Version.objects.exists()


# The database itself ---------------------------------------------------------------------------


def insert(application: Application, *, arrived_at: datetime, number: int = 1) -> None:
    """Past every service: straight into the table."""
    with transaction.atomic():
        Version(
            application=application,
            number=number,
            snapshot={},
            fingerprint="0" * 64,
            idempotency_key=f"raw{number}",
            arrived_at=arrived_at,
            submitted_by=application.created_by,
            submitted_by_name="测试",
        ).save(force_insert=True)


def test_the_database_refuses_a_late_arrival_whoever_writes_it(ready):
    for at in (DEADLINE, DEADLINE + INSTANT, DEADLINE + timedelta(days=9)):
        with pytest.raises(IntegrityError, match="late filing"):
            insert(ready, arrived_at=at)
    insert(ready, arrived_at=DEADLINE - INSTANT)


def test_the_database_refuses_what_is_written_more_than_the_grace_after(ready, played):
    """However early it says it arrived."""
    now = datetime.now(UTC)
    early = now - timedelta(days=1)

    def ends(at: datetime) -> None:
        Call.objects.filter(pk=played.call.pk).update(filing_until=at)

    ends(now - GRACE - timedelta(seconds=1))
    with pytest.raises(IntegrityError, match="grace"):
        insert(ready, arrived_at=early)
    ends(now - GRACE + timedelta(seconds=30))
    insert(ready, arrived_at=early)


def test_the_database_knows_the_rehearsal_clock(ready, played):
    played.clock(2 + 1 / 24)
    with pytest.raises(IntegrityError, match="late filing"):
        insert(ready, arrived_at=DEADLINE - timedelta(days=1))
    played.clock(1)
    insert(ready, arrived_at=DEADLINE - timedelta(days=1))


def test_the_database_refuses_a_filing_of_a_call_without_an_end(ready, played):
    Call.objects.filter(pk=played.call.pk).update(filing_until=None, recommendation_until=None)
    with pytest.raises(Refusal):
        season.submit(again(ready))
    with pytest.raises(IntegrityError, match="late filing"):
        insert(ready, arrived_at=AT)


# Level dates, extensions, corrections ----------------------------------------------------------


def level(played, unit, until, key="filing"):
    return calls.set_level_date(
        played.call, organisation=unit, key=key, until=until, actor=played.actor("office"), at=AT
    )


def extend(played, unit, until, *, approve=True):
    made = calls.propose_extension(
        played.call,
        organisation=unit,
        key="filing",
        until=until,
        reason="系统故障，申请延长",
        actor=played.actor("office"),
        at=AT,
    )
    if approve:
        calls.decide_extension(made, approve=True, actor=played.actor("chief"), at=AT)
    return made


def end_of(application: Application) -> datetime | None:
    """Asked for by itself, and read with the filing: both must say the same."""
    rows = queries.with_filing_dates(Application.objects.select_related("call", "preselector"))
    read = rows.get(pk=application.pk)
    with CaptureQueriesContext(connection) as asked:
        found = queries.filing_deadline(read)
    assert not asked.captured_queries
    assert found == queries.filing_deadline(again(application))
    return found


def test_the_end_that_is_read_with_a_filing_is_the_one_that_is_asked_for(ready, played):
    cast, day = played.cast, timedelta(days=1)
    assert end_of(ready) == DEADLINE
    level(played, cast.other_province, AT + timedelta(hours=1))
    level(played, cast.province, AT + timedelta(hours=30))
    assert end_of(ready) == AT + timedelta(hours=30)
    level(played, cast.city, AT + timedelta(hours=20))
    assert end_of(ready) == AT + timedelta(hours=20)
    level(played, cast.province, AT + timedelta(hours=2), key="recommendation")
    extend(played, cast.other_province, DEADLINE + 9 * day)
    extend(played, cast.company, DEADLINE + 8 * day, approve=False)
    assert end_of(ready) == AT + timedelta(hours=20)
    extend(played, cast.city, DEADLINE + day)
    assert end_of(ready) == DEADLINE + day
    extend(played, cast.province, DEADLINE + 3 * day)
    assert end_of(ready) == DEADLINE + 3 * day
    Call.objects.filter(pk=played.call.pk).update(filing_until=None)
    assert end_of(ready) == DEADLINE + 3 * day
    Application.objects.filter(pk=ready.pk).update(recommender=None, preselector=None)
    assert end_of(ready) is None


def test_the_earlier_date_of_its_own_province_holds(ready, played):
    until = AT + timedelta(days=1)
    level(played, played.cast.province, until)
    assert queries.filing_deadline(again(ready)) == until
    late(ready, at=until)
    with pytest.raises(IntegrityError, match="late filing"):
        insert(ready, arrived_at=until)
    season.submit(again(ready), at=until - INSTANT)


def test_the_date_of_its_city_holds_and_that_of_a_neighbour_does_not(ready, played):
    assert again(ready).preselector == played.cast.city
    level(played, played.cast.other_province, AT + timedelta(hours=1))
    assert queries.filing_deadline(again(ready)) == DEADLINE
    level(played, played.cast.city, AT + timedelta(hours=2))
    late(ready, at=AT + timedelta(hours=2))
    with pytest.raises(IntegrityError, match="late filing"):
        insert(ready, arrived_at=AT + timedelta(hours=2))


def test_an_approved_extension_wins_over_every_earlier_date(ready, played):
    longer = DEADLINE + timedelta(days=1)
    level(played, played.cast.province, AT + timedelta(days=1))
    waiting = extend(played, played.cast.company, longer, approve=False)
    late(ready, at=DEADLINE)
    calls.decide_extension(waiting, approve=True, actor=played.actor("chief"), at=AT)
    late(ready, at=longer)
    with pytest.raises(IntegrityError, match="late filing"):
        insert(ready, arrived_at=longer)
    season.submit(again(ready), at=longer - INSTANT)


def test_an_extension_of_another_unit_changes_nothing(ready, played):
    extend(played, played.cast.rival, DEADLINE + timedelta(days=1))
    late(ready, at=DEADLINE)


def test_a_correction_may_be_sent_in_until_its_own_end(ready, played):
    season.submit(ready)
    until = DEADLINE + timedelta(days=3)
    services.return_for_correction(
        ready,
        fields=[{"section": played.call.programme.sections[0].key, "field": "", "comment": "改"}],
        note="请补充",
        until=until,
        actor=played.actor("operator"),
        at=AT,
    )
    late(ready, at=until)
    with pytest.raises(IntegrityError, match="late filing"):
        insert(ready, arrived_at=until, number=2)
    season.submit(again(ready), key="two", at=until - INSTANT)
    made = again(ready)
    assert (made.status, made.version_number) == ("submitted", 2)
    late(ready, at=DEADLINE, key="three")


# The sweep -------------------------------------------------------------------------------------


def after_the_grace(played) -> None:
    calls.move_clock(
        played.call,
        to=DEADLINE + GRACE + timedelta(minutes=1),
        actor=played.actor("office"),
        at=datetime.now(UTC),
    )


def test_the_sweep_waits_out_the_grace(ready, played):
    calls.move_clock(
        played.call,
        to=DEADLINE + GRACE - timedelta(minutes=1),
        actor=played.actor("office"),
        at=datetime.now(UTC),
    )
    sweep_deadlines()
    assert again(ready).status == "draft"


def test_after_the_sweep_drafts_have_lapsed_submitted_ones_stand_and_nobody_can_write(
    ready, played
):
    stays = season.draft(played, "乙二")
    season.submit(stays)
    editing = stays.sections.order_by("pk")[0]
    after_the_grace(played)
    sweep_deadlines()
    assert (again(ready).status, again(stays).status) == ("lapsed", "submitted")
    lapsed = Entry.objects.filter(
        action="applications.lapse", subject=f"applications.application:{ready.pk}"
    )
    assert [entry.actor_name for entry in lapsed] == ["clock"]
    at = datetime.now(UTC)
    admin = played.actor("admin")
    for made in (ready, stays):
        for act in (
            lambda made=made: services.save_section(
                again(made),
                editing.key,
                data={},
                version=99,
                actor=admin,
                at=at,
            ),
            lambda made=made: services.set_basics(
                again(made),
                title="改",
                direction=made.direction,
                subfield=made.subfield,
                recommender=made.recommender,
                actor=admin,
                at=at,
            ),
            lambda made=made: season.submit(again(made), key="after", at=at),
        ):
            with pytest.raises(Refusal) as said:
                act()
            assert said.value.code in ("deadline-passed", "wrong-status")
    assert Version.objects.count() == 1


def test_a_second_sweep_finds_nothing(ready, played):
    after_the_grace(played)
    sweep_deadlines()
    before = (Entry.objects.count(), list(Application.objects.values_list("status", "changed_at")))
    sweep_deadlines()
    assert before == (
        Entry.objects.count(),
        list(Application.objects.values_list("status", "changed_at")),
    )


def test_the_sweep_respects_the_extension_of_one_unit(ready, played):
    other = season.draft(played, "乙二")
    extend(played, played.cast.company, DEADLINE + timedelta(days=1))
    after_the_grace(played)
    sweep_deadlines()
    assert (again(ready).status, again(other).status) == ("draft", "lapsed")


def test_a_return_that_is_not_answered_leaves_the_submitted_version_standing(ready, played):
    season.submit(ready)
    services.return_for_correction(
        ready,
        fields=[{"section": "basics", "field": "", "comment": "改"}],
        note="请补充",
        until=AT + timedelta(days=1),
        actor=played.actor("office"),
        at=AT,
    )
    after_the_grace(played)
    sweep_deadlines()
    made = again(ready)
    assert (made.status, made.version_number, made.correction_until) == ("submitted", 1, None)
    assert Entry.objects.filter(action="applications.stand").count() == 1


def test_somebody_who_was_quicker_than_the_sweep_is_not_disturbed(ready, played, monkeypatch):
    """The list was read, then the draft was withdrawn: the sweep passes on to the next."""
    second = season.draft(played, "乙二")
    after_the_grace(played)
    at = datetime.now(UTC)
    found = list(queries.overdue(at))
    services.withdraw(again(ready), reason="不做了", actor=played.actor("admin"), at=at)
    monkeypatch.setattr("applications.queries.overdue", lambda at: iter(found))
    sweep_deadlines()
    assert (again(ready).status, again(second).status) == ("withdrawn", "lapsed")
