"""Which kinds of packages there are. Apps above register theirs in ``ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import Membership
    from documents.packages.model import Package
    from documents.packages.work import Work


@dataclass(frozen=True, slots=True)
class Builder:
    """How one kind of package is made, and who may have it.

    ``build`` writes ``work.file`` and says how far it is; it reads rows and files and changes
    nothing. It may raise ``Refusal`` (the package fails with its words), ``work.NotYet`` (looked
    at again later) or anything else (tried again a few times).
    ``allowed`` is asked when the package is requested, shown and downloaded: may this membership,
    in force now, have it? ``origin`` is the address of the page it was asked from.
    ``counted`` is what its steps are, for the page's figures.
    """

    kind: str
    label: str
    build: Callable[[Package, Work], None]
    allowed: Callable[[Package, Membership], bool]
    origin: Callable[[Package], str]
    suffix: str = ".zip"
    counted: str = "个文件"
    media_type: str = "application/zip"


_builders: dict[str, Builder] = {}


def register(builder: Builder) -> None:
    """Make a kind known. Registering another builder for a known kind is a defect."""
    known = _builders.setdefault(builder.kind, builder)
    if known != builder:
        raise ValueError(f"two builders for packages of kind {builder.kind}")


def builder(kind: str) -> Builder:
    """Raises ``KeyError`` for a kind nobody registered."""
    return _builders[kind]


def kinds() -> tuple[str, ...]:
    return tuple(sorted(_builders))
