"""A token in every text of a world, and the world itself: its people and their sessions.

A token (canary) says whose text it stands in; the matrix says who may meet it.
"""

import itertools
from dataclasses import dataclass, field

from django.test import Client

from accounts.models import User
from tests.season import Season


class Canaries:
    """Tokens by what they stand in. A token is nowhere else in the house."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.count = itertools.count(1)

    def token(self, name: str) -> str:
        found = f"QX{next(self.count):04d}Z"
        self.names[found] = name
        return found

    def mark(self, name: str, text: str) -> str:
        return f"{self.token(name)}{text}"


@dataclass
class World:
    name: str
    canaries: Canaries
    season: Season
    people: dict[str, User]
    arguments: dict[str, object] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def client(self, person: str) -> Client:
        """A browser in which this person is signed in; the anonymous visitor's is empty."""
        client = Client(raise_request_exception=True)
        if person != "anonymous":
            client.cookies["sessionid"] = self.sessions[person]
        return client

    def sign_everybody_in(self) -> None:
        for name, user in self.people.items():
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            self.sessions[name] = client.cookies["sessionid"].value
