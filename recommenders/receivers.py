"""News from below: a call opens, an application moves. A failure here stops the act."""

from typing import Any

from django.dispatch import receiver

from applications.signals import moved
from applications.workflow import Status
from calls.signals import opened
from recommenders import services
from visits.models import Visit
from visits.signals import concluded

OFF_THE_LIST = {
    "withdraw": "申报单位撤回",
    "not_accept": "形式审查未通过",
    "unrecommend": "推荐单位撤下",
    "lapse": "已失效",
    "expire": "未获推荐",
}

OFF_THE_REPORT = {
    "withdraw": "已由申报单位撤回",
    "lapse": "已失效",
    "correct": "已修改后重新提交",
    "submit": "已重新提交",
}


@receiver(opened)
def make_places(sender: Any, *, call: Any, actor: Any, at: Any, **kwargs: Any) -> None:
    services.allot(call, at=at, actor=actor)


@receiver(moved)
def free_place(
    sender: Any, *, application: Any, move: str, before: str, actor: Any, at: Any, **kwargs: Any
) -> None:
    """A filing that leaves the list gives its place, its rank and its reserve line back."""
    if move == "correct":
        services.corrected(application, actor=actor, at=at)
    if move in OFF_THE_REPORT and before != Status.DRAFT:
        services.void_those_with(application, why=OFF_THE_REPORT[move], actor=actor, at=at)
    if move in OFF_THE_LIST:
        services.release(
            application,
            why=OFF_THE_LIST[move],
            actor=actor,
            at=at,
            by_choice=move == "unrecommend",
        )


@receiver(concluded, sender=Visit)
def take_up_visit(
    sender: Any, *, visit: Any, report: Any, actor: Any, at: Any, **kwargs: Any
) -> None:
    """A check on site that a recommender planned and everybody signed is its record of it."""
    if visit.organisation_id is not None:
        services.take_up_visit(visit, report, actor=actor, at=at)
