"""Filing in a rehearsal: every section answered, every required file attached, submitted."""

from __future__ import annotations

import io
import secrets
from datetime import datetime, timedelta

from PIL import Image

from accounts.models import User
from applications import attachments, queries, readiness
from applications import filing as filings
from applications import services as applications
from applications.content import synthetic
from applications.models import Application
from applications.tasks import sweep_deadlines
from calls import services as calls
from calls.models import Call
from calls.programme import (
    Condition,
    Programme,
    Section,
)
from calls.programme.form import TABLES
from core.errors import Refusal
from office.demo import season
from office.rehearsal.people import House, actor_of
from office.rehearsal.report import Report, StepDone
from recommenders import services as recommenders

TRIES = 6
"""So many different sets of answers are tried before a section counts as impossible."""


def completed(
    programme: Programme, dates: dict[str, datetime | None], *, at: datetime
) -> dict[str, datetime | None]:
    """The dates with made-up ones where the call has none yet, so that the play can go on."""
    found = dict(dates)
    end = found.get("filing_until")
    start = found.get("filing_from") or (end - timedelta(days=30) if end else at)
    found["filing_from"] = last = start
    for name in calls.needed_dates(programme)[1:]:
        if name in ("scan_until", "paper_until"):
            continue
        last = found.get(name) or last + timedelta(days=30)
        found[name] = last
    return {name: value for name, value in found.items() if value is not None}


def conditions(programme: Programme) -> list[Condition]:
    """Everything whose answer makes a part of the form appear, wherever it is asked."""
    found = [
        Condition(field=_full(section, section.condition), equals=section.condition.equals)
        for section in programme.sections
        if section.condition
    ]
    for section, field in programme.fields():
        if field.show_if:
            full = _full(section, field.show_if)
            found.append(Condition(field=full, equals=field.show_if.equals))
    for kind in programme.attachments:
        if kind.condition:
            found.append(kind.condition)
    return found


def _full(section: Section, condition: Condition) -> str:
    return condition.field if "." in condition.field else f"{section.key}.{condition.field}"


def file_all(call: Call, house: House, report: Report, done: StepDone, *, at: datetime) -> int:
    """Every unit files once; how many were submitted. What none of them could finish is told."""
    programme = call.programme
    directions = list(call.directions.prefetch_related("subfields"))
    wanted = conditions(programme)
    seen: set[str] = set()
    filed = 0
    for n, (unit, person, through) in enumerate(house.filers):
        direction = directions[n % len(directions)] if directions else None
        steer = wanted[n % len(wanted)] if wanted else None
        try:
            made = filings.start(
                call=call,
                organisation=unit,
                title=f"演练项目{n + 1:02d}"[: programme.title_max_chars],
                direction=direction,
                subfield=direction.subfields.all()[0] if direction else None,
                recommender=through,
                user=person,
                actor=actor_of(person),
                at=at,
            )
        except Refusal as refusal:
            report.dead_end(done.key, f"不能新建申报：{refusal.message}", "改申报主体或推荐规则")
            continue
        filed += _fill_and_submit(made, person, steer, seen, report, done, n=n, at=at)
    for section in programme.sections:
        if section.key not in seen and section.condition is not None:
            report.warn(done.key, f"“{section.title}”在演练中没有出现", "核对它的出现条件")
    done.words.append(f"{len(house.filers)} 个单位试填，{filed} 项提交")
    return filed


