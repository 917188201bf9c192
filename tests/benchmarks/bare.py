"""What Django itself needs for a list of 50 rows: no session, no middleware, a plain template."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from applications.models import Application

PAGE = engines["django"].from_string(
    "<!doctype html><title>List</title><table>{% for one in rows %}<tr><td>{{ one.number }}</td>"
    "<td>{{ one.title }}</td><td>{{ one.organisation.name }}</td><td>{{ one.recommender.name }}"
    "</td><td>{{ one.get_status_display }}</td><td>{{ one.submitted_at|date:'Y-m-d H:i' }}</td>"
    "</tr>{% endfor %}</table>"
)


def rows(request: HttpRequest) -> HttpResponse:
    found = Application.objects.select_related("organisation", "recommender").order_by(
        "-submitted_at", "-pk"
    )
    return HttpResponse(PAGE.render({"rows": found[:50]}))


urlpatterns = [path("", rows)]
