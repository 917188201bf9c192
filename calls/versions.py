"""Keeping what a call's rules came from: each file with its hash and who brought it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from audit.services import Actor
from calls.models import Call, Opening, RulesVersion
from documents import fingerprints

Origin = RulesVersion.Origin


@dataclass(frozen=True, slots=True)
class Source:
    """Where rules come from: ``text`` is a file as it came, ``sha256`` that of its bytes."""

    origin: str
    name: str
    text: str = ""
    note: str = ""
    sha256: str = field(default="")

    @classmethod
    def of_catalogue(cls, code: str, text: str = "") -> Source:
        return cls(Origin.CATALOGUE, f"{code}.toml", text)

    @property
    def digest(self) -> str:
        return self.sha256 or hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def keep(call: Call, source: Source, *, actor: Actor, at: datetime) -> RulesVersion:
    """The call's present rules as its next version, put forward by who acts.

    The caller holds the call's lock.
    """
    newest = call.rules_versions.order_by("-number").values_list("number", flat=True).first()
    Opening.objects.update_or_create(
        call=call, defaults={"proposed_by_id": actor.user_id, "proposed_at": at}
    )
    return RulesVersion.objects.create(
        call=call,
        number=(newest or 0) + 1,
        origin=source.origin,
        name=source.name[:200],
        text=source.text,
        sha256=source.digest,
        fingerprint=fingerprints.fingerprint(call.rules),
        rules=call.rules,
        note=source.note[:300],
        made_by_id=actor.user_id,
        made_at=at,
    )
