"""What the pages ask: search, a policy with its contents, zones side by side."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Q, QuerySet

from policies import rules, words
from policies.models import Amount, ImportRun, Node, Policy, Revision, Zone
from policies.words import Piece, Query


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for. Amounts in 万元; a ratio lies in no range."""

    query: Query = field(default_factory=lambda: Query(()))
    zone: int | None = None
    theme: str = ""
    least: Decimal | None = None
    most: Decimal | None = None

    def __bool__(self) -> bool:
        return bool(self.query or self.zone or self.theme or self.by_amount)

    @property
    def by_amount(self) -> bool:
        return self.least is not None or self.most is not None


@dataclass(slots=True)
class Hit:
    """A found node for display."""

    node: Node
    heading: list[Piece]
    excerpt: list[Piece]
    above: list[Node] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)


def zones() -> list[Zone]:
    """The zones with their number of policies (``count``)."""
    return list(
        Zone.objects.annotate(count=Count("policies", filter=Q(policies__gone=False)))
        .filter(count__gt=0)
        .order_by("order")
    )


def policies_by_zone() -> dict[int, list[Policy]]:
    found: dict[int, list[Policy]] = defaultdict(list)
    for policy in Policy.objects.filter(gone=False):
        found[policy.zone_id].append(policy)
    return found


def matching(query: Query) -> dict[int, float]:
    """Rank by node (smaller is better) of the nodes that hold all phrases, from the index."""
    if not query:
        return {}
    phrases = [" ".join(words.tokens(phrase)) for phrase in query.phrases]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            asked = " && ".join(["phraseto_tsquery('simple', %s)"] * len(phrases))
            cursor.execute(
                f"SELECT id, -ts_rank(search, {asked}, 1) FROM policies_node "
                f"WHERE search @@ ({asked})",
                phrases * 2,
            )
        else:
            match = " AND ".join(f'"{phrase}"' for phrase in phrases)
            cursor.execute(
                "SELECT rowid, bm25(policies_search) FROM policies_search "
                "WHERE policies_search MATCH %s",
                [match],
            )
        return {int(pk): float(rank) for pk, rank in cursor.fetchall()}


def search(wanted: Wanted) -> list[int]:
    """The keys of the nodes that fit, the best first: hits in headings, then by rank.

    Without words, the nodes that fit the filters in the order of the library.
    """
    found = Node.objects.filter(gone=False)
    if wanted.zone:
        found = found.filter(policy__zone=wanted.zone)
    if wanted.theme:
        found = found.filter(theme_rows__title=wanted.theme)
    if wanted.by_amount:
        found = found.filter(pk__in=_amounts(wanted).values("node"))
    if not wanted.query:
        return list(found.values_list("pk", flat=True)) if wanted else []
    ranks = matching(wanted.query)
    rows = found.filter(pk__in=ranks).values_list("pk", "heading")
    return [
        pk
        for _, pk in sorted(
            ((not _in(heading, wanted.query), ranks[pk]), pk) for pk, heading in rows
        )
    ]


def _in(heading: str, query: Query) -> bool:
    plain = words.folded(heading)[0]
    return all(phrase in plain for phrase in query.phrases)


def _amounts(wanted: Wanted) -> QuerySet[Amount]:
    found = Amount.objects.filter(wan__isnull=False)
    if wanted.least is not None:
        found = found.filter(wan__gte=wanted.least)
    if wanted.most is not None:
        found = found.filter(wan__lte=wanted.most)
    return found


def hits(keys: Iterable[int], query: Query) -> list[Hit]:
    """The nodes of one page of results, in the order of ``keys``. Three queries."""
    keys = list(keys)
    nodes = {
        node.pk: node
        for node in Node.objects.filter(pk__in=keys)
        .select_related("policy__zone")
        .defer("bigrams")
        .prefetch_related("amounts")
    }
    above = _above(nodes.values())
    return [
        Hit(
            node=nodes[key],
            heading=words.pieces(nodes[key].heading, query.phrases),
            excerpt=words.excerpt(nodes[key].text, query.phrases),
            above=above[key],
            amounts=list(nodes[key].amounts.all())[:6],
        )
        for key in keys
        if key in nodes
    ]


def _above(nodes: Iterable[Node]) -> dict[int, list[Node]]:
    """For each node the way down to it, without the policy and itself. One query: a policy has
    hundreds of nodes, a way has three."""
    nodes = list(nodes)
    asked = sorted({node.parent_id for node in nodes if node.parent_id is not None})
    steps = {node.pk: node for node in Node.objects.raw(UPWARDS.format(_marks(asked)), asked)}
    found = {}
    for node in nodes:
        way: list[Node] = []
        at = node.parent_id
        while at is not None:
            way.append(steps[at])
            at = steps[at].parent_id
        found[node.pk] = [one for one in reversed(way) if one.depth]
    return found


UPWARDS = """
WITH RECURSIVE up AS (
  SELECT id, parent_id, label, heading, depth FROM policies_node WHERE id IN ({})
  UNION
  SELECT n.id, n.parent_id, n.label, n.heading, n.depth FROM policies_node n
  JOIN up ON n.id = up.parent_id
) SELECT * FROM up"""
"""These nodes and all above them, each once."""


def _marks(values: list[int]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


def policy(key: str) -> Policy | None:
    return Policy.objects.select_related("zone").filter(key=key).first()


def nodes_of(found: Policy) -> list[Node]:
    """All present nodes of a policy in order. One query; amounts and themes are not needed."""
    return list(found.nodes.filter(gone=False).defer("bigrams").order_by("order"))


def node(found: Policy, path: str) -> Node | None:
    """The node at a deep link, also one that a later file has no more."""
    return found.nodes.filter(path=path).defer("bigrams").first()


def below(found: Node) -> list[Node]:
    """The node and all present nodes under it, in order."""
    inside = {found.pk}
    kept = [found]
    for one in nodes_of(found.policy):
        if one.parent_id in inside and one.pk != found.pk:
            inside.add(one.pk)
            kept.append(one)
    return kept


def way_to(found: Node) -> list[Node]:
    return _above([found])[found.pk]


def revisions(found: Node) -> list[Revision]:
    return list(found.revisions.select_related("run"))


def compare(theme: str, chosen: list[int], *, most: int) -> list[tuple[Zone, list[Hit], int]]:
    """For each chosen zone its articles on a theme (the first ``most``), and how many there are."""
    columns = []
    rows: dict[int, list[int]] = defaultdict(list)
    wanted = Node.objects.filter(
        gone=False, theme_rows__title=theme, policy__zone__in=chosen
    ).values_list("policy__zone", "pk")
    for zone_key, pk in wanted:
        rows[zone_key].append(pk)
    shown = {
        hit.node.pk: hit
        for hit in hits([pk for keys in rows.values() for pk in keys[:most]], _theme_query(theme))
    }
    for zone in Zone.objects.filter(pk__in=chosen):
        keys = rows[zone.pk]
        columns.append((zone, [shown[key] for key in keys[:most]], len(keys)))
    return columns


def _theme_query(theme: str) -> Query:
    found = next((one for one in rules.themes() if one.key == theme), None)
    return Query(found.any if found else ())


def last_import() -> ImportRun | None:
    return ImportRun.objects.exclude(applied_at=None).order_by("-applied_at").defer("text").first()
