"""What a province keeps, ranks, seals and sends."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import Membership
from applications.models import Attachment
from calls import services as calls
from documents import services as documents
from documents.models import Signing
from documents.packages import services as packages
from recommenders import resultletters
from recommenders import services as recommenders
from recommenders.models import Allotment, OverQuotaRequest, PaperReceipt, Seal, SealedScan
from recommenders.services.selections import Result
from tests import season
from tests.architecture.canaries import Canaries
from tests.documents import sealed
from tests.season import Season
from tests.world import AT


def build(played: Season, canaries: Canaries) -> dict[str, object]:
    cast = played.cast
    played.clock(3)
    found = Allotment.objects.get(call=played.call, organisation=cast.province)
    reserve = played.again(2)
    recommenders.reserve(reserve, actor=cast.actor("operator"), at=AT)
    recommenders.set_note(
        reserve, note=canaries.token("reserve.note"), actor=cast.actor("operator"), at=AT
    )
    recommenders.promote(reserve, actor=cast.actor("operator"), at=AT)
    for n in (0, 1):
        recommenders.recommend(
            played.again(n),
            actor=cast.actor("operator"),
            at=AT,
            note=canaries.token("list.note"),
        )
    asked = OverQuotaRequest.objects.create(
        allotment=found,
        application=played.again(1),
        reason=canaries.mark("quota.reason", "填补省内空白，水平领先"),
        proposed_by=cast.people["operator"],
        proposed_at=AT,
        state="refused",
        decided_at=AT,
        decided_by=cast.people["chief"],
    )
    blob = Attachment.objects.order_by("pk")[0].blob
    key = sealed.kept(cast.province, at=AT)
    seal = Seal.objects.create(
        organisation=cast.province,
        blob=blob,
        key=key,
        diameter_mm=45,
        valid_from=AT.date() + timedelta(days=300),
        registered_by=cast.people["approver"],
        registered_at=AT,
    )
    desk = _desk(played, canaries)
    version = season.freeze(played)
    season.seal(played, version)
    Signing.objects.create(
        document=version.document,
        key=key,
        picture=blob,
        diameter_mm=45,
        state="ready",
        pdf=blob,
        file_sha256=blob.sha256,
        not_before=AT,
        requested_at=AT,
        signed_at=AT,
    )
    season.deliver(played)
    scan = SealedScan.objects.get(list_version=version)
    package = packages.request(
        kind="list-forms",
        subject=version.list,
        title="示例打包",
        acting=Membership.objects.get(user=cast.people["operator"]),
        actor=cast.actor("operator"),
        at=AT,
    )
    receipt = _paper(played, version)
    _result_letter(played, version.list, canaries)
    return {
        "package": package.public_id,
        "paper_receipt": receipt.public_id,
        "allotment": found.pk,
        "ranked": version.list_id,
        "over_quota": asked.public_id,
        "seal": seal.pk,
        "scan": scan.public_id,
        "paper_code": version.document.code,
        **desk,
    }


def _desk(played: Season, canaries: Canaries) -> dict[str, object]:
    """What the province keeps for itself about the company's filing."""
    actor, own = played.cast.actor("operator"), played.again(0)
    note = recommenders.add_note(own, text=canaries.mark("desk.note", "待核"), actor=actor, at=AT)
    tag = recommenders.make_tag(name=canaries.token("desk.tag"), tone="red", actor=actor, at=AT)
    step = recommenders.tag_filings(tag, [own.pk], put=True, actor=actor, at=AT)
    file = Attachment.objects.filter(application=own).select_related("blob")[0]
    held = recommenders.enter_paper_selection(
        played.call,
        organisation=played.cast.province,
        held_on=AT.date() - timedelta(days=1),
        participants=canaries.mark("desk.people", "示例专家"),
        note=canaries.token("desk.minutes"),
        minutes=documents.read(file.blob),
        minutes_name="纪要.pdf",
        results=[Result(own.pk, Decimal("87.65"), 1)],
        actor=actor,
        at=AT,
    )
    assert step is not None
    return {
        "filing_note": note.pk,
        "filing_tag": tag.pk,
        "tagging": step.pk,
        "paper_selection": held.public_id,
    }


def _result_letter(played: Season, ranked, canaries: Canaries) -> None:
    """The province wrote to the company, in words of its own."""
    ranked.refresh_from_db()
    own, province = played.again(0), played.cast.actor("operator")
    text = canaries.mark(
        "result.own", "贵单位申报的项目已列入我单位推荐名单，请按要求报送纸质材料并保持联系。"
    )
    recommenders.set_result_text(ranked, own, text=text, actor=province, at=AT)
    found = [one for one in resultletters.recipients(ranked) if one.application == own]
    recommenders.send_results(
        ranked, shown=resultletters.shown(found), only=own, actor=province, at=AT
    )


def _paper(played: Season, version) -> PaperReceipt:
    """The ministry asks for one copy of each 申报书; one came as a former version."""
    calls.set_level_date(
        played.call,
        organisation=played.cast.office,
        key="paper",
        until=AT + timedelta(days=10),
        copies=1,
        actor=played.actor("office"),
        at=AT,
    )
    return PaperReceipt.objects.create(
        token="0" * 16,
        call=played.call,
        receiver=played.cast.office,
        sender=played.cast.province,
        kind="form",
        application=played.again(0),
        document=version.document,
        verdict="stale",
        how="by_hand",
        state="set_aside",
        received_on=AT.date(),
        recorded_by=played.cast.people["office"],
        recorded_at=AT,
    )
