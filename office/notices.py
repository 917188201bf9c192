"""Publishing a notice. What contains credentials or personal numbers does not go out."""

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls.models import Call, Notice
from core import gate


@transaction.atomic
def publish(*, call: Call | None, title: str, body: str, actor: Actor, at: datetime) -> Notice:
    """Publish a notice at once; it does not change afterwards. Raises ``Refusal`` (422)."""
    gate.must_be_clean(f"{title}\n{body}", act="发布")
    notice = Notice.objects.create(
        call=call, title=title, body=body, published_at=at, published_by_id=actor.user_id
    )
    audit.record(actor=actor, action="office.publish_notice", subject=notice, at=at, title=title)
    return notice
