"""``check_invariants`` is silent after a whole season and finds whatever is tampered with."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from applications.models import Application, Correction, Participation, Version
from audit import services as audit
from audit.models import Entry
from calls import services as calls
from documents.models import Blob, Counter, Document, Package
from notifications.models import Message
from outcomes.models import Decision
from portal import invariants
from recommenders.models import (
    Confirmation,
    LevelQuota,
    ListVersion,
    PaperReceipt,
    Preselection,
    RankedList,
    ResultLetter,
    SealedScan,
)
from reviews.models import Assignment, Conflict, Result, Review
from tests import kept, season
from tests.benchmarks import bulk
from tests.world import AT


def build() -> season.Season:
    found = season.begin()
    season.draft(found, "丁四")
    season.play(found)
    season.render()
    audit.chain(2000)
    return found


played = kept.fixture(build)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files", "either_database")]


def rules() -> set[str]:
    return {problem.rule for problem in invariants.run()}


def raw(statement: str) -> None:
    with connection.cursor() as cursor:
        if not sqlite():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


ABOUT_EACH_SUSPECT = {"R9.every_move_told_its_applicant"}
"""Asks who was there to be told of each move without a letter; the filings made below have none."""


def asked() -> dict[str, tuple[int, bool]]:
    """How many statements each check asks, and whether one brings the rules with every filing."""
    found = {}
    for name in invariants.CHECKS.keys() - invariants.READS_FILES - ABOUT_EACH_SUSPECT:
        with CaptureQueriesContext(connection) as said:
            list(invariants.CHECKS[name]())
        joined = [one["sql"] for one in said if "calls_call" in one["sql"].split("WHERE")[0]]
        heavy = any('"rules"' in one and "applications_application" in one for one in joined)
        found[name] = len(said), heavy
    return found


def test_more_filings_take_no_more_statements_and_no_more_copies_of_the_rules(played):
    like = played.again(0)
    few = asked()
    played.clock(0)  # filing is open again
    bulk.submitted(like, range(500, 530), at=AT)
    assert asked() == few
    assert not [name for name, (_, heavy) in few.items() if heavy]


def test_a_whole_season_keeps_every_promise(played):
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert "全部相符" in out.getvalue()
    assert len(invariants.CHECKS) >= 25


def test_the_command_fails_and_names_the_row(played):
    Application.objects.filter(pk=played.filed[0].pk).update(status="accepted")
    out = StringIO()
    with pytest.raises(CommandError, match="不符"):
        call_command("check_invariants", "--without-files", stdout=out)
    assert f"R8 applications.application:{played.filed[0].pk}" in out.getvalue()


def first(model):
    found = model.objects.order_by("pk")
    return found.exclude(status="draft")[0] if model is Application else found[0]


def change(model, **values):
    def tamper(played):
        model.objects.filter(pk=first(model).pk).update(**values)

    return tamper


def lose_the_version(played):
    lost = Version.objects.order_by("pk").first()
    raw(f"DELETE FROM reviews_roundapplication WHERE version_id = {lost.pk}")
    raw(f"DELETE FROM applications_version WHERE id = {lost.pk}")


def touch_the_snapshot(model):
    def tamper(played):
        row = first(model)
        row.snapshot = {**row.snapshot, "title": "改过"}
        row.save(update_fields=["snapshot"])

    return tamper


def arrive_late(played):
    Version.objects.filter(pk=first(Version).pk).update(arrived_at=AT + timedelta(days=2))


def forward_too_many(played):
    cast, by = played.cast, played.cast.people["city"]
    Preselection.objects.update_or_create(
        application=played.filed[0],
        organisation=cast.city,
        defaults={"state": "forwarded", "by": by, "at": AT},
    )
    LevelQuota.objects.create(call=cast.call, organisation=cast.city, limit=0, by=by, at=AT)


def take_a_place_away(played):
    Confirmation.objects.filter(pk=first(Confirmation).pk).update(
        released_at=AT, release_reason="测试"
    )


def forget_who_takes_part(played):
    Participation.objects.filter(application=played.filed[0]).delete()


def leave_a_round_open(played):
    Correction.objects.create(
        application=played.filed[0],
        number=1,
        from_version=1,
        organisation=played.cast.province,
        by=played.cast.people["operator"],
        by_name="示例",
        until=AT,
        opened_at=AT,
    )


def shift_a_number(played):
    Application.objects.filter(pk=played.filed[2].pk).update(number="JB-2021-000009")


def another_row_in_the_list(played):
    version = first(ListVersion)
    version.rows = [{**row, "note": "改"} for row in version.rows]
    version.save(update_fields=["rows"])


def bytes_on_disk(played):
    from django.conf import settings

    blob = first(Blob)
    path = settings.MEDIA_ROOT / blob.path
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    return lambda: path.write_bytes(data)


def no_letter(played):
    Message.objects.filter(key__startswith="application.submit:").delete()


def conflict_after_all(played):
    task = Assignment.objects.filter(state="deployed").order_by("pk")[0]
    Conflict.objects.create(
        expert=task.expert,
        application=task.application,
        kind=Conflict.Kind.OFFICE,
        state=Conflict.State.PINNED,
        reason="测试",
        at=AT - timedelta(days=1),
    )


def lose_the_slot(played):
    raw(
        "DROP TRIGGER outcomes_decision_cap_update"
        if sqlite()
        else "ALTER TABLE outcomes_decision DISABLE TRIGGER outcomes_decision_cap"
    )
    Decision.objects.filter(outcome="select").update(
        call_slot=None, direction_slot=None, subfield_slot=None
    )


def hide_what_is_listed(played):
    Application.objects.filter(status="finalist").update(shown_as="in_review")


def sqlite() -> bool:
    return connection.vendor == "sqlite"


def drop_the_deadline_trigger(played):
    raw(
        "DROP TRIGGER applications_version_in_time"
        + ("" if sqlite() else " ON applications_version")
    )


def change_the_trail(played):
    entry = Entry.objects.filter(seq__isnull=False).order_by("pk")[5]
    Entry.objects.filter(pk=entry.pk).update(actor_name="别人")


def cut_the_trail(played):
    Entry.objects.filter(seq=Entry.objects.filter(seq__isnull=False).count()).delete()


def skip_a_move(played):
    Entry.objects.filter(action="applications.accept").order_by("pk")[0].delete()


def hold_the_place_of_another(played):
    other = Organisation.objects.exclude(pk=played.cast.province.pk).first()
    Application.objects.filter(pk=played.filed[0].pk).update(recommender=other)


def lose_a_package(played):
    Package.objects.create(
        kind="list-forms",
        subject="recommenders.rankedlist:1",
        organisation=played.cast.province,
        requested_by=played.cast.people["operator"],
        requested_at=AT,
        not_before=AT,
        state="ready",
        path="packages/lost.zip",
        size=1,
        sha256="0" * 64,
        expires_at=AT,
    )


def mark_a_letter_as_sent(played):
    ResultLetter.objects.create(
        list=first(RankedList),
        application=played.filed[0],
        recommended=True,
        text="已推荐",
        sent_by=played.cast.people["operator"],
        sent_at=AT,
        document=first(Document),
    )


def count_the_paper_of_another(played):
    PaperReceipt.objects.create(
        token="0" * 16,
        call=played.call,
        receiver=played.cast.office,
        sender=played.cast.province,
        kind="form",
        application=played.filed[0],
        document=Version.objects.get(application=played.filed[1], number=1).form,
        verdict="matched",
        how="by_hand",
        state="counted",
        received_on=AT.date(),
        recorded_by=played.cast.people["office"],
        recorded_at=AT,
    )


@pytest.mark.parametrize(
    ("tamper", "rule"),
    [
        (change(Application, version_number=2), "R1"),
        (change(Application, submitted_at=AT - timedelta(hours=1)), "R1"),
        (change(Application, number=""), "R1"),
        (lose_the_version, "R1"),
        (forget_who_takes_part, "R1"),
        (leave_a_round_open, "R1"),
        (drop_the_deadline_trigger, "R3"),
        (take_a_place_away, "R3"),
        (forward_too_many, "R3"),
        (hold_the_place_of_another, "R3"),
        (lose_the_slot, "R3"),
        (hide_what_is_listed, "R7"),
        (
            change(Decision, state="pending", approved_by=None, approved_at=None, applied_at=None),
            "R3",
        ),
        (arrive_late, "R4"),
        (touch_the_snapshot(Version), "R5"),
        (touch_the_snapshot(Document), "R5"),
        (change(Version, receipt=None), "R5"),
        (bytes_on_disk, "R5"),
        (shift_a_number, "R6"),
        (change(Counter, value=7), "R6"),
        (conflict_after_all, "R7"),
        (change_the_trail, "R8"),
        (cut_the_trail, "R8"),
        (skip_a_move, "R8"),
        (lose_a_package, "R5"),
        (no_letter, "R9"),
        (mark_a_letter_as_sent, "R9"),
        (count_the_paper_of_another, "R10"),
        (another_row_in_the_list, "R10"),
        (change(ListVersion, voided_at=AT, void_reason="测试"), "R10"),
        (change(RankedList, version=3), "R10"),
        (change(SealedScan, result={"verdict": "refused"}), "R10"),
        (change(Review, total="1.00"), "R13"),
        (change(Result, score="1.00"), "R13"),
    ],
)
def test_what_was_tampered_with_is_found_and_named(played, tamper, rule):
    mend = tamper(played)
    try:
        assert rule in rules()
    finally:
        if mend:
            mend()


def test_a_trail_whose_tail_grows_without_end_is_found(played, monkeypatch):
    monkeypatch.setattr("portal.invariants.trail.LONGEST_TAIL", 3)
    assert not rules()
    for day in range(4):
        played.clock(20 + day)
    assert rules() == {"R8"}


def test_a_version_before_a_change_of_dates_is_not_called_late(played):
    calls.set_dates(
        played.call,
        dates={"filing_until": AT - timedelta(days=1)},
        actor=played.actor("office"),
        at=AT + timedelta(hours=1),
    )
    assert "R4" not in rules()
