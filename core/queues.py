"""What waits at the broker. Only a look: the work itself is rows, and nothing depends on this."""

from dataclasses import dataclass, field

from celery import current_app
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

SECONDS = 0.5
"""A page may wait so long for a broker that is away."""


@dataclass(frozen=True, slots=True)
class Broker:
    """``state`` is "ok", "away", or "files" where there is no broker to ask.

    ``depths`` counts the nudges that wait in each queue.
    """

    state: str
    depths: dict[str, int] = field(default_factory=dict)


def names() -> list[str]:
    """The queues that tasks are sent to."""
    routes = current_app.conf.task_routes or {}
    return sorted({current_app.conf.task_default_queue, *(to["queue"] for to in routes.values())})


def look() -> Broker:
    """Ask the broker how much waits. Never raises, never takes much longer than ``SECONDS``."""
    address = settings.CELERY_BROKER_URL
    if not address.startswith(("redis://", "rediss://")):
        return Broker("files")
    try:
        with Redis.from_url(
            address, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        ) as broker:
            return Broker("ok", {name: int(broker.llen(name)) for name in names()})
    except RedisError:
        return Broker("away")
