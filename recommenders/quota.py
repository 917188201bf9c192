"""The quota rule. Pure: numbers in, a place, a figure or a sentence out.

A limit of ``None`` means that the notice states none. A soft limit (“一般”“原则上”) may be
passed by one named application at a time, with a reason and the office's approval; a hard
one may not.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

OPEN, LAST, FULL, OVER, UNLIMITED = "open", "last", "full", "over", "unlimited"


def next_place(limit: int | None, taken: Collection[int]) -> int | None:
    """The lowest free place, or None when all are held. Without a limit there is always one."""
    if limit is None:
        return next(n for n in range(1, len(taken) + 2) if n not in taken)
    return next((n for n in range(1, limit + 1) if n not in taken), None)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one recommender holds in one scope of one call.

    ``used`` counts every live confirmation, ``granted`` those on places that the office added
    above the limit, ``pending`` the over-quota requests that wait for the office.
    """

    limit: int | None
    used: int = 0
    pending: int = 0
    granted: int = 0
    soft: bool = False
    source: str = ""
    scope_name: str = ""
    pool: str = ""

    @property
    def within(self) -> int:
        """Confirmations on ordinary places."""
        return self.used - self.granted

    @property
    def free(self) -> int | None:
        """Ordinary places nobody holds; None when unlimited."""
        return None if self.limit is None else max(self.limit - self.within, 0)

    @property
    def over(self) -> int:
        """How many confirmations stand above the limit, each approved by the office."""
        return 0 if self.limit is None else max(self.used - self.limit, 0)

    @property
    def state(self) -> str:
        if self.limit is None:
            return UNLIMITED
        if self.over:
            return OVER
        if self.free == 0:
            return FULL
        return LAST if self.free == 1 else OPEN

    @property
    def clause(self) -> str:
        return f"（{self.source}）" if self.source else ""

    @property
    def rule(self) -> str:
        """The sentence beside the meter."""
        if self.limit is None:
            return f"通知未规定推荐数量{self.clause}"
        where = f"{self.scope_name}方向" if self.scope_name else ""
        if self.soft:
            return (
                f"{where}“原则上”不超过 {self.limit} 项{self.clause}，超出须附理由并经主管部门同意"
            )
        return f"{where}不得超过 {self.limit} 项{self.clause}，超出不予受理"

    def refusal(self) -> str:
        """Why a further application cannot be recommended now, and what can be done.

        The clause goes beside it, as the refusal's ``rule``.
        """
        where = f"“{self.scope_name}”方向" if self.scope_name else ""
        said = f"{where}名额 {self.limit} 项已全部使用。"
        out = "可先撤下一项推荐，或将本项列为备选"
        if self.soft:
            ask = "确需超出的，请提交超额申请并写明理由，经主管部门同意后即列入推荐"
            return f"{said}{out}；{ask}。"
        return f"{said}{out}。该限额为刚性要求，不接受超额申请。"

    def hard_refusal(self) -> str:
        """Why an over-quota request is not possible under a hard limit."""
        return (
            f"本次限额 {self.limit} 项为刚性要求，不接受超额申请。"
            "请先撤下一项推荐，或将本项列为备选。"
        )


def lowering_refused(*, used_within: int, new_limit: int | None) -> str:
    """The sentence that refuses a limit below what is held, or an empty string."""
    if new_limit is None or new_limit >= used_within:
        return ""
    return (
        f"该单位已推荐 {used_within} 项，名额不能降到 {new_limit} 项。"
        f"请先由推荐单位撤下 {used_within - new_limit} 项，再调整名额。"
    )


def combine(ledgers: Iterable[Ledger]) -> Ledger:
    """One figure over several scopes; unlimited as soon as one of them is."""
    every = list(ledgers)
    if len(every) == 1:
        return every[0]
    unlimited = any(one.limit is None for one in every)
    return Ledger(
        limit=None if unlimited else sum(one.limit or 0 for one in every),
        used=sum(one.used for one in every),
        pending=sum(one.pending for one in every),
        granted=sum(one.granted for one in every),
        soft=any(one.soft for one in every),
        source=every[0].source if every else "",
    )
