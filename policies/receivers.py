from datetime import datetime
from typing import Any

from django.dispatch import receiver

from audit.services import Actor
from calls.models import Call
from calls.signals import opened
from policies import linking


@receiver(opened, dispatch_uid="policies.link_rules")
def link_rules(sender: Any, *, call: Call, actor: Actor, at: datetime, **kwargs: Any) -> None:
    """The rules of a call stand from its opening on: find the articles that they cite."""
    linking.link([call])
