"""Decided, published, objected to."""

from outcomes import services as outcomes
from outcomes.models import Objection, SlotRequest
from tests import season
from tests.architecture.canaries import Canaries
from tests.season import Season
from tests.world import AT


def build(played: Season, canaries: Canaries) -> dict[str, object]:
    cast = played.cast
    season.stage(played)
    season.decide(played)
    canaries.names |= {
        token: name.replace("publication.basis", "published.basis")
        for token, name in canaries.names.items()
    }
    season.announce(played)
    canaries.names |= {
        token: name.replace("publication.basis", "published.basis")
        for token, name in canaries.names.items()
    }
    draft = outcomes.draft(
        played.call,
        kind="announcement",
        title="示例第二批名单",
        basis=canaries.mark("draft.basis", "拟第二批"),
        actor=cast.actor("office"),
        at=AT,
    )
    objection = Objection.objects.create(
        publication=played.publication,
        application=played.again(0),
        kind=Objection.Kind.PERSON,
        name=canaries.token("objection.who"),
        contact=canaries.token("objection.who"),
        text=canaries.mark("objection.text", "情况不实"),
        received_at=AT,
    )
    asked = SlotRequest.objects.create(
        application=played.again(1),
        tier=played.call.programme.decision.tiers[0].key,
        reason=canaries.mark("decision.request", "确有必要"),
        proposed_by=cast.people["office"],
        proposed_at=AT,
        state="refused",
        decided_by=cast.people["chief"],
        decided_at=AT,
    )
    return {
        "slot_request": asked.pk,
        "publication": played.publication.public_id,
        "draft": draft.public_id,
        "objection": objection.public_id,
    }
