"""Sessions as rows that know whose they are, so that people can see and end their own.

Django names this module in ``SESSION_ENGINE``. Nothing is written more often than before: the
person's key goes into the row that is written anyway.
"""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as InDatabase

from core.figures import whole


class SessionStore(InDatabase):
    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        made: Any = super().create_model_instance(data)
        made.user_id = whole(str(data.get(SESSION_KEY, "")))
        return made
