"""A unit disputes its result; one person of the office proposes a ruling, another approves it. The
only writer of ``Dispute.state``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import uploads, viruses
from outcomes import rules
from testing import letters, queries, states
from testing.models import Agency, Dispute, Result
from testing.services import commissioning, ground
from testing.services.commissioning import Proposal
from testing.states import DISPUTE_MOVES, Reported, Ruled

SHORTEST = 10


def raise_dispute(
    result: Result,
    *,
    keys: Collection[str],
    reason: str,
    evidence: tuple[bytes, str] | None = None,
    actor: Actor,
    at: datetime,
) -> Dispute:
    """The unit does not agree with named indicators of a released result.

    Once per result, within the working days of the file. ``evidence``: the bytes and name of one
    file. Raises ``Refusal``: ``not-yours`` (403), ``no-indicator``, ``reason-short`` (422),
    ``no-dispute``, ``no-calendar``, ``too-late``, ``disputed``.
    """
    blob, name = None, ""
    if evidence is not None:
        checked = uploads.check_upload(*evidence)
        infected = viruses.check_upload(evidence[0], checked.name)
        blob = documents.store(evidence[0], media_type=checked.media_type, at=at, name=checked.name)
        name = checked.name
        if infected is not None:
            viruses.note(blob, infected, at=at)
    with transaction.atomic():
        result = ground.lock_result(result)
        task = result.commission.task
        ground.must_be_unit(actor, task)
        if result.state != Reported.RELEASED:
            raise Refusal("not-now", "结果还没有发布，不能提出异议。")
        until = queries.dispute_until(result)
        if until is None:
            rule = task.application.call.programme.testing
            if rule is not None and rule.dispute_days:
                raise Refusal(
                    "no-calendar",
                    "异议期所在年份的放假安排尚未公布，截止日还不能计算，请与主管部门联系。",
                )
            raise Refusal("no-dispute", "本批次没有规定异议期，请与主管部门联系。")
        if task.application.call.time(at) >= until:
            rule = task.application.call.programme.testing
            raise Refusal(
                "too-late", "异议期已过，结果不再更改。", rule=rule.source if rule else ""
            )
        known = set(result.rows.values_list("target__key", flat=True))
        chosen = [one for one in dict.fromkeys(keys) if one in known]
        if not chosen:
            raise Refusal("no-indicator", "请至少选择一项有异议的指标。", status=422)
        reason = rules.reason_of(reason, shortest=SHORTEST, what="异议理由")
        try:
            with transaction.atomic():
                dispute = Dispute.objects.create(
                    result=result,
                    keys=chosen,
                    reason=reason[:1000],
                    evidence=blob,
                    evidence_name=name[:255],
                    raised_by_id=actor.person,
                    raised_at=at,
                )
        except IntegrityError:
            raise Refusal("disputed", "对这份结果已经提出过异议，只能提出一次。") from None
        audit.record(
            actor=actor,
            action="testing.dispute",
            subject=dispute,
            at=at,
            result=result.pk,
            keys=chosen,
            reason=reason,
        )
        letters.disputed(dispute, at=at)
        return dispute


@transaction.atomic
def propose(
    dispute: Dispute,
    *,
    ruling: str,
    finding: str,
    agency: Agency | None = None,
    due: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> Dispute:
    """Propose to uphold the result, or a retest by ``agency`` until ``due`` (exclusive).

    Raises ``Refusal``: ``reason-short`` (422), ``no-agency`` (422), ``no-retest``, ``not-now``,
    ``conflict``.
    """
    ground.must_be_office(actor)
    finding = rules.reason_of(finding, shortest=SHORTEST, what="处理意见")
    dispute = _locked(dispute)
    retest = ruling == Dispute.Ruling.RETEST
    if retest:
        task = dispute.result.commission.task
        rule = task.application.call.programme.testing
        if rule is not None and not rule.retest:
            raise Refusal("no-retest", "本批次不作复测。", rule=rule.source)
        if agency is None or due is None:
            raise Refusal("no-agency", "复测须选定测评机构和完成期限。", status=422)
        ground.must_work(agency)
        ground.must_be_free(agency, task)
    dispute.ruling = Dispute.Ruling(ruling)
    dispute.finding = finding[:1000]
    dispute.agency, dispute.due = (agency, due) if retest else (None, None)
    dispute.proposed_by_id, dispute.proposed_at = actor.person, at
    _move(dispute, "propose", actor=actor, at=at)
    return dispute


@transaction.atomic
def hand_back(dispute: Dispute, *, reason: str, actor: Actor, at: datetime) -> Dispute:
    """The second person does not agree with the ruling; another is proposed."""
    ground.must_approve(actor)
    reason = rules.reason_of(reason, shortest=4, what="理由")
    dispute = _locked(dispute)
    _move(dispute, "return", actor=actor, at=at, reason=reason)
    return dispute


@transaction.atomic
def approve(dispute: Dispute, *, actor: Actor, at: datetime) -> Dispute:
    """The ruling takes effect: upheld, or a retest of the named indicators is commissioned.

    The two people of the ruling are those of the retest's commission. Raises ``Refusal``:
    ``two-people`` (403), ``not-now``, and those of a commission.
    """
    ground.must_approve(actor)
    dispute = _locked(dispute)
    if dispute.state != Ruled.PROPOSED:
        raise Refusal("not-now", f"异议现在是“{dispute.get_state_display()}”，请刷新页面。")
    ground.two_people(actor, [dispute.proposed_by_id], what="拟定处理意见")
    dispute.approved_by_id, dispute.approved_at = actor.person, at
    name = "uphold"
    if dispute.ruling == Dispute.Ruling.RETEST:
        assert dispute.agency is not None and dispute.due is not None
        assert dispute.proposed_by is not None
        name = "retest"
        (made,) = commissioning.propose(
            [
                Proposal(
                    dispute.result.commission.task,
                    dispute.agency,
                    keys=tuple(dispute.keys),
                    retest_of=dispute.result,
                )
            ],
            due=dispute.due,
            note=f"异议复测：{dispute.finding}",
            actor=Actor(
                dispute.proposed_by.name,
                dispute.proposed_by_id,
                actor.organisation_id,
                actor.role,
            ),
            at=at,
        )
        (made,) = commissioning.approve([made], actor=actor, at=at)
        dispute.retest = made
    _move(dispute, name, actor=actor, at=at)
    letters.ruled(dispute, at=at)
    return dispute


def _locked(dispute: Dispute) -> Dispute:
    result = ground.lock_result(dispute.result)
    found = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("proposed_by", "agency__organisation__parent")
        .get(pk=dispute.pk)
    )
    found.result = result
    return found


def _move(dispute: Dispute, name: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    target = states.target(DISPUTE_MOVES, name, dispute.state)
    if target is None:
        raise Refusal("not-now", f"异议现在是“{dispute.get_state_display()}”，请刷新页面。")
    before, dispute.state = dispute.state, target
    dispute.save()
    audit.record(
        actor=actor,
        action=f"testing.{name}_dispute",
        subject=dispute,
        at=at,
        before=before,
        ruling=dispute.ruling,
        reason=reason or dispute.finding,
    )
