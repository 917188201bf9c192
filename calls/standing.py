"""The directions of a call as they stand now, as the entries of a programme."""

from __future__ import annotations

from calls.models import Call
from calls.models import Direction as Row
from calls.programme import ALL_SUBFIELDS, Choice, Direction, SubField

UNSTATED = "未注明"


def directions(call: Call) -> tuple[Direction, ...]:
    """Before opening those of the rules and what was added beside them; afterwards the rows.

    What only the rules know of a direction (its number, grant, note, sources) comes from there.
    """
    programme = call.programme
    titles = {one.title: one.key for one in classes(call)}
    rows = call.directions.prefetch_related("subfields", "indicators")
    found = tuple(_spec(row, programme.direction(row.key), titles) for row in rows)
    if call.state == Call.State.PREPARING:
        known = {one.key for one in programme.directions}
        return (*programme.directions, *(one for one in found if one.key not in known))
    return found


def classes(call: Call) -> tuple[Choice, ...]:
    """Those of the rules, and those that directions were given since, in words of their own."""
    found = list(call.programme.classes)
    given = call.directions.order_by("order", "pk").values_list("class_title", flat=True)
    for title in dict.fromkeys(given):
        if title != UNSTATED and title not in {one.title for one in found}:
            taken = {one.key for one in found}
            number = next(n for n in range(1, 10_000) if f"added_{n}" not in taken)
            found.append(Choice(key=f"added_{number}", title=title))
    return tuple(found)


def _spec(row: Row, known: Direction | None, classes: dict[str, str]) -> Direction:
    sources = {one.key: one for one in (known.subfields if known else ())}
    subfields = tuple(
        sources[one.key].model_copy(update={"title": one.title})
        if one.key in sources
        else SubField(key=one.key, title=one.title)
        for one in row.subfields.all()
        if one.key != ALL_SUBFIELDS
    )
    found = {
        "key": row.key,
        "title": row.title,
        "class_key": classes.get(row.class_title),
        "subfields": subfields,
        "indicators": tuple(one.spec for one in row.indicators.all()),
        "verified": row.verified,
    }
    return known.model_copy(update=found) if known else Direction.model_validate(found)
