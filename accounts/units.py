"""A unit over time: its names and codes, and the units that were merged into it.

Whoever compares units (limits, conflicts, earlier winners) asks here which codes are one unit:
``kin(unit)``, or ``kin_of_codes`` and ``other_marks`` for many at once.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.masterdata import BEGINNING
from accounts.models import APPLICANT_KINDS, Organisation, OrganisationName
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.prepared import Prepared, Texts


def head(unit: Organisation) -> Organisation:
    """The unit that goes on: itself, or what it was merged into, however often."""
    while unit.merged_into is not None:
        unit = unit.merged_into
    return unit


def kin_units(unit: Organisation) -> list[Organisation]:
    """Every unit that is one with this one through mergers, the one that goes on first."""
    found = [head(unit)]
    level = [found[0].pk]
    while level:
        below = list(Organisation.objects.filter(merged_into__in=level).order_by("pk"))
        found += below
        level = [one.pk for one in below]
    return found


def kin(unit: Organisation) -> frozenset[str]:
    """Every code that this unit bears or bore, those of the units merged with it included."""
    units = kin_units(unit)
    former = OrganisationName.objects.filter(organisation__in=units).exclude(code="")
    return frozenset(
        {one.code for one in units if one.code} | set(former.values_list("code", flat=True))
    )


def kin_of_codes(codes: Iterable[str]) -> dict[str, set[str]]:
    """For each code every code of the same unit, itself included, known to us or not.

    Costs one query, and a few more for each unit that was merged or changed its code.
    """
    found = {code: {code} for code in codes if code}
    for code, unit in _changed(found).items():
        found[code] |= kin(unit)
    return found


def other_marks(codes: Iterable[str]) -> dict[str, frozenset[str]]:
    """For each code the other codes and all names of the same unit, where it has more than one."""
    wanted = [code for code in codes if code]
    found = {}
    for code, unit in _changed(wanted, renamed=True).items():
        units = kin_units(unit)
        names = OrganisationName.objects.filter(organisation__in=units).values_list(
            "name", flat=True
        )
        found[code] = frozenset({*kin(unit), *(one.name for one in units), *names} - {code})
    return found


def _changed(codes: Iterable[str], *, renamed: bool = False) -> dict[str, Organisation]:
    """By code, today's or a former one, the units that were merged or changed their code."""
    wanted = list(codes)
    concerned = (_renamed if renamed else _recoded)(codes=wanted) if wanted else []
    found = {one.code or "": one for one in concerned}
    if not found:
        return {}
    found = {code: one for code, one in found.items() if code in wanted}
    past = OrganisationName.objects.filter(code__in=wanted).exclude(code="")
    for name in past.select_related("organisation"):
        found.setdefault(name.code, name.organisation)
    return found


def _concerned(named: Q) -> QuerySet[Organisation]:
    changed = Q(merged_into__isnull=False) | Q(merged__isnull=False) | named
    codes = Texts("codes")
    return Organisation.objects.filter(
        changed & Q(code__in=codes) | Q(names__code__in=codes)
    ).distinct()


_recoded = Prepared(lambda: _concerned(Q(names__code__gt="")))
_renamed = Prepared(lambda: _concerned(Q(names__isnull=False)))


def must_go_on(unit: Organisation) -> None:
    """Refuse for a unit that was merged into another: that one files from now on."""
    if unit.merged_into_id is not None:
        raise Refusal(
            "unit-merged",
            f"{unit.name}已并入{head(unit).name}，不能再新建或提交申报。"
            f"请由{head(unit).name}的管理员邀请您加入，以该单位申报。",
            status=403,
        )


def check_rename(unit: Organisation, *, name: str, code: str, day: date, today: date) -> None:
    """Refuse a rename that cannot be: nothing new, a day to come or before the present name."""
    if unit.merged_into_id is not None:
        raise Refusal("unit-merged", f"{unit.name}已并入其他单位，不能再更名。", status=422)
    if name == unit.name and (not code or code == unit.code):
        raise Refusal("same-name", "新名称和代码与现在的相同，没有要变更的内容。", status=422)
    if day > today:
        raise Refusal("name-to-come", "启用日不能晚于今天：请在新证照生效后办理。", status=422)
    present = unit.names.filter(valid_until=None).order_by("-valid_from").first()
    if present is not None and day <= present.valid_from:
        raise Refusal(
            "before-present-name",
            f"现在的名称自 {present.valid_from:%Y年%m月%d日} 起启用，新名称须在其后启用。",
            status=422,
        )
    if code and Organisation.objects.filter(code=code).exclude(pk=unit.pk).exists():
        raise Refusal(
            "code-taken",
            "这个统一社会信用代码属于另一个单位。两个单位合一的，请办理合并。",
            status=422,
        )


