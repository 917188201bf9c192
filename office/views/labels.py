"""数据分级清单: which column of the database holds what class of data."""

from collections import Counter

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.labels import ORDER, Label
from documents.workbook import MEDIA_TYPE
from office import labels
from office.web import attached

PER_PAGE = 100
READERS = (*roles.ADMIN, roles.Role.AUDITOR)


def _label(request) -> str:
    asked = request.GET.get("label", "")
    return asked if asked in set(Label) else ""


@require_safe
@policy(*READERS)
def page(request):
    label = _label(request)
    every = labels.rows()
    counts = Counter(one.label for one in every)
    shown = [one for one in every if label in ("", one.label)]
    return render(
        request,
        "office/labels.html",
        {
            "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
            "classes": [(one, counts[one]) for one in ORDER],
            "label": label,
        },
    )


@require_safe
@policy(*READERS)
def sheet(request):
    data = labels.sheet(
        label=_label(request),
        name=Actor.of(request).name,
        unit=request.acting.organisation.name,
        at=request.arrived_at,
    )
    return attached(data, MEDIA_TYPE, "数据分级清单.xlsx")
