"""The list as a whole: confirmed under its hash, reopened, sealed, delivered, overdue."""

from datetime import timedelta

import pytest
from django.db.models import Max

from accounts.roles import Role
from applications import services as applications
from applications.models import Application
from core.errors import Refusal
from documents.models import Document
from notifications.models import Message
from recommenders import queries, ranking, services, sheets
from recommenders.models import ListVersion, Preselection, RankedList, SealedScan
from recommenders.services.scans import Uploaded
from tests import world
from tests.recommenders import scene
from tests.recommenders.scene import LATER, TOO_LATE
from tests.recommenders.test_recommending import refused

pytestmark = pytest.mark.django_db

EVEN_LATER = LATER + timedelta(hours=1)


@pytest.fixture
def listed(cast):
    """Three recommended filings and one in reserve."""
    *found, spare = scene.filings(cast, 4)
    scene.recommend(cast, *found)
    services.reserve(spare, actor=cast.actor("operator"), at=LATER)
    return cast


def test_confirming_freezes_numbers_and_asks_for_the_sheet(listed):
    version = scene.confirm_list(listed)
    assert scene.ranked(listed).state == "frozen"
    assert [row["rank"] for row in version.rows] == [1, 2, 3]
    assert version.hash == ranking.list_hash(version.rows)
    assert version.letter_number == "JB-2021-HZ-0001"
    sheet = version.document
    assert sheet.snapshot["content_fingerprint"] == version.hash
    assert sheet.snapshot["reserve_count"] == 1 and sheet.snapshot["limit"] == 15
    assert sheet.number == version.letter_number and sheet.state == "waiting"
    assert version.prepared_by == listed.people["operator"]
    assert version.approved_by == listed.people["approver"]
    assert Message.objects.filter(kind="list_confirmed").count() == 2


def test_the_row_holds_what_the_paper_needs(listed):
    row = sheets.rows(scene.ranked(listed))[0]
    assert set(sheets.PRINTED) <= set(row)
    assert (row["region"], row["kind"]) == ("长沙市", "企业")
    assert (row["contact"], row["phone"]) == ("联系1", "000-00000001")
    assert len(row["code"]) == 18 and len(row["fingerprint"]) == 64


def test_a_list_that_changed_after_it_was_shown_is_refused_with_409(listed):
    seen = scene.shown(listed)
    first = queries.live(listed.call, listed.province).first().application
    services.set_note(first, note="改过", actor=listed.actor("operator"), at=LATER)
    said = refused(
        "list-changed",
        services.submit_list,
        scene.ranked(listed),
        shown=seen,
        actor=listed.actor("approver"),
        at=LATER,
    )
    assert said.status == 409


def test_an_empty_list_is_not_confirmed(cast):
    refused(
        "list-empty",
        services.submit_list,
        scene.ranked(cast),
        shown=scene.shown(cast),
        actor=cast.actor("approver"),
        at=LATER,
    )


def test_an_operator_does_not_confirm(listed):
    refused(
        "approver-only",
        services.submit_list,
        scene.ranked(listed),
        shown=scene.shown(listed),
        actor=listed.actor("operator"),
        at=LATER,
    )


def test_who_prepared_last_does_not_confirm_until_another_has_gone_over_it(listed):
    first = queries.live(listed.call, listed.province).first().application
    services.set_rank(first, number=2, actor=listed.actor("approver"), at=LATER)
    said = refused(
        "two-people",
        services.submit_list,
        scene.ranked(listed),
        shown=scene.shown(listed),
        actor=listed.actor("approver"),
        at=LATER,
    )
    assert said.status == 403
    services.propose_list(
        scene.ranked(listed), shown=scene.shown(listed), actor=listed.actor("operator"), at=LATER
    )
    assert Message.objects.filter(kind="list_proposed").exists()
    assert scene.confirm_list(listed).prepared_by == listed.people["operator"]


