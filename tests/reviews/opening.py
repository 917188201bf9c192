"""Who opens the review pages in tests, and what they type there."""

import re

from django.test import Client
from django.urls import reverse

from reviews.models import Assignment
from tests.reviews import scene


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def office(s) -> Client:
    return signed_in(s.cast.people["office"])


def text(response) -> str:
    """The page without its tokens and its clock."""
    page = response.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return re.sub(r"<time[^>]*>[^<]*</time>", "", page)


def score_url(task: Assignment) -> str:
    return reverse("reviews:score", args=[task.public_id])


def marks(form, figure: int, version: int = 0) -> dict[str, str]:
    data = {"version": str(version), "overall": ""}
    for criterion in form.criteria:
        data[f"score-{criterion.key}"] = str(figure)
        data[f"comment-{criterion.key}"] = scene.REASON
    return data
