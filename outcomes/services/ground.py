"""What every act here stands on: who may act, the lock, and what an application needs."""

from collections.abc import Collection, Iterable, Sequence

from accounts.roles import OFFICE, Role
from applications import workflow
from applications.models import Application
from audit.services import Actor
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from outcomes import queries, rules


def must_be_office(actor: Actor) -> None:
    """Raises ``Refusal`` ``not-yours`` (403)."""
    if actor.role not in OFFICE:
        raise Refusal("not-yours", "这一步由主管部门办理，请切换到相应的身份。", status=403)


def must_approve(actor: Actor) -> None:
    """Raises ``Refusal`` ``approver-only`` (403)."""
    if actor.role != Role.OFFICE_APPROVER:
        raise Refusal("approver-only", "这一步由主管部门审批人办理，请提请审批人处理。", status=403)


def two_people(actor: Actor, proposers: Collection[int | None], *, what: str) -> None:
    """Raises ``Refusal`` ``two-people`` (403)."""
    if actor.user_id in proposers:
        raise Refusal("two-people", f"{what}的人不能自己批准，请由另一位审批人办理。", status=403)


def lock(call: Call) -> Call:
    """The call's decisions, held until the transaction ends: the first lock of every act here.

    Applications come after it, in the order of their keys; slots and decisions last.
    """
    return Call.objects.select_for_update(no_key=True).get(pk=call.pk)


def waiting(call: Call, public_ids: Iterable[str]) -> list[Application]:
    """These applications of the call, locked; each must wait for the decision.

    Raises ``Refusal`` ``nothing-chosen`` (422), ``unknown`` or ``not-waiting``.
    """
    asked = list(dict.fromkeys(public_ids))
    if not asked:
        raise Refusal("nothing-chosen", "请先选择申报项目。", status=422)
    found = list(
        Application.objects.select_for_update(of=("self",))
        .filter(call=call, public_id__in=asked)
        .select_related("organisation", "direction", "subfield", "recommender")
        .order_by("pk")
    )
    if len(found) != len(asked):
        raise Refusal("unknown", "所选项目有的不在本批次，请刷新页面后重新选择。")
    status = workflow.decided_from(call.steps)
    for application in found:
        application.call = call
        if application.status != status:
            raise Refusal(
                "not-waiting",
                f"《{application.title}》现在是“{application.get_status_display()}”，"
                "不在等待遴选之列，请刷新页面。",
            )
    return found


def finalists(call: Call, public_ids: Iterable[str]) -> list[Application]:
    """These selected applications of the call, locked; each list that named them is announced.

    Raises ``Refusal`` ``nothing-chosen`` (422), ``unknown``, ``not-selected`` or
    ``not-announced``.
    """
    asked = list(dict.fromkeys(public_ids))
    if not asked:
        raise Refusal("nothing-chosen", "请先选择项目。", status=422)
    found = list(
        Application.objects.select_for_update(of=("self",))
        .filter(call=call, public_id__in=asked)
        .select_related("organisation", "direction", "subfield", "recommender", "decision")
        .order_by("pk")
    )
    if len(found) != len(asked):
        raise Refusal("unknown", "所选项目有的不在本批次，请刷新页面后重新选择。")
    for application in found:
        application.call = call
        if application.status != workflow.Status.FINALIST:
            raise Refusal(
                "not-selected",
                f"《{application.title}》现在是“{application.get_status_display()}”，"
                "不在入选之列，请刷新页面。",
            )
        if Step.ANNOUNCEMENT in call.steps and application.decision.announcement_id is None:
            raise Refusal(
                "not-announced", f"《{application.title}》入选的名单还没有公布，不能评定优胜。"
            )
    return found


def selectable(call: Call, applications: Sequence[Application]) -> None:
    """Each has what a selection needs: a closed review, and every step before it passed.

    Raises ``Refusal`` ``review-open``, ``not-reviewed``, ``step-missing`` or ``step-failed``.
    """
    if Step.REVIEW in call.steps:
        scored = queries.scored(call, applications)
        unscored = next((one for one in applications if one.pk not in scored), None)
        if unscored is not None:
            raise Refusal(
                "not-reviewed",
                f"《{unscored.title}》还没有评审结果，请先完成并结束评审。",
                rule=call.programme.review.source if call.programme.review else "",
            )
    needed = rules.before_decision(call.steps)
    if not needed:
        return
    records = queries.latest_records(applications)
    for application in applications:
        for step in needed:
            record = records.get((application.pk, step))
            title = call.programme.step_title(step)
            if record is None:
                raise Refusal(
                    "step-missing",
                    f"《{application.title}》还没有“{title}”的记录，请先在步骤记录中登记。",
                    rule=call.programme.notice,
                )
            if record.is_in_the_way:
                raise Refusal(
                    "step-failed",
                    f"《{application.title}》“{title}”{record.get_result_display()}，不能入选。",
                    rule=call.programme.notice,
                )


def review_is_over(call: Call, applications: Sequence[Application]) -> None:
    """Raises ``Refusal`` ``review-open`` while the ministry's review is under way, ``panel-open``
    while the meeting on one of these applications is not over."""
    if Step.REVIEW in call.steps and queries.round_open(call):
        raise Refusal("review-open", "评审尚未结束，不能拟定结果。请先结束评审轮次。")
    talked = queries.under_discussion(call)
    first = next((one for one in applications if one.pk in talked), None)
    if first is not None:
        raise Refusal(
            "panel-open",
            f"《{first.title}》的会议评审尚未结束，不能拟定结果。请先结束或取消会议。",
        )
