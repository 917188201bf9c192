"""Everything a filing consists of, read once and handed to the pure rules. No model, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from calls.programme import Indicator, Programme


@dataclass(frozen=True, slots=True)
class File:
    """A file of the filing; ``size`` in bytes, ``uploaded_at`` an instant. ``infected`` names what
    the virus scanner found after it was taken, empty when nothing."""

    id: str
    key: str
    name: str
    sha256: str
    size: int
    media_type: str
    pages: int
    uploaded_at: datetime | None = None
    infected: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the indicator table; ``spec`` is None for a row of the applicant's own."""

    spec: Indicator | None
    name: str
    unit: str
    current: str
    target: str
    method: str
    evidence: File | None = None
    evidence_page: int | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    name: str
    code: str = ""
    kind: str = ""
    kind_title: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """The working copy of a filing. ``sections`` maps section key to the kept data."""

    programme: Programme
    call_code: str
    call_title: str
    title: str
    organisation: Unit
    recommender: Unit | None = None
    direction: str = ""
    direction_key: str = ""
    class_title: str = ""
    subfield: str = ""
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    files: Sequence[File] = ()
