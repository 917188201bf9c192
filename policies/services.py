"""Reading a file into a preview, and applying it. Applying the same file again changes nothing."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.regions import regions
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from policies import amounts, linking, rules, words
from policies.models import Amount, ImportRun, Node, Policy, Revision, Theme, Zone
from policies.parsing import Compendium, ParsedNode, ParsedPolicy, Unreadable, parse

LARGEST = 8 * 1024 * 1024
"""Bytes of a file. The largest compendium known has 0.7 million."""
LONGEST_HEADING = 300


@dataclass(slots=True)
class Difference:
    """What applying a file would do, counted; ``changes`` names what changes, for the preview,
    and ``touched`` holds (policy key, deep link) of what changes or goes."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0
    changes: list[str] = field(default_factory=list)
    touched: list[tuple[str, str]] = field(default_factory=list)


def preview(data: bytes, *, name: str, actor: Actor, at: datetime) -> ImportRun:
    """Read the file and keep it with its report; the library does not change.

    Raises ``Refusal`` (422) ``too-large``, ``not-text`` or ``no-compendium``.
    """
    if len(data) > LARGEST:
        raise Refusal("too-large", "文件超过 8 MB，请核对是否选错文件。", status=422)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(
            "not-text", "文件不是 UTF-8 编码的纯文本，请另存为 UTF-8 文本后再选。", status=422
        ) from None
    found = _parsed(text)
    with transaction.atomic():
        ImportRun.objects.filter(applied_at=None).update(text="")
        run = ImportRun.objects.create(
            name=name[:200],
            sha256=hashlib.sha256(data).hexdigest(),
            text=text,
            report=_report(found, difference(found)),
            read_at=at,
            read_by_id=actor.user_id,
        )
        audit.record(actor=actor, action="policies.preview", subject=run, at=at, sha256=run.sha256)
    return run


def apply(run: ImportRun, *, actor: Actor, at: datetime) -> ImportRun:
    """Bring the previewed file into the library: new, changed and removed nodes, with history.

    Raises ``Refusal`` ``applied`` when it was done already, ``superseded`` when another file was
    read since.
    """
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        if run.applied_at is not None:
            raise Refusal("applied", "这份文件已经导入，不需要再次导入。")
        if not run.text:
            raise Refusal("superseded", "此后又读取了另一份文件，请重新选择要导入的文件。")
        found = _parsed(run.text)
        done = _apply(found, run, at)
        run.report = _report(found, done)
        linking.link_all()
        run.applied_at = at
        run.text = ""
        run.save(update_fields=["report", "applied_at", "text"])
        audit.record(
            actor=actor,
            action="policies.import",
            subject=run,
            at=at,
            sha256=run.sha256,
            added=done.added,
            changed=done.changed,
            removed=done.removed,
        )
    return run


def _parsed(text: str) -> Compendium:
    try:
        return parse(text)
    except Unreadable as problem:
        raise Refusal(
            "no-compendium",
            f"无法按政策汇编读取：{problem}。文件须先列目录（试验区和编号的政策标题），"
            "正文各政策标题须与目录一致。",
            status=422,
        ) from None


def _report(found: Compendium, done: Difference) -> dict[str, Any]:
    return {
        "zones": len(found.zones),
        "policies": len(found.policies),
        "nodes": sum(len(policy.root.walk()) for policy in found.policies),
        "lines": found.body_lines,
        "repairs": found.counts(),
        "unplaced": found.unplaced,
        "missing": found.missing,
        "added": done.added,
        "changed": done.changed,
        "removed": done.removed,
        "same": done.same,
        "changes": done.changes[:200],
        "cited": linking.resting_on(done.touched)[:200],
    }


# Comparing and writing -------------------------------------------------------------------------


def _rows(policy: ParsedPolicy) -> list[tuple[ParsedNode, str, int]]:
    """Every node with the path of its parent and its depth, in order."""
    rows: list[tuple[ParsedNode, str, int]] = []

    def walk(node: ParsedNode, parent: str, depth: int) -> None:
        rows.append((node, parent, depth))
        for child in node.children:
            walk(child, node.path, depth + 1)

    walk(policy.root, "", 0)
    return rows


def _words_of(node: ParsedNode) -> tuple[str, str]:
    """Heading and text; a heading too long for its column stands in the text."""
    if len(node.heading) > LONGEST_HEADING:
        return "", f"{node.heading}\n{node.text}" if node.text else node.heading
    return node.heading, node.text


def difference(found: Compendium) -> Difference:
    """What applying would do, without doing it."""
    held = {
        (key, path): (heading, text)
        for key, path, heading, text in Node.objects.filter(gone=False).values_list(
            "policy__key", "path", "heading", "text"
        )
    }
    done = Difference()
    for policy in found.policies:
        for node, _, _ in _rows(policy):
            before = held.pop((policy.key, node.path), None)
            _count(done, policy, node, before)
    done.removed = len(held)
    done.touched += held
    return done