def test_a_unit_with_one_person_confirms_alone_but_not_its_own_filing(cast):
    group = world.unit(world.K.CENTRAL_GROUP, "示例集团有限公司", region="110000", n=77)
    alone = world.person(group, Role.REC_APPROVER, "独一示例")
    services.allot_missing(at=LATER)
    one = scene.filing(cast, 1, recommender=group)
    services.recommend(one, actor=world.actor(alone), at=LATER)
    Application.objects.filter(pk=one.pk).update(organisation=group)

    def confirm():
        return services.submit_list(
            scene.ranked(cast, group),
            shown=scene.shown(cast, group),
            actor=world.actor(alone),
            at=LATER,
        )

    assert "本单位的申报" in refused("two-people", confirm).message
    Application.objects.filter(pk=one.pk).update(organisation=cast.company)
    assert confirm().prepared_by == alone


def test_a_waiting_over_quota_request_holds_the_list(listed):
    scene.limit(listed, 3)
    spare = Application.objects.get(reserve__isnull=False)
    request = services.request_over_quota(
        spare, reason="填补省内空白，水平领先", actor=listed.actor("operator"), at=LATER
    )
    refused(
        "requests-pending",
        services.submit_list,
        scene.ranked(listed),
        shown=scene.shown(listed),
        actor=listed.actor("approver"),
        at=LATER,
    )
    services.cancel_over_quota(request, actor=listed.actor("operator"), at=LATER)
    assert scene.confirm_list(listed)


def test_a_confirmed_list_takes_no_change(listed):
    scene.confirm_list(listed)
    operator = listed.actor("operator")
    first = queries.live(listed.call, listed.province).first().application
    spare = Application.objects.get(reserve__isnull=False)
    refused("list-frozen", services.recommend, spare, actor=operator, at=LATER)
    refused("list-frozen", services.set_rank, first, number=2, actor=operator, at=LATER)
    refused("list-frozen", services.unreserve, spare, actor=operator, at=LATER)
    refused("list-frozen", services.unrecommend, first, reason="不推荐了", actor=operator, at=LATER)
    refused(
        "list-state",
        services.submit_list,
        scene.ranked(listed),
        shown=scene.shown(listed),
        actor=listed.actor("approver"),
        at=LATER,
    )


def test_from_the_deadline_on_no_list_is_confirmed_or_reopened(listed):
    args = {"shown": scene.shown(listed), "actor": listed.actor("approver")}
    refused(
        "recommendation-over",
        services.submit_list,
        scene.ranked(listed),
        at=TOO_LATE,
        **args,
    )
    services.submit_list(scene.ranked(listed), at=TOO_LATE - timedelta(microseconds=1), **args)
    refused(
        "recommendation-over",
        services.reopen_list,
        scene.ranked(listed),
        reason="需要调整顺序",
        actor=listed.actor("approver"),
        at=TOO_LATE,
    )


def test_reopening_voids_the_sheet_and_the_next_version_has_its_own(listed):
    first = scene.confirm_list(listed)
    services.reopen_list(
        scene.ranked(listed), reason="第 2 项需要更正", actor=listed.actor("approver"), at=LATER
    )
    first.refresh_from_db()
    sheet = Document.objects.get(pk=first.document_id)
    assert first.voided_at and sheet.voided_at and "第 2 项需要更正" in sheet.void_reason
    assert scene.ranked(listed).state == "open"
    app = queries.live(listed.call, listed.province).first().application
    services.set_rank(app, number=3, actor=listed.actor("operator"), at=EVEN_LATER)
    second = scene.confirm_list(listed, at=EVEN_LATER)
    assert (second.number, second.letter_number) == (2, "JB-2021-HZ-0002")
    assert second.document.code != sheet.code


def test_withdrawing_from_a_confirmed_list_reopens_it_before_the_deadline(listed):
    version = scene.confirm_list(listed)
    gone = queries.live(listed.call, listed.province).first().application
    applications.withdraw(
        gone, reason="计划改变", actor=world.actor(gone.created_by), at=EVEN_LATER
    )
    version.refresh_from_db()
    assert version.voided_at and scene.ranked(listed).state == "open"
    assert [c.rank for c in queries.live(listed.call, listed.province)] == [1, 2]
    assert Message.objects.filter(kind="list_reopened").exists()


