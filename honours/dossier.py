"""Everything that is kept of one project, gathered for its archive.

The office has all of it. The unit has what is its own or was sent to it: its versions, papers and
evidence, what was published, its own acts in the trail; no score, no rank, nothing about others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps

from applications.models import Application, Version
from audit import services as audit
from audit.models import Entry
from calls.models import Winner
from documents.models import Blob, Document
from fulfilment.models import Happening, Target, Task
from honours.models import Certificate
from outcomes.models import Award, Decision, Objection, Publication, SlotRequest, StepRecord
from reviews.models import Result

ABOUT_A_PROJECT = ("applications", "outcomes", "fulfilment", "testing", "honours")
"""Rooms whose rows about a project are looked up for papers and entries of the trail."""
PRIVATE = {"objection", "textsketch", "likeness"}
"""Rows whose entries stay out: who objected is protected, comparisons name others."""


@dataclass(slots=True)
class Dossier:
    """One project. Each list holds plain rows, ready for JSON and sheets."""

    application: Application
    versions: list[Version] = field(default_factory=list)
    papers: list[Document] = field(default_factory=list)
    evidence: list[tuple[str, Blob]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    objections: list[dict[str, Any]] = field(default_factory=list)
    trail: list[dict[str, Any]] = field(default_factory=list)


def gather(application: Application, *, own: bool, evidence: bool) -> Dossier:
    """What is kept of a project; ``own``: as its unit may have it."""
    found = Dossier(application)
    found.versions = list(
        application.versions.select_related("form__pdf", "receipt__pdf").order_by("number")
    )
    labels = labels_of(application)
    papers = Document.objects.filter(subject__in=labels).select_related("pdf").order_by("pk")
    if own:
        papers = papers.filter(organisation=application.organisation_id)
    published = Document.objects.filter(
        subject__in=[audit.label(one) for one in _publications(application)]
    ).select_related("pdf")
    found.papers = [*papers, *published]
    if evidence:
        found.evidence = _evidence(found.versions)
    found.facts = _facts(application, own=own)
    found.decisions = _decisions(application, own=own)
    if not own:
        found.results = [
            {
                "round": one.round.title,
                "score": str(one.score) if one.score is not None else "",
                "rank": one.rank,
                "reviews": one.reviews_count,
                "flags": one.flag_words,
            }
            for one in Result.objects.filter(application=application).select_related("round")
        ]
        found.objections = [
            {
                "received_at": _iso(one.received_at),
                "state": one.get_state_display(),
                "finding": one.finding,
                "answer": one.answer,
            }
            for one in Objection.objects.filter(application=application)
        ]
    task = Task.objects.filter(application=application).first()
    if task is not None:
        found.targets = [_target(one) for one in Target.objects.filter(task=task)]
        found.history = [
            {"at": _iso(one.at), "what": one.what, "text": one.text}
            for one in Happening.objects.filter(task=task)
        ]
    entries = Entry.objects.filter(subject__in=labels).order_by("pk")
    if own:
        entries = entries.filter(organisation=application.organisation_id)
    found.trail = [_entry(one) for one in entries]
    return found


def labels_of(application: Application) -> list[str]:
    """How the trail and the papers name what is about this project: itself and its rows."""
    found = {audit.label(application)}
    rows: list[Any] = [application]
    for _ in range(2):
        rows = [inner for row in rows for inner in _rows_about(row)]
        found |= {audit.label(row) for row in rows}
    return sorted(found)


def _rows_about(row: Any) -> Iterable[Any]:
    """The rows that point at this one, in the rooms about a project."""
    for relation in row._meta.related_objects:
        model = relation.related_model
        known = model._meta.app_label in ABOUT_A_PROJECT and apps.is_installed(
            model._meta.app_label
        )
        if not known or model._meta.model_name in PRIVATE or relation.many_to_many:
            continue
        if row._meta.app_label not in ABOUT_A_PROJECT or isinstance(row, Publication):
            continue
        yield from model.objects.filter(**{relation.field.name: row.pk})


def _publications(application: Application) -> list[Publication]:
    """The lists the project stood on."""
    found: dict[int, Publication] = {}
    for holder in (
        Decision.objects.filter(application=application),
        Award.objects.filter(application=application),
    ):
        for one in holder.select_related("publicity", "announcement"):
            for publication in (one.publicity, one.announcement):
                if publication is not None:
                    found[publication.pk] = publication
    return list(found.values())


def _evidence(versions: Iterable[Version]) -> list[tuple[str, Blob]]:
    names: dict[str, str] = {}
    for version in versions:
        for file in version.snapshot.get("attachments") or ():
            names.setdefault(file["sha256"], file["name"])
    blobs = Blob.objects.filter(sha256__in=names)
    return [(names[blob.sha256], blob) for blob in blobs.order_by("sha256")]


def _facts(application: Application, *, own: bool) -> list[tuple[str, str]]:
    call = application.call
    return [
        ("批次", call.title),
        ("申报编号", application.number or ""),
        (call.programme.title_label, application.title),
        ("申报单位", application.organisation.name),
        ("统一社会信用代码", application.organisation.code or ""),
        ("推荐单位", application.recommender.name if application.recommender else ""),
        ("方向", application.direction.title if application.direction else ""),
        ("状态", application.shown_word if own else application.get_status_display()),
        ("版本", str(application.version_number)),
    ]


def _decisions(application: Application, *, own: bool) -> list[dict[str, Any]]:
    """Decisions in force; the unit has those that are published, without reasons and people."""
    tiers = {tier.key: tier.title for tier in application.call.programme.tiers}
    found = []
    holders: tuple[tuple[str, Any], ...] = (("遴选", Decision), ("优胜", Award))
    for stage, model in holders:
        for one in model.objects.filter(application=application).select_related(
            "announcement", "proposed_by", "approved_by"
        ):
            if own and one.announcement_id is None:
                continue
            row = {
                "stage": stage,
                "outcome": one.get_outcome_display(),
                "tier": tiers.get(one.tier, one.tier),
                "list": one.announcement.title if one.announcement else "",
            }
            if not own:
                row |= {
                    "state": one.get_state_display(),
                    "reason": one.reason,
                    "proposed_by": one.proposed_by.name,
                    "approved_by": one.approved_by.name if one.approved_by else "",
                    "applied_at": _iso(one.applied_at),
                }
            found.append(row)
    for certificate in Certificate.objects.filter(application=application):
        found.append(
            {
                "stage": "证书",
                "outcome": certificate.get_state_display(),
                "tier": tiers.get(certificate.tier, certificate.tier),
                "list": certificate.number,
            }
        )
    if not own:
        found += [
            {
                "stage": "步骤记录",
                "outcome": one.get_result_display(),
                "tier": one.get_step_display(),
                "reason": one.note,
                "applied_at": _iso(one.at),
            }
            for one in StepRecord.objects.filter(application=application)
        ]
        found += [
            {
                "stage": "超出上限申请",
                "outcome": one.get_state_display(),
                "tier": tiers.get(one.tier, one.tier),
                "reason": one.reason,
                "applied_at": _iso(one.decided_at),
            }
            for one in SlotRequest.objects.filter(application=application)
        ]
    won = Winner.objects.filter(project=application.public_id)
    found += [
        {
            "stage": "优胜登记",
            "outcome": "已撤销" if one.withdrawn_at else "有效",
            "tier": one.round_title,
            "list": one.source,
        }
        for one in won
    ]
    return found


def _target(one: Target) -> dict[str, Any]:
    return {
        "name": one.name,
        "unit": one.unit,
        "basis": one.basis,
        "reference": one.reference,
        "current": one.current,
        "first_target": one.first_target,
        "target": one.target,
        "method": one.method,
    }


def _entry(one: Entry) -> dict[str, Any]:
    return {
        "at": _iso(one.at),
        "who": one.actor_name,
        "role": one.actor_role,
        "action": one.action,
        "subject": one.subject,
        "data": one.data,
        "seq": one.seq,
        "digest": one.digest,
    }


def _iso(at: Any) -> str:
    return at.isoformat(timespec="seconds") if at else ""
