"""What a recommender is shown before it confirms: clashes between filings, and repetitions.

The rules over leads, partners, winners and similar projects are those of
``applications.exclusivity``; here a unit that stands twice on one list and titles that read
alike are added. A hard clash refuses; a soft one is confirmed with a written reason.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count

from applications import exclusivity, overlaps
from applications.models import Application, Participation
from calls.models import Call, Winner
from recommenders import queries
from recommenders.queries import Listed

LONG_ENOUGH = 10
"""Characters of a title from which likeness means something."""


@dataclass(frozen=True, slots=True)
class Warning:
    """One thing to know before a filing is confirmed, in words for staff."""

    code: str
    words: str
    hard: bool = False
    rule: str = ""
    public_id: str = ""


def of(application: Application) -> list[Warning]:
    """Everything that stands against one filing, the refusing ones first."""
    listed = queries.listed(application.call_id, application.recommender_id or 0)
    return said(exclusivity.clashes(application)) + repeated(application, listed)


def said(clashes: Iterable[exclusivity.Clash]) -> list[Warning]:
    """What the rules found, in words for staff."""
    return [
        Warning(one.code, one.staff, one.hard, one.rule, one.other_public_id) for one in clashes
    ]


def repeated(application: Application, listed: Iterable[Listed]) -> list[Warning]:
    """The same unit, or a title that reads alike, already on the list."""
    found = []
    for other in listed:
        if other.pk == application.pk:
            continue
        if other.organisation == application.organisation_id:
            found.append(
                Warning(
                    "same-unit",
                    f"{other.organisation_name}已有《{other.title}》在推荐名单中",
                    public_id=other.public_id,
                )
            )
        elif read_alike(application.title, other.title):
            found.append(
                Warning(
                    "alike",
                    f"项目名称与名单中的《{other.title}》（{other.organisation_name}）相近",
                    public_id=other.public_id,
                )
            )
    return found


def read_alike(one: str, other: str) -> bool:
    """The same words, or nearly; short titles differ by too little to be judged by likeness."""
    a, b = overlaps.bare(one), overlaps.bare(other)
    return a == b or (
        min(len(a), len(b)) >= LONG_ENOUGH and overlaps.alike(one, other) >= overlaps.TITLES_ALIKE
    )


def of_list(call: Call, listed: Sequence[Application]) -> dict[int, list[Warning]]:
    """The warnings of a whole list by application; only where there are any.

    Three queries, and a few more for each filing whose units take part elsewhere too.
    """
    suspects = _suspects(call, listed)
    beside = [Listed.of(one) for one in listed]
    found = {
        one.pk: (said(exclusivity.clashes(one)) if one.pk in suspects else [])
        + repeated(one, beside)
        for one in listed
    }
    return {pk: warnings for pk, warnings in found.items() if warnings}


def _suspects(call: Call, listed: Sequence[Application]) -> set[int]:
    """Of these filings those with a unit that takes part in another one, or that won before."""
    pks = [one.pk for one in listed]
    rows = list(
        Participation.objects.filter(application__in=pks).values_list("application", "code")
    )
    codes = {code for _, code in rows}
    twice = set(
        Participation.objects.filter(
            code__in=codes, application__call=call, application__status__in=exclusivity.COUNTED
        )
        .values("code")
        .annotate(n=Count("application", distinct=True))
        .filter(n__gt=1)
        .values_list("code", flat=True)
    )
    won = _winners(call, codes) if call.programme.applicants.exclude_winners else set()
    found = {pk for pk, code in rows if code in twice or code in won}
    names = {one.organisation.name for one in listed}
    if call.programme.applicants.exclude_winners:
        by_name = set(
            Winner.objects.in_force()
            .filter(organisation_code="", organisation_name__in=names)
            .exclude(call_code=call.code)
            .values_list("organisation_name", flat=True)
        )
        found |= {one.pk for one in listed if one.organisation.name in by_name}
    return found


def _winners(call: Call, codes: Collection[str]) -> set[str]:
    """Those of these units that won in another round, as leads or as partners."""
    won = Winner.objects.in_force().exclude(call_code=call.code)
    leads = won.filter(organisation_code__in=codes).values_list("organisation_code", flat=True)
    partners = Participation.objects.filter(
        code__in=codes,
        lead=False,
        application__public_id__in=won.exclude(project="").values("project"),
    ).values_list("code", flat=True)
    return {*leads, *partners}