def test_withdrawing_after_the_deadline_leaves_the_confirmed_list_as_it_is(listed):
    version = scene.confirm_list(listed)
    gone = queries.live(listed.call, listed.province).first().application
    applications.withdraw(gone, reason="计划改变", actor=world.actor(gone.created_by), at=TOO_LATE)
    version.refresh_from_db()
    assert version.voided_at is None and scene.ranked(listed).state == "frozen"
    assert scene.places_taken(listed) == 2


def test_a_recommended_filing_submitted_again_reopens_the_confirmed_list(listed):
    version = scene.confirm_list(listed)
    one = queries.live(listed.call, listed.province).first().application
    applications.return_for_correction(
        one,
        fields=[{"section": listed.call.programme.sections[0].key, "field": ""}],
        note="请更正电话",
        until=LATER + timedelta(days=2),
        actor=listed.actor("office"),
        at=LATER,
    )
    assert scene.places_taken(listed) == 3
    applications.move(one, "correct", actor=world.actor(one.created_by), at=EVEN_LATER)
    version.refresh_from_db()
    assert version.voided_at and scene.ranked(listed).state == "open"
    assert scene.places_taken(listed) == 3


# Scans -----------------------------------------------------------------------------------------


def ready(version: ListVersion, pages: int = 3) -> Document:
    """The sheet as if a worker had drawn it with this many pages."""
    from documents import services as documents

    blob = documents.store(b"%PDF-sheet", name="s.pdf", media_type="application/pdf", at=LATER)
    Document.objects.filter(pk=version.document_id).update(
        state="ready", pdf=blob, file_sha256=blob.sha256, pages=pages, ready_at=LATER
    )
    return Document.objects.get(pk=version.document_id)


def scan_of(cast, codes, at=EVEN_LATER, data=b"%PDF-scan"):
    upload = Uploaded(data=data, name="盖章扫描.pdf", media_type="application/pdf", codes=codes)
    return services.receive_scan(scene.ranked(cast), [upload], actor=cast.actor("operator"), at=at)


def test_a_scan_of_every_page_seals_the_list_and_keeps_the_original(listed):
    from documents import services as documents

    sheet = ready(scene.confirm_list(listed))
    scan = scan_of(listed, [(sheet.code, n) for n in (1, 2, 3)], data=b"%PDF-original")
    assert scan.state == "matched" and scene.ranked(listed).state == "sealed"
    assert documents.read(scan.files.get().blob) == b"%PDF-original"


def test_an_older_page_is_refused_with_the_rows_that_differ(listed):
    old = ready(scene.confirm_list(listed))
    services.reopen_list(
        scene.ranked(listed), reason="调整顺序一次", actor=listed.actor("approver"), at=LATER
    )
    app = queries.live(listed.call, listed.province).first().application
    services.set_rank(app, number=2, actor=listed.actor("operator"), at=LATER)
    new = ready(scene.confirm_list(listed))
    scan = scan_of(listed, [(new.code, 1), (old.code, 2), (new.code, 3)])
    assert scan.state == "refused" and scene.ranked(listed).state == "frozen"
    assert scan.result["pages"][1]["version"] == 1
    assert [d["rank"] for d in scan.result["differences"]] == [1, 2]
    assert {d["column"] for d in scan.result["differences"]} == {"整行"}


def test_foreign_and_missing_pages_are_refused_and_kept(listed):
    sheet = ready(scene.confirm_list(listed))
    assert scan_of(listed, [("ZZZZ9999YY", 1), (sheet.code, 2)]).state == "refused"
    assert SealedScan.objects.count() == 1


def test_a_programme_that_asks_for_a_sealed_sheet_gets_no_list_without_it(listed):
    sealed = {"kind": "sheet", "title": "信息报送汇总表", "copies": 1, "sealed": True}
    rules = listed.call.rules | {"documents": [sealed]}
    scene.move_dates(listed.call, rules=rules)
    sheet = ready(scene.confirm_list(listed))
    refused(
        "scan-missing",
        services.deliver,
        scene.ranked(listed),
        actor=listed.actor("operator"),
        at=EVEN_LATER,
    )
    scan_of(listed, [(sheet.code, n) for n in (1, 2, 3)])
    services.deliver(scene.ranked(listed), actor=listed.actor("operator"), at=EVEN_LATER)
    assert scene.ranked(listed).state == "delivered"


