"""Django with nothing of ours, in the same process: the baseline of the pages and of saving.

The views stand beside ours (``tests.benchmarks.urls``), so that no setting changes between two
measurements: that would empty Django's own caches for whoever is measured next. Sessions are those
of Django too, in its own table: ours read the person with the session (``accounts.sessions``).
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import clear_url_caches, path, set_urlconf

from applications.models import Application, Section

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSIONS = "django.contrib.sessions.backends.db"
LIST = "/bare/"
PAGE = engines["django"].from_string(
    "<!doctype html><title>List</title><p>{{ page.paginator.count }}</p><table>"
    "{% for one in page %}<tr><td>{{ one.number }}</td>"
    "<td>{{ one.title }}</td><td>{{ one.organisation.name }}</td><td>{{ one.recommender.name }}"
    "</td><td>{{ one.get_status_display }}</td><td>{{ one.submitted_at|date:'Y-m-d H:i' }}</td>"
    "</tr>{% endfor %}</table>"
)


def stand_beside() -> None:
    """From now on the addresses under ``/bare/`` answer too. Once, before anything is measured."""
    settings.ROOT_URLCONF = "tests.benchmarks.urls"
    set_urlconf(None)
    clear_url_caches()


def client(user: Any) -> Client:
    """Somebody signed in, whose requests pass no middleware but session and user."""
    made = Client()
    with override_settings(MIDDLEWARE=MIDDLEWARE, SESSION_ENGINE=SESSIONS):
        made.handler.load_middleware()
        made.force_login(user)
    return made


@login_required
def rows(request: HttpRequest) -> HttpResponse:
    """What Django itself needs for a list of 50 rows: session, user, count, a plain template."""
    found = Application.objects.select_related("organisation", "recommender").order_by(
        "-submitted_at", "-pk"
    )
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return HttpResponse(PAGE.render({"page": page}))


@login_required
def save(request: HttpRequest, application: int, key: str) -> HttpResponse:
    """The least that an autosave must do: the person, a lock, one row written."""
    with transaction.atomic():
        row = Section.objects.select_for_update().get(application=application, key=key)
        row.data = row.data | {"bare": request.POST.dict()}
        row.version += 1
        row.saved_by_id = request.user.pk
        row.save()
    return HttpResponse("{}", content_type="application/json")


urlpatterns = [path("", rows), path("<int:application>/<slug:key>/", save)]
