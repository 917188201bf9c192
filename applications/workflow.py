"""The way of an application, as a table. Pure: no database, no clock.

What a programme's steps leave out, its table does not have. The status from which the office
selects is that of the last of recommendation, formal check and review which the programme has.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.db.models import TextChoices

from calls.phases import Phase
from calls.programme import Step
from core.errors import Refusal


class Status(TextChoices):
    DRAFT = "draft", "填写中"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "退回修改"
    RECOMMENDED = "recommended", "已推荐"
    ACCEPTED = "accepted", "形式审查通过"
    NOT_ACCEPTED = "not_accepted", "形式审查未通过"
    IN_REVIEW = "in_review", "评审中"
    FINALIST = "finalist", "入围"
    NOT_SELECTED = "not_selected", "未入围"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "已失效"


FINAL = (
    Status.NOT_ACCEPTED,
    Status.FINALIST,
    Status.NOT_SELECTED,
    Status.WITHDRAWN,
    Status.LAPSED,
)
LIVE = tuple(status for status in Status if status not in (Status.WITHDRAWN, Status.LAPSED))
SEEN_BY_OTHERS = tuple(status for status in Status if status not in (Status.DRAFT, Status.LAPSED))


class Role(StrEnum):
    APPLICANT = "applicant"
    RECOMMENDER = "recommender"
    OFFICE = "office"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Move:
    """One step: from which statuses to which, by whom, in which phases of the call."""

    name: str
    sources: tuple[Status, ...]
    target: Status
    by: tuple[Role, ...]
    during: tuple[Phase, ...]


RESULTS = ("select", "decline")
"""Moves whose result is the office's alone until a list is published (``Application.shown_as``)."""
BEFORE_RESULTS = (Status.SUBMITTED, Status.RECOMMENDED, Status.ACCEPTED, Status.IN_REVIEW)

WORDS = {
    "submit": "提交",
    "correct": "提交修改",
    "return": "退回修改",
    "stand": "维持已提交版本",
    "stand_recommended": "维持已推荐版本",
    "recommend": "推荐",
    "unrecommend": "取消推荐",
    "expire": "结束（未获推荐）",
    "accept": "形式审查通过",
    "not_accept": "形式审查不通过",
    "start_review": "进入评审",
    "select": "入围",
    "decline": "不入围",
    "revoke": "取消入围",
    "withdraw": "撤回",
    "lapse": "失效",
}


@cache
def moves(steps: tuple[Step, ...]) -> Mapping[str, Move]:
    """Every move that exists in a programme with these steps."""
    s, r, p = Status, Role, Phase
    running = (p.FILING, p.RECOMMENDATION, p.PROCESSING)
    after = (p.RECOMMENDATION, p.PROCESSING)
    recommended = Step.RECOMMENDATION in steps
    checked = Step.FORMAL_CHECK in steps
    reviewed = Step.REVIEW in steps or Step.PANEL in steps
    ready = s.RECOMMENDED if recommended else s.SUBMITTED
    returnable = (s.SUBMITTED, s.RECOMMENDED) if recommended else (s.SUBMITTED,)
    table = [
        Move("submit", (s.DRAFT, s.SUBMITTED, s.RETURNED), s.SUBMITTED, (r.APPLICANT,), running),
        Move("return", returnable, s.RETURNED, (r.RECOMMENDER, r.OFFICE), running),
        Move("stand", (s.RETURNED,), s.SUBMITTED, (r.CLOCK,), running),
        Move("lapse", (s.DRAFT,), s.LAPSED, (r.CLOCK,), after),
    ]
    if recommended:
        table += [
            Move("correct", (s.RETURNED,), s.RECOMMENDED, (r.APPLICANT,), running),
            Move("stand_recommended", (s.RETURNED,), s.RECOMMENDED, (r.CLOCK,), running),
            Move("recommend", (s.SUBMITTED,), s.RECOMMENDED, (r.RECOMMENDER, r.OFFICE), after),
            Move("unrecommend", (s.RECOMMENDED,), s.SUBMITTED, (r.RECOMMENDER, r.OFFICE), after),
            Move("expire", (s.SUBMITTED,), s.NOT_SELECTED, (r.CLOCK, r.OFFICE), (p.PROCESSING,)),
        ]
    if checked:
        table += [
            Move("accept", (ready,), s.ACCEPTED, (r.OFFICE,), (p.PROCESSING,)),
            Move("not_accept", (ready,), s.NOT_ACCEPTED, (r.OFFICE,), (p.PROCESSING,)),
        ]
        ready = s.ACCEPTED
    if reviewed:
        table.append(Move("start_review", (ready,), s.IN_REVIEW, (r.OFFICE,), (p.PROCESSING,)))
        ready = s.IN_REVIEW
    table += [
        Move("select", (ready,), s.FINALIST, (r.OFFICE,), (p.PROCESSING,)),
        Move("decline", (ready,), s.NOT_SELECTED, (r.OFFICE,), (p.PROCESSING,)),
        Move(
            "withdraw",
            (s.DRAFT, s.SUBMITTED, s.RETURNED, s.RECOMMENDED, s.ACCEPTED, s.IN_REVIEW),
            s.WITHDRAWN,
            (r.APPLICANT,),
            running,
        ),
    ]
    if Step.PUBLICITY in steps:  # an objection that was upheld takes the selection back
        table.append(Move("revoke", (s.FINALIST,), s.NOT_SELECTED, (r.OFFICE,), (p.PROCESSING,)))
    return {move.name: move for move in table}


def decided_from(steps: tuple[Step, ...]) -> Status:
    """The status in which an application waits for the decision."""
    return moves(steps)["select"].sources[0]


def find(
    steps: tuple[Step, ...], name: str, *, status: str, roles: Collection[Role], phase: Phase
) -> Move:
    """Return the move, or refuse with the first rule that stands against it.

    Raises ``Refusal`` ``no-such-move``, ``not-yours`` (403), ``wrong-phase``, ``wrong-status``.
    """
    move = moves(steps).get(name)
    word = WORDS.get(name, name)
    if move is None:
        raise Refusal("no-such-move", f"本批次没有“{word}”这一步。")
    if not set(roles) & set(move.by):
        raise Refusal("not-yours", f"您现在的身份不能办理“{word}”。", status=403)
    if phase not in move.during:
        raise Refusal("wrong-phase", f"现在不在办理“{word}”的时间内，请核对批次的期限。")
    if status not in move.sources:
        raise Refusal(
            "wrong-status",
            f"这份申报现在是“{Status(status).label}”，不能再办理“{word}”。请刷新页面查看最新情况。",
        )
    return move
