"""The first contents of a form, from what the unit has registered. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from applications.content import values
from applications.content.answers import RAW
from applications.content.values import Unreadable
from calls.programme import Field, Section


class Asking(Protocol):
    """Whatever has questions: a programme, a survey."""

    def fields(self) -> Iterator[tuple[Section, Field]]: ...


def sections(programme: Asking, known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Kept data per section, for the fields that name a key of the profile which is filled.

    What does not fit the field stands as typed, so that the applicant sees and mends it.
    """
    found: dict[str, dict[str, Any]] = {}
    for section, field in programme.fields():
        text = str(known.get(field.prefill) or "") if field.prefill else ""
        if not text:
            continue
        data = found.setdefault(section.key, {})
        try:
            value = values.parse(
                str(field.type), text, decimals=field.decimals, choices=field.choices
            )
        except Unreadable:
            if not field.choices:
                data.setdefault(RAW, {})[field.key] = text
        else:
            if value is not None:
                data[field.key] = value
    return {key: data for key, data in found.items() if data}
