"""Which filings stand in the way of one: reading for the rules of ``applications.overlaps``.

``clashes`` judges what was submitted, for recommenders and the office; ``clashes_of_draft``
judges the working copy, for its own unit. ``Clash.words`` may be shown to applicants,
``Clash.staff`` names the other filing and may not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from django.db.models import F, Q, prefetch_related_objects

from accounts import units
from accounts.models import Organisation
from applications import overlaps, queries
from applications.material import Material
from applications.models import Application, Participation, UnitInCall, Version
from applications.overlaps import Clash, Filing, Party, Won
from applications.workflow import LIVE, Status
from calls.models import Call, Winner
from core.errors import Refusal
from core.prepared import Prepared, Slot, Texts

COUNTED = tuple(status for status in LIVE if status != Status.DRAFT)
"""Statuses in which a filing stands in others' way: submitted, and not withdrawn or lapsed."""

__all__ = ["Clash", "clashes", "clashes_of_draft", "hold", "must_be_clear", "refuse", "take_part"]


def clashes(application: Application) -> list[Clash]:
    """What stands against the filing as it was last submitted; none before it was."""
    version = _latest.first(application=application.pk)
    if version is None:
        return []
    return _judge(application, _submitted(application, version))


_latest = Prepared(
    lambda: Version.objects.filter(application_id=Slot("application")).order_by("-number")[:1]
)


def clashes_of_draft(
    application: Application, material: Material, *, kin: overlaps.Kin | None = None
) -> list[Clash]:
    """What would stand against the working copy if it were submitted now.

    ``kin`` is what ``hold`` found; without it the units are looked up here.
    """
    return _judge(application, _working(application, material), kin=kin)


def as_partner(
    application: Application, material: Material, *, code: str, name: str
) -> list[Clash]:
    """What would stand against the working copy because of this one partner."""
    working = _working(application, material)
    typed = Party(code, name)
    others = tuple(party for party in working.parties if party.lead or party.code != code)
    found = _judge(application, replace(working, parties=(*others, typed)))
    return [clash for clash in found if clash.party is not None and clash.party.code == code]


def must_be_clear(application: Application) -> list[Clash]:
    """Refuse while something forbids this submitted filing, in the words for staff.

    For the recommender's act and the freezing of its list. Returns what stands against it
    without forbidding it. Raises ``Refusal`` with the code of the first hard clash.
    """
    found = clashes(application)
    for clash in found:
        if clash.hard:
            raise Refusal(
                clash.code,
                f"《{application.title}》不能推荐：{clash.staff}。请与申报单位核实，只保留一项。",
                rule=clash.rule,
            )
    return found


def refuse(found: Iterable[Clash]) -> None:
    """Refuse in the applicant's words, with the clause, when one of these is hard."""
    for clash in found:
        if clash.hard:
            raise Refusal(clash.code, str(clash), rule=clash.rule)


def hold(application: Application, material: Material) -> overlaps.Kin:
    """Hold every unit that takes part, so that of two filings at once the second sees the first.

    Call it inside the transaction that submits; the units are taken in one order. Returns the
    codes that are one unit, for ``clashes_of_draft``.
    """
    codes = {party.code for party in _working(application, material).parties if party.code}
    kin = kin_of(codes)
    wanted = sorted({code for own in codes for code in kin.get(own, {own})})
    # A row that is there is written over with itself, which takes its lock as a new one is locked.
    UnitInCall.objects.bulk_create(
        [UnitInCall(call_id=application.call_id, code=code) for code in wanted],
        update_conflicts=True,
        unique_fields=["call", "code"],
        update_fields=["code"],
    )
    return kin


def take_part(application: Application, material: Material, *, first: bool = False) -> None:
    """Write down who takes part in what is being submitted; earlier rows go.

    ``first``: nothing of this filing was submitted before, so there are none.
    """
    own = _working(application, material)
    if not first:
        Participation.objects.filter(application=application).delete()
    Participation.objects.bulk_create(
        [
            Participation(
                application=application,
                code=party.code,
                name=party.name[:100],
                lead=party.lead,
                direction_key=own.direction,
            )
            for party in {one.code: one for one in reversed(own.parties)}.values()
            if party.code
        ]
    )


def filed_by(organisation: Organisation, call: Call) -> int:
    """How many filings count against a unit that starts one more: its own and those of units
    merged with it, drafts included, and where partners count those others submitted with it."""
    one_unit = units.kin_units(organisation)
    own = sum(queries.live_of(one, call) for one in one_unit)
    if not call.programme.applicants.count_partners or not organisation.code:
        return own
    codes = kin_of([organisation.code])[organisation.code]
    with_others = (
        Participation.objects.filter(
            application__call=call, application__status__in=COUNTED, code__in=codes, lead=False
        )
        .exclude(application__organisation__in=one_unit)
        .values("application")
        .distinct()
    )
    return own + with_others.count()


def effects_of_withdrawing(application: Application) -> list[str]:
    """What withdrawing does to the limits of the units that take part, in words."""
    call = application.call
    limit = call.programme.applicants.per_applicant
    used = filed_by(application.organisation, call)
    found = []
    if limit is not None:
        found.append(
            f"本单位在本批次的申报由 {used} 项减为 {used - 1} 项（每个单位最多 {limit} 项）。"
            f"截止前可以另行新建，最多再报 {max(limit - used + 1, 0)} 项。"
        )
    else:
        found.append("本批次不限申报项数；截止前可以另行新建。")
    partners = list(
        application.participations.filter(lead=False).order_by("pk").values_list("name", flat=True)
    )
    if partners:
        found.append(f"{'、'.join(partners)}不再因本项受同一方向和项数的限制。")
    if application.shown_status == Status.RECOMMENDED:
        found.append("所占的推荐名额退回推荐单位；已确认的名单须由推荐单位重新确认。")
    if application.shown_status == Status.RETURNED:
        found.append("正在进行的退回修改随之结束。")
    found.append("撤回的申报不能恢复、修改或再次提交；重新新建的，按新申报核对各项限制。")
    return found


