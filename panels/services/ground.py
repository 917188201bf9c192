"""What every act stands on: the lock of the meeting or item, and what its state allows."""

from __future__ import annotations

from core.errors import Refusal
from core.lengths import characters
from panels import stages
from panels.models import Item, Meeting
from panels.stages import MeetingState

SHORTEST_REASON = 10
"""Characters (字) of a reason in a meeting, white space not counted."""
LONGEST_REASON = 500


def lock(meeting: Meeting) -> Meeting:
    """The meeting under a lock; inside a transaction only. Taken before any item's."""
    return (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("round__call", "round__organisation")
        .get(pk=meeting.pk)
    )


def demand(meeting: Meeting, name: str) -> None:
    """Raise ``Refusal`` ``wrong-state`` when the step cannot be taken now."""
    if not stages.allows(name, meeting.state):
        raise Refusal(
            "wrong-state",
            f"{stages.STEPS[name].refusal}（会议{stages.LABELS[MeetingState(meeting.state)]}）",
        )


def lock_item(item: Item) -> Item:
    """The item under a lock, with its meeting as it stands now."""
    return (
        Item.objects.select_for_update(of=("self",))
        .select_related("meeting__round__call", "entry__application")
        .get(pk=item.pk)
    )


def demand_current(item: Item) -> None:
    """The item is being discussed, in a meeting under way. ``Refusal`` ``moved-on`` otherwise."""
    demand(item.meeting, "conduct")
    if not item.is_current:
        raise Refusal("moved-on", "会议已转到下一项，请刷新页面。")


def reason_of(text: str, *, what: str, shortest: int = SHORTEST_REASON) -> str:
    """The reason, trimmed. Raises ``Refusal`` ``reason-short`` or ``reason-long`` (422)."""
    text = text.strip()
    length = characters(text)
    if length < shortest:
        raise Refusal(
            "reason-short", f"请写明{what}，不少于 {shortest} 字（现为 {length} 字）。", status=422
        )
    if len(text) > LONGEST_REASON:
        raise Refusal("reason-long", f"{what}超过 {LONGEST_REASON} 字，请删减。", status=422)
    return text