def _count(
    done: Difference, policy: ParsedPolicy, node: ParsedNode, before: tuple[str, str] | None
) -> None:
    name = f"{policy.title} {node.label}{node.heading[:40]}".strip()
    if before is None:
        done.added += 1
    elif before == _words_of(node):
        done.same += 1
    else:
        done.changed += 1
        done.changes.append(name)
        done.touched.append((policy.key, node.path))


def _apply(found: Compendium, run: ImportRun, at: datetime) -> Difference:
    zones = {}
    for order, name in enumerate(found.zones, 1):
        short, region = place_of(name)
        zones[name], _ = Zone.objects.update_or_create(
            name=name, defaults={"short": short, "region": region, "order": order}
        )
    done = Difference()
    for parsed in found.policies:
        policy, _ = Policy.objects.get_or_create(
            key=parsed.key,
            defaults={
                "zone": zones[parsed.zone],
                "title": parsed.title,
                "order": parsed.order,
                "digest": "",
                "changed_at": at,
            },
        )
        _apply_policy(policy, parsed, zones[parsed.zone], run, at, done)
    keys = [parsed.key for parsed in found.policies]
    for policy in Policy.objects.filter(gone=False).exclude(key__in=keys):
        _remove(list(policy.nodes.filter(gone=False)), run, at, done)
        policy.gone = True
        policy.save(update_fields=["gone"])
    return done


def _apply_policy(
    policy: Policy, parsed: ParsedPolicy, zone: Zone, run: ImportRun, at: datetime, done: Difference
) -> None:
    rows = _rows(parsed)
    if policy.digest == parsed.digest and not policy.gone:
        done.same += len(rows)
    else:
        _apply_nodes(policy, parsed, rows, run, at, done)
        policy.digest = parsed.digest
        policy.changed_at = at
    policy.zone, policy.title, policy.order, policy.gone = zone, parsed.title, parsed.order, False
    policy.save()


def _apply_nodes(
    policy: Policy,
    parsed: ParsedPolicy,
    rows: list[tuple[ParsedNode, str, int]],
    run: ImportRun,
    at: datetime,
    done: Difference,
) -> None:
    held = {node.path: node for node in policy.nodes.all()}
    placed: dict[str, Node] = {}
    fresh: list[Node] = []
    for order, (one, parent, depth) in enumerate(rows):
        heading, text = _words_of(one)
        node = held.get(one.path)
        before = (node.heading, node.text) if node and not node.gone else None
        _count(done, parsed, one, before)
        if node is None:
            node = Node(policy=policy, path=one.path)
        elif (node.heading, node.text) != (heading, text):
            _keep(node, run, at)
        new = node.pk is None or (node.heading, node.text) != (heading, text)
        node.parent = placed[parent] if depth else None
        node.kind, node.depth, node.number = one.kind, depth, one.number
        node.label, node.order, node.gone = one.label[:40], order, False
        node.heading, node.text = heading, text
        if new:
            node.themes = rules.themes_of(node.full)
            node.bigrams = " ".join(words.tokens(node.full))
            fresh.append(node)
        node.save()
        placed[one.path] = node
    _derive(fresh)
    left = [node for path, node in held.items() if path not in placed and not node.gone]
    _remove(left, run, at, done)


def _keep(node: Node, run: ImportRun, at: datetime) -> None:
    Revision.objects.create(node=node, run=run, heading=node.heading, text=node.text, until=at)


def _remove(nodes: list[Node], run: ImportRun, at: datetime, done: Difference) -> None:
    """Nodes that the file has no more: out of search and lists, their deep links still answer."""
    for node in nodes:
        _keep(node, run, at)
        node.gone = True
        node.save(update_fields=["gone"])
        done.touched.append((node.policy.key, node.path))
    done.removed += len(nodes)


def _derive(nodes: list[Node]) -> None:
    """Themes and amounts of these nodes, as rows."""
    Theme.objects.filter(node__in=nodes).delete()
    Amount.objects.filter(node__in=nodes).delete()
    Theme.objects.bulk_create(
        Theme(node=node, title=title) for node in nodes for title in node.themes
    )
    Amount.objects.bulk_create(
        Amount(
            node=node,
            value=one.value,
            low=one.low,
            unit=one.unit,
            wan=one.wan,
            qualifier=one.qualifier,
            per=one.per[:20],
            order=order,
        )
        for node in nodes
        for order, one in enumerate(amounts.find(node.full))
    )


def place_of(zone: str) -> tuple[str, str]:
    """The short name of a zone (天津 of 天津国家新一代…) and the code of its region, if any."""
    short = re.split("国家", zone, maxsplit=1)[0].strip() or zone
    for suffix in ("", "市", "县", "省", "区"):
        code = next((r.code for r in regions().values() if r.name == short + suffix), None)
        if code:
            return short[:20], code
    return short[:20], ""