def _fill_and_submit(
    made: Application,
    person: User,
    steer: Condition | None,
    seen: set[str],
    report: Report,
    done: StepDone,
    *,
    n: int,
    at: datetime,
) -> int:
    programme = made.call.programme
    for section in programme.sections:
        material = queries.material(made)
        if not readiness.is_asked(section, material):
            continue
        seen.add(section.key)
        if wrong := fill(made, section, person, steer=steer, seed=n, at=at):
            words = "；".join(dict.fromkeys(f"{one.label}：{one.message}" for one in wrong[:3]))
            report.dead_end(
                done.key,
                f"“{section.title}”试填 {TRIES} 组答案都不能完成（{words}）",
                "核对这一部分的必填项、限值和规则",
            )
    for kind in readiness.wanted_files(queries.material(made)):
        if kind.required:
            try:
                attach(made, kind.key, kind.title, kind.types, person, at=at)
            except Refusal as refusal:
                report.dead_end(
                    done.key, f"“{kind.title}”交不上：{refusal.message}", "改类型、大小或份数"
                )
    left = readiness.problems(queries.material(made))
    if left:
        report.dead_end(
            done.key,
            f"填完之后仍有 {len(left)} 处阻止提交（{left[0].label}：{left[0].message}）",
            "核对这一项的规则",
        )
        return 0
    try:
        applications.submit(made, key=secrets.token_hex(8), actor=actor_of(person), at=at)
    except Refusal as refusal:
        report.dead_end(done.key, f"填好了也不能提交：{refusal.message}", "核对期限和申报主体规则")
        return 0
    return 1


def fill(
    made: Application,
    section: Section,
    person: User,
    *,
    steer: Condition | None,
    seed: int,
    at: datetime,
) -> list[readiness.Problem]:
    """Answer one section with several sets of answers until one is complete; what is left wrong."""
    actor = actor_of(person)
    rows, specs = season.indicators_of(made)
    known = filings.known_of(made.organisation, person)
    wrong: list[readiness.Problem] = []
    for attempt in range(TRIES):
        typed = synthetic.inputs(section, seed=seed + 100 * attempt, indicators=specs)
        home, _, key = steer.field.rpartition(".") if steer else ("", "", "")
        if steer and home == section.key and attempt % 2 == 0:
            again = synthetic.inputs(_steered(section, key, steer.equals), seed=seed + attempt)
            typed |= {**again, key: [steer.equals]}
        posted = season.as_posted(typed)
        for field in section.fields:
            if field.prefill and known.get(field.prefill) and field.type not in TABLES:
                posted[field.key] = str(known[field.prefill])
        season.save_posted(made, section, posted, rows, actor=actor, at=at)
        wrong = readiness.section_problems(section, queries.material(made))
        if not wrong:
            return []
    return wrong


def _steered(section: Section, key: str, equals: str) -> Section:
    """The section with one answer fixed: only that choice is there."""
    fields = tuple(
        one.model_copy(
            update={"choices": tuple(c for c in one.choices if c.key == equals), "required": True}
        )
        if one.key == key
        else one
        for one in section.fields
    )
    return section.model_copy(update={"fields": fields})


def attach(
    made: Application,
    key: str,
    title: str,
    types: tuple[str, ...],
    person: User,
    *,
    at: datetime,
) -> None:
    if "pdf" in types:
        name, data = f"{title[:40]}.pdf", season.sample_pdf(f"{title}{made.pk}")
    else:
        kind = "JPEG" if "jpg" in types else "PNG"
        out = io.BytesIO()
        Image.new("RGB", (300, 400), (255, 255, made.pk % 255)).save(out, kind)
        name, data = f"{title[:40]}.{'jpg' if kind == 'JPEG' else 'png'}", out.getvalue()
    attachments.attach(made, key=key, name=name, data=data, actor=actor_of(person), at=at)


def late_draft(call: Call, house: House, *, at: datetime) -> Application | None:
    """A draft that somebody leaves open over the deadline."""
    if call.programme.applicants.per_applicant == 1 or not house.filers:
        return None
    unit, person, through = house.filers[0]
    direction = call.directions.first()
    try:
        return filings.start(
            call=call,
            organisation=unit,
            title="演练迟到项目"[: call.programme.title_max_chars],
            direction=direction,
            subfield=direction.subfields.first() if direction else None,
            recommender=through,
            user=person,
            actor=actor_of(person),
            at=at,
        )
    except Refusal:
        return None


def may_still_submit(draft: Application, house: House, *, at: datetime) -> bool:
    person = house.filers[0][1]
    try:
        applications.submit(draft, key=secrets.token_hex(8), actor=actor_of(person), at=at)
    except Refusal:
        return False
    return True


def sweep(at: datetime) -> None:
    """What the pulse does when dates have passed."""
    recommenders.allot_missing(at=at)
    recommenders.close_unrecommended(at=at)
    sweep_deadlines()
