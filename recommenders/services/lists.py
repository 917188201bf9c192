"""The list as a whole: handed to the approver, confirmed, reopened, delivered.

Only these acts, the scans and ``listing.void_version`` write its state.
"""

from datetime import datetime

from django.db import transaction

from applications import exclusivity
from applications.models import Application
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.failpoints import failpoint
from documents import services as documents
from recommenders import clashing, letters, liststates, queries, ranking, sheets
from recommenders.models import Confirmation, ListVersion, RankedList, Seal
from recommenders.services import coverletters, ground, listing, seals


@transaction.atomic
def propose_list(ranked: RankedList, *, shown: str, actor: Actor, at: datetime) -> RankedList:
    """The person who prepared the list hands it to the approvers. Nothing is frozen yet."""
    ground.must_belong(actor, ranked.organisation_id)
    ranked = ground.lock_open_list(ranked.call, ranked.organisation_id)
    _same_as_shown(sheets.rows(ranked), shown)
    ground.touch(ranked, by=actor.person, at=at)
    entry = audit.record(
        actor=actor, action="recommenders.propose_list", subject=ranked, at=at, hash=shown
    )
    letters.list_proposed(ranked, occasion=entry.pk, at=at)
    return ranked


@transaction.atomic
def submit_list(
    ranked: RankedList, *, shown: str, actor: Actor, at: datetime, limits: str | None = None
) -> ListVersion:
    """Confirm the list that was shown: freeze it, number it, ask for its summary sheet.

    ``shown`` is the hash the confirming page carried, ``limits`` the quota it showed. Raises
    ``Refusal``: ``list-changed``, ``quota-changed`` (409) when one is not as it was shown,
    ``list-empty``, ``two-people``, ``clash-unexplained`` or the code of a hard clash,
    ``requests-pending``, ``recommendation-over``, ``list-frozen``. The number is taken last, so
    that others wait briefly.
    """
    ground.must_approve(actor, ranked.organisation_id)
    ground.lock_allotments(ranked.call, ranked.organisation_id)
    ranked = ground.lock_list(ranked.call, ranked.organisation_id)
    state = liststates.target(ranked.state, "submit")
    ground.must_be_in_time(ranked, at=at)
    rows = sheets.rows(ranked)
    if not rows:
        raise Refusal("list-empty", "名单中还没有推荐项目，不能确认。请先推荐至少一项。")
    _same_as_shown(rows, shown)
    if limits is not None and limits != queries.limits_shown(ranked.call, ranked.organisation_id):
        raise Refusal(
            "quota-changed",
            "名额在您查看之后有调整，没有确认。请刷新页面，核对最新名额和名单后再办理。",
        )
    _two_people(ranked, rows, actor=actor, at=at)
    _clear_of_clashes(ranked)
    if queries.pending_requests(ranked.call, ranked.organisation_id).exists():
        raise Refusal(
            "requests-pending", "还有超额申请待审批。请等待审批结果，或先撤回申请，再确认名单。"
        )
    return freeze(ranked, rows, state=state, actor=actor, at=at)


def freeze(
    ranked: RankedList, rows: list[sheets.Row], *, state: str, actor: Actor, at: datetime
) -> ListVersion:
    """Write the version, its letters and its papers. The list must be locked and checked."""
    version = ListVersion.objects.create(
        list=ranked,
        number=ranked.version + 1,
        rows=rows,
        hash=ranking.list_hash(rows),
        frozen_at=ranked.call.time(at),
        prepared_by_id=ranked.changed_by_id or actor.person,
        approved_by_id=actor.person,
    )
    failpoint("list.frozen")
    ranked.state, ranked.version, ranked.undo = state, version.number, None
    ranked.save(update_fields=["state", "version", "undo"])
    audit.record(
        actor=actor,
        action="recommenders.submit_list",
        subject=ranked,
        at=at,
        version=version.number,
        hash=version.hash,
        rows=len(rows),
    )
    letters.list_confirmed(version, at=at)
    _papers(version, actor=actor, at=at)
    return version


def _papers(version: ListVersion, *, actor: Actor, at: datetime) -> None:
    """The numbered summary sheet, and the letter where the programme asks for one."""
    call = version.list.call
    unit = version.list.organisation
    prefix = call.number_prefix
    seal = _seal_for(version, actor=actor, at=at)
    version.letter_number = f"{prefix}-HZ-{documents.next_number(f'summary-sheet:{call.pk}'):04d}"
    failpoint("list.numbered")
    version.document = documents.request_document(
        kind="summary_sheet",
        subject=version,
        snapshot=sheets.summary_sheet(version, seal=seal),
        title=f"信息报送汇总表：{unit.name}",
        organisation=unit,
        at=at,
        number=version.letter_number,
        version=version.number,
        actor=actor,
    )
    failpoint("list.papered")
    _replace_former(version, actor=actor, at=at)
    papers = [version.document]
    if coverletters.wanted(version.list):
        papers.append(coverletters.issue(version, seal=seal, actor=actor, at=at))
    if seal is not None:
        for paper in papers:
            seals.ask(paper, seal, actor=actor, at=at)
    version.save(update_fields=["letter_number", "document"])


def _replace_former(version: ListVersion, *, actor: Actor, at: datetime) -> None:
    """The void sheet of the version before says which one to go by instead."""
    former = (
        ListVersion.objects.filter(list=version.list_id, number__lt=version.number)
        .select_related("document")
        .order_by("-number")
        .first()
    )
    if former is not None and former.document is not None:
        documents.void(
            former.document,
            reason=former.void_reason or "名单已重新确认",
            at=at,
            replaced_by=version.document,
            actor=actor,
        )