@transaction.atomic
def rename(
    unit: Organisation, *, name: str, day: date, actor: Actor, at: datetime, code: str = ""
) -> Organisation:
    """Give the unit a new name from ``day`` on; the old one is kept with its time.

    ``code`` is the new code where that changed too. Raises as ``check_rename``.
    """
    unit = Organisation.objects.select_for_update().get(pk=unit.pk)
    check_rename(unit, name=name, code=code, day=day, today=timezone.localtime(at).date())
    old_name, old_code = unit.name, unit.code or ""
    changes_code = bool(code) and code != old_code
    past_code = old_code if changes_code else ""
    closed = unit.names.filter(valid_until=None).update(valid_until=day, code=past_code)
    if not closed:  # since when it bore its first name is not known
        OrganisationName.objects.create(
            organisation=unit, name=old_name, code=past_code, valid_from=BEGINNING, valid_until=day
        )
    OrganisationName.objects.create(organisation=unit, name=name, valid_from=day)
    unit.name = name
    if changes_code:
        unit.code = code
    unit.save(update_fields=["name", "code"])
    audit.record(
        actor=actor,
        action="accounts.rename",
        subject=unit,
        at=at,
        name=name,
        before=old_name,
        code=code if changes_code else "",
        code_before=past_code,
        day=day.isoformat(),
    )
    return unit


def check_merge(unit: Organisation, *, into: Organisation) -> None:
    """Refuse a merger of units that do not file, of a unit with itself, or of one that is gone."""
    if unit.pk == into.pk:
        raise Refusal("same-unit", "不能把单位并入它自己，请另选并入的单位。", status=422)
    for one in (unit, into):
        if one.kind not in APPLICANT_KINDS:
            raise Refusal(
                "kind-cannot-merge", f"{one.name}不是申报单位，不能在这里合并。", status=422
            )
        if one.merged_into_id is not None:
            raise Refusal(
                "unit-merged", f"{one.name}已并入{head(one).name}，请选择后者。", status=422
            )


@transaction.atomic
def merge(unit: Organisation, *, into: Organisation, actor: Actor, at: datetime) -> Organisation:
    """Make ``unit`` part of ``into``: it files no more, and counts as one with it.

    Its people keep their accounts and what it filed stays its own. Raises as ``check_merge``.
    """
    both = Organisation.objects.select_for_update().filter(pk__in=(unit.pk, into.pk))
    locked = {one.pk: one for one in both.order_by("pk")}
    unit, into = locked[unit.pk], locked[into.pk]
    check_merge(unit, into=into)
    unit.merged_into, unit.merged_at = into, at
    unit.save(update_fields=["merged_into", "merged_at"])
    audit.record(
        actor=actor,
        action="accounts.merge",
        subject=unit,
        at=at,
        into=into.pk,
        into_name=into.name,
    )
    return unit


@transaction.atomic
def relocate(
    unit: Organisation, *, region: str, reason: str, actor: Actor, at: datetime
) -> Organisation:
    """Correct the region of a unit, which decides who recommends it; filings keep their unit.

    Raises ``Refusal``: ``reason-short``, ``same-region`` (422).
    """
    if len(reason.strip()) < 5:
        raise Refusal("reason-short", "请写明依据（不少于 5 字），如证照上的住所。", status=422)
    unit = Organisation.objects.select_for_update().get(pk=unit.pk)
    if unit.region == region:
        raise Refusal("same-region", "注册地与现在登记的相同，没有要更正的内容。", status=422)
    before, unit.region = unit.region, region
    unit.save(update_fields=["region"])
    audit.record(
        actor=actor,
        action="accounts.relocate",
        subject=unit,
        at=at,
        region=region,
        before=before,
        reason=reason.strip(),
    )
    return unit
