"""Who looks at a meeting's pages, and where the pages are."""

from django.test import Client
from django.urls import reverse


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def office(made) -> Client:
    return signed_in(made.scene.cast.people["office"])


def expert(made, number: int) -> Client:
    return signed_in(made.scene.user(number))


def at(name: str, made, *more) -> str:
    return reverse(f"panels:{name}", args=[made.meeting.public_id, *more])


def for_item(name: str, made, application: int, *more) -> str:
    return at(name, made, made.item(application).public_id, *more)