def kin_of(codes: Iterable[str]) -> dict[str, set[str]]:
    """Every code that each of these units bears or bore, units merged with them included."""
    return units.kin_of_codes(codes)


# Reading -------------------------------------------------------------------------------------


def _judge(
    application: Application, own: Filing, *, kin: overlaps.Kin | None = None
) -> list[Clash]:
    programme = application.call.programme
    if kin is None:
        kin = kin_of(party.code for party in own.parties if party.code)
    codes = {code for found in kin.values() for code in found}
    return overlaps.clashes(
        programme,
        own,
        _others(application, codes),
        won=_won(application.call, codes, own) if programme.applicants.exclude_winners else (),
        kin=kin,
    )


def _others(application: Application, codes: Collection[str]) -> list[Filing]:
    """The other filings of the call in which one of these codes takes part, as last submitted."""
    if not codes:
        return []
    latest = _with_one_of(codes=codes, call=application.call_id, own=application.pk)
    prefetch_related_objects(latest, "application__participations")
    found = []
    for version in latest:
        other = version.application
        rows = other.participations.all()
        if any(row.lead for row in rows):
            parties = tuple(Party(row.code, row.name, lead=row.lead) for row in rows)
            found.append(
                _as_filing(
                    other, snapshot=version.snapshot, parties=parties, application=application
                )
            )
    return found


_with_one_of = Prepared(
    lambda: (
        Version.objects.filter(
            application__call_id=Slot("call"),
            application__status__in=COUNTED,
            application__in=Participation.objects.filter(code__in=Texts("codes")).values(
                "application"
            ),
            number=F("application__version_number"),
        )
        .exclude(application_id=Slot("own"))
        .select_related("application__organisation", "application__recommender")
        .order_by("application_id")
    )
)


def _as_filing(
    other: Application,
    *,
    snapshot: dict[str, Any],
    parties: tuple[Party, ...],
    application: Application,
) -> Filing:
    programme = application.call.programme
    return Filing(
        id=other.pk,
        parties=parties,
        title=snapshot.get("title", other.title),
        number=other.number,
        public_id=other.public_id,
        status=other.shown_word,
        direction=snapshot.get("direction_key", ""),
        direction_title=snapshot.get("direction", ""),
        recommender=other.recommender_id or 0,
        recommender_name=other.recommender.name if other.recommender else "",
        text=overlaps.long_texts(programme, snapshot.get("answers", {})),
    )


def _submitted(application: Application, version: Version) -> Filing:
    answers = version.snapshot.get("answers", {})
    lead = _lead(application)
    partners = overlaps.partners(application.call.programme, answers)
    return _as_filing(
        application,
        snapshot=version.snapshot,
        parties=(lead, *partners),
        application=application,
    )


def _working(application: Application, material: Material) -> Filing:
    partners = overlaps.partners(material.programme, material.sections)
    return Filing(
        id=application.pk,
        parties=(_lead(application), *partners),
        title=material.title,
        number=application.number,
        public_id=application.public_id,
        status=application.shown_word,
        direction=material.direction_key,
        direction_title=material.direction,
        recommender=application.recommender_id or 0,
        recommender_name=material.recommender.name if material.recommender else "",
        text=overlaps.long_texts(material.programme, material.sections),
    )


def _lead(application: Application) -> Party:
    unit = application.organisation
    return Party(unit.code or "", unit.name, lead=True)


def _won(call: Call, codes: Collection[str], own: Filing) -> list[Won]:
    """What these units won in other rounds, as leads or as partners of the filing that won."""
    names = {party.name for party in own.parties}
    rows = _wins(codes=_known(codes), names=names, call=call.code)
    beside = partners_of(row.project for row in rows)
    return [
        Won(
            row.title,
            row.round_title,
            row.organisation_code,
            row.organisation_name,
            tuple(one.code for one in beside.get(row.project, ())),
        )
        for row in rows
    ]


def won_by(codes: Iterable[str]) -> Q:
    """Of the register: what these units won, as leads or as partners of the filing that won."""
    return _won_by(_known(codes))


def _known(codes: Iterable[str]) -> list[str]:
    """Without the empty one, which stands where no code is known."""
    return [code for code in codes if code]


def _won_by(codes: Any) -> Q:
    joint = Participation.objects.filter(code__in=codes, lead=False)
    return Q(organisation_code__in=codes) | Q(project__in=joint.values("application__public_id"))


_wins = Prepared(
    lambda: (
        Winner.objects.in_force()
        .filter(
            _won_by(Texts("codes")) | Q(organisation_code="", organisation_name__in=Texts("names"))
        )
        .exclude(call_code=Slot("call"))
        .order_by("pk")
    )
)


def partners_of(projects: Iterable[str]) -> dict[str, list[Participation]]:
    """Who took part beside the lead, by the public ids of these filings, as last submitted."""
    wanted = {one for one in projects if one}
    found: dict[str, list[Participation]] = {}
    if wanted:
        for row in (
            Participation.objects.filter(application__public_id__in=wanted, lead=False)
            .select_related("application")
            .order_by("pk")
        ):
            found.setdefault(row.application.public_id, []).append(row)
    return found
