"""From a result and a region to the articles that reward it."""

from dataclasses import dataclass

from accounts.regions import lies_in
from policies import rules
from policies.amounts import Found
from policies.models import Node, Zone
from policies.rules import Result, Reward

CONDITION = ("不低于", "以上", "超过", "达到")
"""Amounts said like this are conditions or targets, not what is given."""


@dataclass(frozen=True, slots=True)
class Match:
    """An article that rewards the result, and the sentence that does so."""

    node: Node
    reward: Reward

    @property
    def given(self) -> list[str]:
        """The amounts given, in words."""
        return [_say(one) for one in self.reward.amounts if one.qualifier not in CONDITION]

    @property
    def conditions(self) -> list[str]:
        return [_say(one) for one in self.reward.amounts if one.qualifier in CONDITION]


def _say(one: Found) -> str:
    low = f"{one.low:f}–" if one.low is not None else ""
    after = one.qualifier in ("以上", "左右")
    figure = f"{low}{one.value:f} {one.unit}"
    said = f"{figure}{one.qualifier}" if after else f"{one.qualifier} {figure}".strip()
    return f"{said}（{one.per}）" if one.per else said


def zones_for(region: str) -> list[Zone]:
    """The zones in whose area a region lies."""
    found = Zone.objects.filter(policies__gone=False).exclude(region="").distinct()
    return [zone for zone in found if lies_in(region, zone.region)]


def matches(result: Result, zones: list[Zone]) -> list[Match]:
    """Every sentence of the zones' policies that rewards the result. One query."""
    nodes = (
        Node.objects.filter(gone=False, policy__zone__in=zones, amounts__isnull=False)
        .distinct()
        .select_related("policy__zone")
        .defer("bigrams")
    )
    return [Match(node, reward) for node in nodes for reward in rules.rewards(node.full, result)]
