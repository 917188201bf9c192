"""Checking a file against numbers that somebody counted by hand. Pure.

The numbers are those of the compendium of January 2022: top-level parts of each policy, articles
of the four policies that have articles. The file itself is no part of this repository.
"""

import unicodedata
from collections import Counter

from policies import words
from policies.parsing import Compendium, parse
from policies.parsing.shape import ARTICLE, PART

ZONES, POLICIES = 17, 33
PARTS = {
    1: 3, 3: 5, 4: 6, 5: 5, 6: 4, 7: 9, 8: 4, 9: 13, 10: 4, 11: 7, 12: 5, 13: 4, 14: 4, 15: 4,
    16: 5, 17: 7, 18: 4, 21: 3, 22: 4, 23: 8, 24: 5, 25: 7, 26: 4, 27: 4, 29: 4, 30: 4, 31: 5,
    32: 4, 33: 4,
}  # fmt: skip
ARTICLES = {2: 15, 19: 18, 20: 42, 28: 15}
PHRASES = ("揭榜 奖励", "算力 补贴 企业", "“应用场景”", "智能 创新", "国家重点")
"""Further searches that are timed: several words, a phrase, words that stand everywhere."""
WORDS = ("揭榜", "算力", "场景", "首台（套）", "一事一议")


def counts(found: Compendium) -> list[str]:
    """What differs from the numbers counted by hand; empty when all agree."""
    wrong = []
    if (len(found.zones), len(found.policies)) != (ZONES, POLICIES):
        wrong.append(f"zones and policies: {len(found.zones)}, {len(found.policies)}")
    for policy in found.policies:
        parts = [node.number for node in policy.root.children if node.kind == PART]
        articles = [node.number for node in policy.root.walk() if node.kind == ARTICLE]
        if parts != list(range(1, PARTS.get(policy.order, 0) + 1)):
            wrong.append(f"policy {policy.order}: parts {parts}")
        if articles != list(range(1, ARTICLES.get(policy.order, 0) + 1)):
            wrong.append(f"policy {policy.order}: articles {articles}")
    return wrong


def lines(text: str, found: Compendium) -> list[str]:
    """Lines of the body that are in no node or in several, and letters lost or invented."""
    held = text.lstrip("\ufeff").splitlines()
    landed = Counter(n for p in found.policies for node in p.root.walk() for n in node.lines)
    first = min(landed, default=1)
    body = Counter(n for n, line in enumerate(held, 1) if n >= first and line.strip())
    wrong = [f"line {n}" for n in sorted((landed - body) + (body - landed))]
    for policy in found.policies:
        for node in policy.root.walk():
            said = _letters(node.label + node.heading + node.text)
            was = _letters("".join(held[n - 1] for n in node.lines))
            if said != was:
                wrong.append(f"policy {policy.order}, {node.path}: letters differ")
    return wrong


def _letters(text: str) -> Counter[str]:
    """The letters that repairs must keep; 和 may stand for ``and``, and <u> is no word."""
    plain = unicodedata.normalize("NFKC", text).replace("<u>", "").replace("</u>", "")
    return Counter(char for char in plain if char.isalnum() and char not in "and和")


def scan(text: str, found: Compendium, word: str) -> set[tuple[str, str]]:
    """The (policy key, path) of the nodes with a line that holds the word: a plain scan.

    A word cut by the turn of a page is looked for in the lines of its node put end to end.
    """
    held = text.lstrip("\ufeff").splitlines()
    wanted = words.folded(word)[0]
    return {
        (policy.key, node.path)
        for policy in found.policies
        for node in policy.root.walk()
        if wanted in words.folded("".join(held[n - 1].strip() for n in node.lines))[0]
    }


def check(text: str) -> list[str]:
    """Everything that can be said without a database. Raises ``Unreadable``."""
    found = parse(text)
    return counts(found) + lines(text, found)
