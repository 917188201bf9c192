"""Which articles the rules of opened calls stand on. Made anew when either side changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from calls.models import Call
from policies import citations
from policies.models import Node, Policy, Rule

NOT_HELD: tuple[None, ...] = (None,)


def articles(text: str) -> list[Node]:
    """The articles that a citation names, or the nearest above them; the root for a whole
    document. Empty where the library never held it. An article that a later file left out is
    still the one that is cited."""
    return _articles(text, _titles())


def _titles() -> dict[str, int]:
    """Titles with their policies; of two with one title the present one."""
    return dict(Policy.objects.order_by("-gone").values_list("title", "pk"))


def _articles(text: str, titles: dict[str, int]) -> list[Node]:
    cited = citations.read(text)
    policy = titles.get(citations.named(cited.document, titles))
    if policy is None:
        return []
    paths = {path for clause in cited.clauses for path in citations.steps_up(clause)}
    held = {
        node.path: node
        for node in Node.objects.filter(policy=policy, path__in=paths | {"0"})
        .select_related("policy__zone")
        .defer("bigrams")
    }
    found = [held.get(citations.first(clause, held) or "0") for clause in cited.clauses or ("0",)]
    return list(dict.fromkeys(node for node in found if node is not None))


@transaction.atomic
def link(calls: Iterable[Call]) -> int:
    """Write the citations of these calls anew; how many rows. One query a citation."""
    titles = _titles()
    found: dict[str, list[Node]] = {}
    rows = []
    for call in calls:
        Rule.objects.filter(call=call).delete()
        for rule in citations.rules_of(call.rules):
            if rule.text not in found:
                found[rule.text] = _articles(rule.text, titles)
            rows += [
                Rule(
                    call=call,
                    place=rule.place[:200],
                    words=rule.words[:300],
                    citation=rule.text[:300],
                    node=node,
                )
                for node in (found[rule.text] or NOT_HELD)
            ]
    Rule.objects.bulk_create(rows)
    return len(rows)


def link_all() -> int:
    """After an import: every call that has been opened."""
    return link(Call.objects.exclude(opened_at=None))


def resting_on(touched: Iterable[tuple[str, str]]) -> list[str]:
    """The rules, in words, that cite one of these articles (policy key, deep link)."""
    touched = set(touched)
    rows = Rule.objects.exclude(node=None).select_related("call", "node__policy")
    return [
        f"{row.call.title}：{row.words}（{row.citation}）"
        for row in rows
        if row.node is not None and (row.node.policy.key, row.node.path) in touched
    ]


def rules_on(nodes: Iterable[Node]) -> list[Rule]:
    """The rules that cite one of these articles, by call."""
    return list(_listed(node__in=list(nodes)))


def rules_of_policy(policy: Policy) -> list[Rule]:
    """The rules that cite anything of a policy."""
    return list(_listed(node__policy=policy))


def rules_citing(text: str) -> list[Rule]:
    """The rules with this very citation; one that names two articles is one rule."""
    found = {(row.call_id, row.place): row for row in _listed(citation=text)}
    return list(found.values())


def _listed(**wanted: Any) -> QuerySet[Rule]:
    return Rule.objects.filter(**wanted).select_related("call").order_by("-call_id", "pk")