def test_without_such_a_demand_a_confirmed_list_may_be_delivered_at_once(listed):
    rules = {key: value for key, value in listed.call.rules.items() if key != "documents"}
    scene.move_dates(listed.call, rules=rules)
    scene.confirm_list(listed)
    services.deliver(scene.ranked(listed), actor=listed.actor("operator"), at=EVEN_LATER)
    assert scene.ranked(listed).state == "delivered"


def test_without_a_sheet_in_force_or_before_it_is_drawn_no_scan_is_taken(listed):
    with pytest.raises(Refusal) as caught:
        scan_of(listed, [("ZZZZ9999YY", 1)])
    assert caught.value.code == "no-sheet"
    version = scene.confirm_list(listed)
    with pytest.raises(Refusal) as caught:
        scan_of(listed, [(version.document.code, 1)])
    assert caught.value.code == "sheet-not-ready"


def test_an_unreadable_page_needs_a_reason_and_a_second_look_of_the_office(listed):
    sheet = ready(scene.confirm_list(listed))
    scan = scan_of(listed, [(sheet.code, 1), (None, None), (sheet.code, 3)])
    operator = listed.actor("operator")
    refused(
        "reason-short",
        services.confirm_scan_manually,
        scan,
        reason="看过",
        actor=operator,
        at=LATER,
    )
    services.confirm_scan_manually(
        scan, reason="第 2 页印章压住了二维码", actor=operator, at=EVEN_LATER
    )
    assert scene.ranked(listed).state == "frozen"
    assert Message.objects.filter(kind="scan_second_look").exists()
    services.second_look(scan, actor=listed.actor("office"), at=EVEN_LATER)
    assert scene.ranked(listed).state == "sealed"
    assert SealedScan.objects.get().second_by == listed.people["office"]


def test_the_office_may_disagree_and_the_unit_scans_again(listed):
    sheet = ready(scene.confirm_list(listed))
    scan = scan_of(listed, [(sheet.code, 1), (None, None), (sheet.code, 3)])
    services.confirm_scan_manually(
        scan, reason="第 2 页印章压住了二维码", actor=listed.actor("operator"), at=EVEN_LATER
    )
    services.refuse_manual(
        scan, note="第 2 页不是汇总表", actor=listed.actor("office"), at=EVEN_LATER
    )
    scan.refresh_from_db()
    assert scan.state == "refused" and not scan.may_be_confirmed_by_hand
    assert scan_of(listed, [(sheet.code, n) for n in (1, 2, 3)]).state == "matched"


def test_a_stale_page_is_never_confirmed_by_hand(listed):
    sheet = ready(scene.confirm_list(listed))
    scan = scan_of(listed, [(sheet.code, 1), ("ZZZZ9999YY", 2), (sheet.code, 3)])
    refused(
        "not-by-hand",
        services.confirm_scan_manually,
        scan,
        reason="我们确认是同一份文件",
        actor=listed.actor("operator"),
        at=EVEN_LATER,
    )


# Delivering and the deadline -------------------------------------------------------------------


def test_delivering_ends_it_and_tells_applicants_to_print_and_seal(listed):
    sheet = ready(scene.confirm_list(listed))
    scan_of(listed, [(sheet.code, n) for n in (1, 2, 3)])
    after_the_deadline = TOO_LATE + timedelta(hours=3)
    services.deliver(scene.ranked(listed), actor=listed.actor("operator"), at=after_the_deadline)
    assert scene.ranked(listed).state == "delivered"
    assert Message.objects.filter(kind="print_and_seal").count() == 3
    refused(
        "list-state",
        services.deliver,
        scene.ranked(listed),
        actor=listed.actor("operator"),
        at=after_the_deadline,
    )


def test_an_open_list_is_not_delivered(listed):
    refused(
        "list-state",
        services.deliver,
        scene.ranked(listed),
        actor=listed.actor("operator"),
        at=LATER,
    )


SWEPT = TOO_LATE + timedelta(minutes=11)