def _seal_for(version: ListVersion, *, actor: Actor, at: datetime) -> Seal | None:
    """The electronic seal for this version's papers: only when the unit itself confirms.

    The office may take a list as it stands; it may not seal it in the unit's name.
    """
    unit = version.list.organisation
    if actor.organisation_id != unit.pk:
        return None
    day = version.frozen_at.astimezone(sheets.CHINA).date()
    return sheets.seal_of(unit, day=day, at=at)


def _same_as_shown(rows: list[sheets.Row], shown: str) -> None:
    if ranking.list_hash(rows) != shown:
        raise Refusal(
            "list-changed",
            "名单在您查看之后有改动，没有确认。请刷新页面，核对最新名单后再办理。",
        )


def _two_people(ranked: RankedList, rows: list[sheets.Row], *, actor: Actor, at: datetime) -> None:
    """Whoever prepared the list last does not approve it, where the unit has two people or
    recommends its own filing."""
    if ranked.changed_by_id != actor.user_id:
        return
    own = sheets.has_own_filing(ranked)
    if own or queries.staffed_by_two(ranked.organisation_id, at=at):
        why = "名单中有本单位的申报，" if own else ""
        raise Refusal(
            "two-people",
            f"{why}最后编制名单的人不能自己审批。请由本单位另一位推荐审批人确认，"
            "或请经办人核对名单后提请审批。",
            status=403,
        )


def _clear_of_clashes(ranked: RankedList) -> None:
    """Nothing on the list is forbidden, and every repetition has been explained by the unit."""
    held = list(queries.live(ranked.call_id, ranked.organisation_id))
    warnings = clashing.of_list(ranked.call, [one.application for one in held])
    open_ones = []
    for one in held:
        found = warnings.get(one.application_id, [])
        if any(warning.hard for warning in found):
            exclusivity.must_be_clear(one.application)
        if found and not one.clash_reason:
            open_ones.append(one)
    # of two lines that repeat each other one explanation is enough
    unsaid = [
        one for one in open_ones if not _said_by_the_other(one, held, warnings[one.application_id])
    ]
    if unsaid:
        titles = "、".join(f"《{one.application.title}》" for one in unsaid)
        raise Refusal(
            "clash-unexplained",
            f"{titles}有重复情况还没有说明。请在该申报的页面写明情况，或撤下其中一项，再确认名单。",
        )


def _said_by_the_other(
    one: Confirmation, held: list[Confirmation], found: list[clashing.Warning]
) -> bool:
    explained = {other.application.public_id for other in held if other.clash_reason}
    return all(warning.public_id in explained for warning in found)


@transaction.atomic
def reopen_list(ranked: RankedList, *, reason: str, actor: Actor, at: datetime) -> RankedList:
    """Before the deadline an approver opens a confirmed list again; its sheet becomes void."""
    ground.must_approve(actor, ranked.organisation_id)
    if len(reason.strip()) < 5:
        raise Refusal("reason-short", "请写明重新打开名单的理由（不少于 5 字）。", status=422)
    ranked = ground.lock_list(ranked.call, ranked.organisation_id)
    liststates.target(ranked.state, "reopen")
    ground.must_be_in_time(ranked, at=at)
    listing.void_version(ranked, reason=reason.strip(), actor=actor, at=at)
    letters.list_reopened(ranked, reason=reason.strip(), at=at)
    return ranked


@transaction.atomic
def corrected(application: Application, *, actor: Actor, at: datetime) -> None:
    """A recommended filing was submitted again after a return.

    A list confirmed with its former version is reopened before the deadline, since the sheet no
    longer says what is filed; after the deadline the list stands as it was confirmed.
    """
    held = (
        Confirmation.objects.filter(application=application, released_at__isnull=True)
        .select_related("allotment")
        .first()
    )
    if held is None:
        return
    ranked = ground.lock_list(held.allotment.call_id, held.allotment.organisation_id)
    confirmed = ranked.state in (liststates.FROZEN, liststates.SEALED)
    if confirmed and queries.in_time(ranked, at=at):
        reason = f"《{application.title}》的申报书已修改后重新提交"
        listing.void_version(ranked, reason=reason, actor=actor, at=at)
        letters.list_reopened(ranked, reason=reason, at=at)


@transaction.atomic
def deliver(ranked: RankedList, *, actor: Actor, at: datetime) -> RankedList:
    """报送: the list goes to the office, its applicants are told to print and seal.

    Where the programme asks for a sealed sheet, only after its scan matched or was confirmed by
    hand. It may follow the deadline: scan and paper have dates of their own.
    """
    ground.must_belong(actor, ranked.organisation_id)
    ranked = ground.lock_list(ranked.call, ranked.organisation_id)
    if queries.needs_scan(ranked) and ranked.state == liststates.FROZEN:
        raise Refusal(
            "scan-missing",
            "盖章的汇总表还没有核对通过，请先上传扫描件，逐页相符后再报送；"
            "本批次认可电子签章的，也可以在电子签章完成后报送。",
        )
    change = "deliver" if queries.needs_scan(ranked) else "deliver_without_sheet"
    ranked.state = liststates.target(ranked.state, change)
    ranked.delivered_at, ranked.delivered_by_id = at, actor.user_id
    ranked.save(update_fields=["state", "delivered_at", "delivered_by"])
    failpoint("list.delivered")
    version = queries.version_in_force(ranked)
    if version is None:
        raise RuntimeError(f"list {ranked.pk} is delivered without a version in force")
    audit.record(
        actor=actor,
        action="recommenders.deliver",
        subject=ranked,
        at=at,
        version=version.number,
        hash=version.hash,
    )
    letters.list_delivered(version, at=at)
    return ranked
