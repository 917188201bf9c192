"""What the public library holds: opened and closed with the lists."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from applications.models import Application, Version
from audit.services import Actor
from calls.programme import Field, FieldType
from calls.programme.shape import Programme
from honours.models import Project
from outcomes import rules
from outcomes.models import Award, Decision, Publication


def open_projects(
    publication: Publication, decisions: Iterable[Decision], *, at: datetime
) -> list[Project]:
    """Put the projects of an announced list into the library, in its transaction."""
    found = list(decisions)
    frozen = {
        version.application_id: version.snapshot
        for version in Version.objects.filter(
            application__in=[one.application_id for one in found],
            number=F("application__version_number"),
        )
    }
    rows = {row["application"]: row for row in publication.rows}
    made = []
    for decision in found:
        application = decision.application
        row = rules.public_row(rows[application.pk])
        public, indicators = opened(publication.call.programme, frozen.get(application.pk, {}))
        tier = publication.call.programme.tier(decision.tier)
        values: dict[str, Any] = {
            "call": publication.call,
            "programme_title": publication.call.programme.short_title,
            "year": _year(publication),
            "title": row["title"],
            "organisation": row["organisation"],
            "recommender": row["recommender"],
            "direction": row["direction"],
            "region": application.organisation.region or "",
            "tier": decision.tier,
            "tier_title": tier.title if tier else decision.tier,
            "announcement": publication,
            "fields": public,
            "indicators": indicators,
            "words": words_of(row, public),
            "since": at,
            "closed_at": None,
        }
        made.append(Project.objects.update_or_create(application=application, defaults=values)[0])
    return made


def _year(publication: Publication) -> int:
    """The year of the round: that of its filing, else of the announcement."""
    call = publication.call
    instant = call.filing_from or call.filing_until or publication.published_at
    assert instant is not None
    return rules.day_of(instant).year


def crown(publication: Publication, awards: Iterable[Award], *, at: datetime) -> None:
    """The projects of an announced list of winners are shown as such."""
    for award in awards:
        tier = publication.call.programme.tier(award.tier)
        Project.objects.filter(application=award.application).update(
            award_tier=award.tier,
            award_title=tier.title if tier else award.tier,
            award_list=publication,
            award_since=at,
        )


def close(publication: Publication, applications: Iterable[Application], *, at: datetime) -> None:
    """The list was taken down: its projects, or their awards, are not shown any more."""
    found = Project.objects.filter(application__in=[one.pk for one in applications])
    if publication.is_award:
        found.update(award_tier="", award_title="", award_list=None, award_since=None)
    else:
        found.update(closed_at=at)


def follow(publication: Publication, decisions: Any, *, actor: Actor, at: datetime) -> None:
    """What an announcement means for the library."""
    if publication.is_award:
        crown(publication, decisions, at=at)
    else:
        open_projects(publication, decisions, at=at)


def words_of(row: Mapping[str, str], public: Iterable[Mapping[str, Any]]) -> str:
    """What a search looks through: only what the page shows."""
    parts = [row["title"], row["organisation"], row["direction"], row["recommender"]]
    parts += [str(one["value"]) for one in public if isinstance(one.get("value"), str)]
    return "\n".join(part for part in parts if part)


def opened(
    programme: Programme, frozen: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The fields of a frozen version that the programme marks ``public``, and its indicators.

    A field marked ``personal``, or a table with such a column, stays out whatever else it says;
    so do the unit's own name and the title, which stand in the list.
    """
    fields: list[dict[str, Any]] = []
    indicators: list[dict[str, str]] = []
    for section in frozen.get("sections") or ():
        spec = programme.section(section["key"])
        if spec is None:
            continue
        for block in section["blocks"]:
            if block["kind"] == "fields":
                for row in block["rows"]:
                    field = spec.field(row.get("key", ""))
                    if _open(field) and row["value"]:
                        unit = f"（{row['unit']}）" if row.get("unit") else ""
                        fields.append({"label": f"{row['label']}{unit}", "value": row["value"]})
                continue
            field = spec.field(block.get("key", ""))
            if not _open(field):
                continue
            assert field is not None
            if field.type == FieldType.INDICATORS:
                indicators += [_indicator(row) for row in block["rows"]]
            elif block["kind"] == "text" and block["text"]:
                fields.append({"label": block["label"], "value": block["text"]})
            elif block["kind"] == "table" and block["rows"]:
                fields.append(
                    {
                        "label": block["label"],
                        "columns": [column["label"] for column in block["columns"]],
                        "rows": block["rows"],
                    }
                )
    return fields, indicators


def _open(field: Field | None) -> bool:
    return (
        field is not None
        and field.public
        and not field.personal
        and field.prefill != "name"
        and not any(column.personal for column in field.columns)
    )


def _indicator(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": str(row["name"]),
        "unit": str(row["unit"]),
        "basis": str(row["basis"]),
        "reference": str(row["reference"]),
        "target": str(row["target"]),
    }
