"""Work on the clock: sessions that ended are cleared away, and with them what they said."""

from celery import shared_task

from accounts.sessions import SessionStore


@shared_task(ignore_result=True, expires=3500)
def clear_sessions() -> None:
    """Take out the sessions that ended. A second run finds nothing left."""
    SessionStore.clear_expired()
