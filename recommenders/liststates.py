"""The states of a recommender's list, as a table. Pure.

open → frozen (submit) → sealed (scan matched or confirmed by hand) → delivered (deliver).
A frozen or sealed list may be reopened before the deadline; a delivered one stands.
"""

from dataclasses import dataclass

from core.errors import Refusal

OPEN, FROZEN, SEALED, DELIVERED = "open", "frozen", "sealed", "delivered"

WORDS = {
    OPEN: "编制中",
    FROZEN: "已确认，待盖章",
    SEALED: "盖章件已核对",
    DELIVERED: "已报送",
}


@dataclass(frozen=True, slots=True)
class Change:
    sources: tuple[str, ...]
    target: str


CHANGES = {
    "submit": Change((OPEN,), FROZEN),
    "reopen": Change((FROZEN, SEALED), OPEN),
    "seal": Change((FROZEN,), SEALED),
    "deliver": Change((SEALED,), DELIVERED),
    "deliver_without_sheet": Change((FROZEN, SEALED), DELIVERED),
}

_REASONS = {
    OPEN: "名单还在编制中，请先确认名单。",
    FROZEN: "名单已经确认，内容已锁定。需要修改的，请在截止前由审核人写明理由重新打开。",
    SEALED: "盖章件已经核对。需要修改名单的，请在截止前由审核人写明理由重新打开。",
    DELIVERED: "名单已经报送，不能再修改。确需更正的，请与主管部门联系。",
}


def target(state: str, change: str) -> str:
    """The state after the change, or a refusal that names what stands in the way."""
    step = CHANGES[change]
    if state not in step.sources:
        raise Refusal("list-state", _REASONS[state])
    return step.target


def must_be_open(state: str) -> None:
    """Refuse a change of content once the list is confirmed."""
    if state != OPEN:
        raise Refusal("list-frozen", _REASONS[state])
