"""The directions of a call as they stand now, as the entries of a programme."""

from __future__ import annotations

from calls.models import Call
from calls.models import Direction as Row
from calls.programme import ALL_SUBFIELDS, Direction, SubField


def directions(call: Call) -> tuple[Direction, ...]:
    """Before opening those of the rules; afterwards the rows, with what was added since.

    What only the rules know of a direction (its number, grant, note, sources) comes from there.
    """
    programme = call.programme
    if call.state == Call.State.PREPARING:
        return programme.directions
    classes = {one.title: one.key for one in programme.classes}
    rows = call.directions.prefetch_related("subfields", "indicators")
    return tuple(_spec(row, programme.direction(row.key), classes) for row in rows)


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
