"""Sessions as rows that know whose they are, so that people can see and end their own.

Django names this module in ``SESSION_ENGINE``. Nothing is written more often than before: the
person's key goes into the row that is written anyway. The person and their memberships are read
with it, by one statement for nearly every request.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from core.figures import whole
from core.prepared import Prepared, Slot

if TYPE_CHECKING:
    from accounts.models import Membership, Session, User

WITH_IT = ("", "user", "user__memberships", "user__memberships__organisation")
"""What is read with a session, as the ways to it from there."""


def _models() -> list[Any]:
    """Of each of ``WITH_IT``, what it is."""
    from accounts.models import Membership, Organisation, Session, User

    return [Session, User, Membership, Organisation]


def _rows() -> Any:
    columns = [
        f"{way}__{name}".removeprefix("__")
        for way, model in zip(WITH_IT, _models(), strict=True)
        for name in _names(model)
    ]
    return (
        SessionStore.get_model_class()
        .objects.filter(session_key=Slot("key"), expire_date__gt=Slot("now"))
        .order_by("user__memberships")
        .values_list(*columns)
    )


_alive: Prepared[tuple[Any, ...]] = Prepared(_rows)


@cache
def _names(model: Any) -> list[str]:
    return [one.attname for one in model._meta.concrete_fields]


def _apart(row: tuple[Any, ...]) -> list[Any]:
    """A row as the objects of ``WITH_IT``; what there is none of is None."""
    found, begin = [], 0
    for model in _models():
        names = _names(model)
        values = row[begin : begin + len(names)]
        begin += len(names)
        there = values[names.index(model._meta.pk.attname)] is not None
        found.append(model.from_db(DEFAULT_DB_ALIAS, names, values) if there else None)
    return found


class SessionStore(InDatabase):
    person: User | None = None
    """Whose the row was when it was read; ``person_of`` says whether they are signed in by it."""
    held: list[Membership]
    """The memberships of ``person``, ended ones and coming ones too."""

    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        made: Any = super().create_model_instance(data)
        made.user_id = whole(str(data.get(SESSION_KEY, "")))
        return made

    def save(self, must_create: bool = False) -> None:
        """A row that exists is written by one statement, which needs no transaction around it."""
        if self.session_key is None or must_create:
            return super().save(must_create)
        made = self.create_model_instance(self._get_session())  # type: ignore[attr-defined]
        written = {
            "session_data": made.session_data,
            "expire_date": made.expire_date,
            "user": made.user_id,
        }
        if not self.model.objects.filter(session_key=made.session_key).update(**written):
            raise UpdateError
        return None

    def _get_session_from_db(self) -> Session | None:
        # As Django's engine does: the end of a session is a security time, and no request is here.
        rows = _alive(key=self.session_key, now=timezone.now())
        if not rows:
            self._session_key: str | None = None
            return None
        found = [_apart(row) for row in rows]
        session: Session
        session, self.person, *_ = found[0]
        self.held = []
        for *_, membership, organisation in found:
            if membership is not None:
                membership.user, membership.organisation = self.person, organisation
                self.held.append(membership)
        return session


def person_of(request: HttpRequest) -> Any:
    """Who is signed in, as ``django.contrib.auth.get_user`` finds them.

    The person came with the session; whoever passes each of Django's own tests is them. In every
    other case Django is asked.
    """
    session: Any = request.session
    said = session.get(SESSION_KEY)  # this reads the row
    person: User | None = session.person
    if (
        person is not None
        and str(person.pk) == said
        and person.is_active
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    ):
        return person
    return auth.get_user(request)
