"""The way of one filing for people: what is done, where it stands, what follows.

Each with unit and date; dates of what is done come from the trail, in the call's own time.
"""

from __future__ import annotations

from datetime import datetime

from applications.models import Application
from applications.snapshot import last_moment
from applications.workflow import Status
from audit.models import Entry
from audit.services import label
from calls.programme import Step
from core.templatetags.jiebang import moment

DONE_BY = {
    "applications.submit": Step.FILING,
    "applications.recommend": Step.RECOMMENDATION,
    "applications.accept": Step.FORMAL_CHECK,
    "panels.discussed": Step.PANEL,
    "applications.select": Step.ANNOUNCEMENT,
}
"""The move that ends a step."""

REACHED = {
    Status.SUBMITTED: Step.FILING,
    Status.RETURNED: Step.FILING,
    Status.RECOMMENDED: Step.RECOMMENDATION,
    Status.ACCEPTED: Step.FORMAL_CHECK,
    Status.IN_REVIEW: Step.FORMAL_CHECK,
    Status.FINALIST: Step.ANNOUNCEMENT,
}
"""The last step behind a filing of this status."""

ENDS = {
    Status.WITHDRAWN: ("applications.withdraw", "已撤回"),
    Status.LAPSED: ("applications.lapse", "已失效：到期未提交"),
    Status.NOT_ACCEPTED: ("applications.not_accept", "形式审查未通过"),
    Status.NOT_SELECTED: ("applications.decline", "未入围"),
}

SHOWN = "applications.show_result"
OF_RESULT = ("applications.decline", "applications.revoke", SHOWN)
"""Whichever came last is when the applicant could know that it was not selected."""


def steps(application: Application, status: Status) -> list[dict[str, str]]:
    """Each step as ``label``, ``who``, ``when`` and ``state``: done, now or empty.

    ``status`` is the one that the reader may know (``access.status_for``).
    """
    call = application.call
    programme = call.programme
    when = _moments(application, status)
    ended = ENDS.get(status)
    order = list(programme.steps)
    behind = _behind(application, status, when)
    found = []
    for position, step in enumerate(order):
        state = "done" if position < behind else "now" if position == behind and not ended else ""
        if state == "done":
            at = application.submitted_at if step == Step.FILING else when.get(step)
            words = moment(at) if at else ""
        else:
            words = _until(application, step)
        name = "提交" if step == Step.FILING else programme.step_title(step)
        found.append({"label": name, "who": _who(application, step), "when": words, "state": state})
    if ended:
        return [*found[:behind], _end(application, *ended)]
    if status == Status.RETURNED:
        found.insert(behind, _returned(application))
        for later in found[behind + 1 :]:
            later["state"] = ""
    return found


def _behind(application: Application, status: Status, when: dict[Step, datetime]) -> int:
    """How many steps of the programme this filing has behind it."""
    order = list(Step)
    if status == Status.RETURNED and application.returned_from == Status.RECOMMENDED:
        status = Status.RECOMMENDED
    last = REACHED.get(status)
    if status in ENDS and when:
        last = max(when, key=order.index)
    if last is None:
        return 0
    if Step.PANEL in when:  # the meeting is over, and the review before it
        last = max(last, Step.PANEL, key=order.index)
    return sum(1 for step in application.call.steps if order.index(step) <= order.index(last))


def _moments(application: Application, status: Status) -> dict[Step, datetime]:
    """When each step was last done, for those that are a move of the filing."""
    call = application.call
    ends = dict(DONE_BY)
    if status == Status.FINALIST:
        ends[SHOWN] = Step.ANNOUNCEMENT
    else:
        del ends["applications.select"]
    rows = Entry.objects.filter(subject=label(application), action__in=ends).order_by("pk")
    return {ends[entry.action]: call.time(entry.at) for entry in rows}


def _who(application: Application, step: Step) -> str:
    if step == Step.FILING:
        return application.organisation.name
    if step == Step.PRESELECTION:
        return application.preselector.name if application.preselector else ""
    if step == Step.RECOMMENDATION:
        return application.recommender.name if application.recommender else ""
    if step in (Step.TASK, Step.CONTRACT):
        return application.organisation.name
    return application.call.programme.organiser


def _until(application: Application, step: Step) -> str:
    call = application.call
    end = {
        Step.FILING: call.filing_until,
        Step.RECOMMENDATION: call.recommendation_until,
        Step.REVIEW: call.review_until,
        Step.ANNOUNCEMENT: call.announcement_by,
    }.get(step)
    return f"{last_moment(end)} 前" if end else ""


def _end(application: Application, action: str, words: str) -> dict[str, str]:
    actions = OF_RESULT if action in OF_RESULT else (action,)
    entry = (
        Entry.objects.filter(subject=label(application), action__in=actions).order_by("-pk").first()
    )
    who = application.organisation.name if action == "applications.withdraw" else ""
    when = moment(application.call.time(entry.at)) if entry else ""
    return {"label": words, "who": who, "when": when, "state": "now"}


def _returned(application: Application) -> dict[str, str]:
    until = application.correction_until
    return {
        "label": "退回修改",
        "who": application.organisation.name,
        "when": f"{last_moment(until)} 前重新提交" if until else "",
        "state": "now",
    }
