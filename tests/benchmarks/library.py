"""The search of the policy library over 23,000 made-up articles, beside a plain scan.

    python -m tests.benchmarks.library

``measure`` needs an empty migrated database; the command makes one of its own (of DATABASE_URL's
server, SQLite otherwise) and throws it away.
"""

import random
import statistics
import time
from typing import Any

from tests.benchmarks import rounds

ARTICLES = 23_000
POLICIES = 33
ZONES = 17
SEED = 2022
PLANTED = {"揭榜": 0.01, "算力": 0.02, "首台": 0.002, "场景": 0.005}
"""Words of two characters, and the part of the articles that holds each."""
ROUNDS = 40
PAGES = 200
Figures = dict[str, Any]


def measure(*, articles: int = ARTICLES, pages: int = PAGES) -> Figures:
    """Medians in milliseconds. ``recall`` and ``precision`` against a scan of the texts."""
    from django.db import connection

    texts = build(articles)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = {"database": connection.vendor, "articles": len(texts)}
    return found | _searched(texts) | _shown(pages)


def build(articles: int) -> dict[int, str]:
    """Fill the library. Returns the searchable text of each article by its key."""
    from policies import words
    from policies.models import ImportRun, Node, Policy, Zone
    from tests.world import AT

    draw = random.Random(SEED)
    ImportRun.objects.create(name="人造.txt", sha256="0" * 64, report={}, read_at=AT, applied_at=AT)
    zones = [
        Zone.objects.create(name=f"示例试验区{n}", short=f"示例{n}", order=n) for n in range(ZONES)
    ]
    kept = [
        Policy.objects.create(
            key=f"p{n}", zone=zones[n % ZONES], title=f"示例政策{n}号", order=n, changed_at=AT
        )
        for n in range(POLICIES)
    ]
    roots = [_node(policy, None, n, "policy", policy.title) for n, policy in enumerate(kept)]
    Node.objects.bulk_create(roots)
    made = []
    for n in range(articles):
        root = roots[n % POLICIES]
        made.append(_node(root.policy, root, n + POLICIES, "article", sentence(draw)))
    for one in made:
        one.bigrams = " ".join(words.tokens(one.full))
    Node.objects.bulk_create(made, batch_size=2000)
    return {one.pk: one.full for one in made}


def _node(policy: Any, parent: Any, order: int, kind: str, text: str) -> Any:
    from policies.models import Node

    return Node(
        policy=policy,
        parent=parent,
        kind=kind,
        depth=0 if parent is None else 1,
        number=order,
        label="" if parent is None else f"第{order}条",
        text=text,
        path=f"t{order}",
        order=order,
    )


def sentence(draw: random.Random) -> str:
    """60 to 200 characters of no meaning, some with a planted word."""
    chars = [chr(0x4E00 + draw.randrange(3000)) for _ in range(draw.randrange(60, 200))]
    for word, part in PLANTED.items():
        if draw.random() < part:
            chars.insert(draw.randrange(len(chars)), word)
    return "".join(chars) + "。"


def _searched(texts: dict[int, str]) -> Figures:
    """The query of the index itself and of the search; what was found against the texts."""
    from policies import queries, words
    from policies.models import Node

    index, search, scan, right, wanted, given = [], [], [], 0, 0, 0
    for word in PLANTED:
        asked = words.query(word)
        hits = set(queries.search(queries.Wanted(query=asked)))
        there = {pk for pk, text in texts.items() if word in text}
        right, wanted, given = right + len(hits & there), wanted + len(there), given + len(hits)
        for _ in range(ROUNDS):
            index.append(rounds.timed(lambda asked=asked: queries.matching(asked)))
            search.append(
                rounds.timed(lambda asked=asked: queries.search(queries.Wanted(query=asked)))
            )
        plain = Node.objects.filter(text__contains=word).values_list("pk", flat=True)
        scan += [rounds.timed(lambda plain=plain: list(plain.all())) for _ in range(5)]
    return {
        "recall": right / wanted,
        "precision": right / given,
        "hits": given,
        "query_ms": median(index),
        "search_ms": median(search),
        "scan_ms": median(scan),
    }


def _shown(pages: int) -> Figures:
    """The page as a visitor gets it, through the whole stack in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from portal import warm

    warm.up()
    client, address, draw = Client(), reverse("policies:index"), random.Random(SEED)

    def ask(word: str) -> None:
        answer = client.get(address, {"q": word})
        assert answer.status_code == 200 and "检索结果" in answer.content.decode()

    words = [draw.choice(list(PLANTED)) for _ in range(pages)]
    first = rounds.timed(lambda: ask("揭榜"))
    with CaptureQueriesContext(connection) as seen:
        ask("揭榜")
        asked = len(seen)
    took, worked = [], []
    for word in words:
        began = time.thread_time()
        took.append(rounds.timed(lambda word=word: ask(word)))
        worked.append((time.thread_time() - began) * 1000)
    return {
        "page_first_ms": round(first, 1),
        "page_ms": median(took),
        "page_p99_ms": quantile(took, 0.99),
        "page_cpu_ms": median(worked),
        "page_cpu_p99_ms": quantile(worked, 0.99),
        "page_queries": asked,
    }


def median(found: list[float]) -> float:
    return round(statistics.median(found), 2)


def quantile(found: list[float], part: float) -> float:
    return round(sorted(found)[min(len(found) - 1, int(part * len(found)))], 1)


if __name__ == "__main__":
    rounds.alone(measure)
