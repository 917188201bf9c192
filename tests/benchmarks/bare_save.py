"""The least that an autosave must do: the person, a lock, one row written."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from applications.models import Section


def save(request: HttpRequest, application: int, key: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with transaction.atomic():
        row = Section.objects.select_for_update().get(application=application, key=key)
        row.data = row.data | {"bare": request.POST.dict()}
        row.version += 1
        row.saved_by_id = request.user.pk
        row.save()
    return HttpResponse("{}", content_type="application/json")


urlpatterns = [path("<int:application>/<slug:key>/", save)]
