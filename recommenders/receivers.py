"""News from below: a call opens, an application moves. A failure here stops the act."""

from typing import Any

from django.dispatch import receiver

from applications.signals import moved
from calls.signals import opened
from recommenders import services

OFF_THE_LIST = {
    "withdraw": "申报单位撤回",
    "not_accept": "形式审查未通过",
    "unrecommend": "推荐单位撤下",
    "lapse": "已失效",
    "expire": "未获推荐",
}


@receiver(opened)
def make_places(sender: Any, *, call: Any, actor: Any, at: Any, **kwargs: Any) -> None:
    services.allot(call, at=at, actor=actor)


@receiver(moved)
def free_place(
    sender: Any, *, application: Any, move: str, actor: Any, at: Any, **kwargs: Any
) -> None:
    """A filing that leaves the list gives its place, its rank and its reserve line back."""
    if move == "correct":
        services.corrected(application, actor=actor, at=at)
    if move in OFF_THE_LIST:
        services.release(
            application,
            why=OFF_THE_LIST[move],
            actor=actor,
            at=at,
            by_choice=move == "unrecommend",
        )