def test_after_the_deadline_what_a_confirmed_list_leaves_out_ends(listed):
    scene.confirm_list(listed)
    assert services.close_unrecommended(at=TOO_LATE + timedelta(minutes=9)) == 0
    assert services.close_unrecommended(at=SWEPT) == 1
    assert services.close_unrecommended(at=SWEPT) == 0
    statuses = Application.objects.filter(version_number=1).values_list("status", flat=True)
    assert sorted(statuses) == ["not_selected", "recommended", "recommended", "recommended"]


def test_a_list_that_was_not_confirmed_is_flagged_once_and_keeps_everything(listed):
    assert services.close_unrecommended(at=SWEPT) == 1
    assert services.close_unrecommended(at=SWEPT) == 0
    ranked = scene.ranked(listed)
    assert ranked.flagged_at == SWEPT and scene.places_taken(listed) == 3
    assert Application.objects.filter(status="recommended").count() == 3
    assert Application.objects.filter(status="submitted").count() == 1
    assert Message.objects.filter(kind="list_overdue").exists()


def test_the_office_takes_an_overdue_list_as_it_stands(listed):
    services.close_unrecommended(at=SWEPT)
    services.settle_unsubmitted(
        scene.ranked(listed),
        accept=True,
        reason="单位来函说明",
        actor=listed.actor("chief"),
        at=SWEPT,
    )
    assert scene.ranked(listed).state == "frozen"
    assert services.close_unrecommended(at=SWEPT) == 1


def test_the_office_may_also_end_an_overdue_list(listed):
    services.close_unrecommended(at=SWEPT)
    services.settle_unsubmitted(
        scene.ranked(listed),
        accept=False,
        reason="单位放弃推荐",
        actor=listed.actor("chief"),
        at=SWEPT,
    )
    assert scene.places_taken(listed) == 0
    assert not Application.objects.filter(status__in=["recommended", "submitted"]).exists()


def test_a_formal_rejection_frees_the_place_and_leaves_the_delivered_list(listed):
    sheet = ready(scene.confirm_list(listed))
    scan_of(listed, [(sheet.code, n) for n in (1, 2, 3)])
    services.deliver(scene.ranked(listed), actor=listed.actor("operator"), at=EVEN_LATER)
    bad = queries.live(listed.call, listed.province).first().application
    applications.not_accept(bad, reason="不符合申报条件", actor=listed.actor("office"), at=TOO_LATE)
    assert scene.places_taken(listed) == 2
    assert scene.ranked(listed).state == "delivered"
    assert ListVersion.objects.get().voided_at is None


def test_numbers_of_sheets_are_gapless_over_units(cast):
    one = scene.filing(cast, 1)
    scene.recommend(cast, one)
    approver = world.person(cast.other_province, Role.REC_APPROVER, "审批示例")
    two = scene.filing(cast, 2, recommender=cast.other_province)
    services.recommend(two, actor=cast.actor("neighbour"), at=LATER)
    scene.confirm_list(cast)
    services.submit_list(
        scene.ranked(cast, cast.other_province),
        shown=scene.shown(cast, cast.other_province),
        actor=world.actor(approver),
        at=LATER,
    )
    numbers = ListVersion.objects.order_by("pk").values_list("letter_number", flat=True)
    assert list(numbers) == ["JB-2021-HZ-0001", "JB-2021-HZ-0002"]
    assert RankedList.objects.aggregate(n=Max("version"))["n"] == 1


def test_preselection_must_have_been_forwarded_before_the_province_recommends():
    spec = world.programme()
    steps = ("filing", "preselection", *[str(s) for s in spec.steps[1:]])
    cast = world.build(
        spec.model_copy(update={"steps": tuple(type(spec.steps[0])(s) for s in steps)})
    )
    app = scene.filing(cast, 1, preselector=cast.city)
    refused("not-forwarded", services.recommend, app, actor=cast.actor("operator"), at=LATER)
    refused("not-yours", services.forward, app, actor=cast.actor("operator"), at=LATER)
    services.hold(app, note="材料还需补充", actor=cast.actor("city"), at=LATER)
    refused("not-forwarded", services.recommend, app, actor=cast.actor("operator"), at=LATER)
    services.forward(app, rank=1, actor=cast.actor("city"), at=LATER)
    services.recommend(app, actor=cast.actor("operator"), at=LATER)
    assert Preselection.objects.get().state == "forwarded"
