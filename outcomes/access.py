"""The one door to what is decided and published. Invisible = 404."""

from typing import Any

from django.http import Http404

from accounts.roles import OFFICE
from applications import access as applications
from applications.models import Application
from calls.models import Call
from core.errors import Refusal
from outcomes import queries
from outcomes.models import Objection, Publication, SlotRequest

HIDDEN = "没有这个页面，或您不能查看。"


def _office(request: Any) -> None:
    if request.acting is None or request.acting.role not in OFFICE:
        raise Http404(HIDDEN)


def call(request: Any, code: str) -> Call:
    """A call that has opened, for the office."""
    _office(request)
    found = queries.calls_at_work().filter(code=code).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def application(request: Any, call: Call, public_id: str) -> Application:
    """A submitted application of the call."""
    found = applications.visible_to(request.acting).filter(call=call, public_id=public_id).first()
    if found is None:
        raise Refusal("nothing-chosen", "请先选择申报项目。", status=422)
    found.call = call
    return found


def slot_request(request: Any, call: Call, pk: int) -> SlotRequest:
    _office(request)
    found = SlotRequest.objects.filter(application__call=call, pk=pk).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def publication(request: Any, public_id: str) -> Publication:
    """A publication in any state, for the office."""
    _office(request)
    found = (
        Publication.objects.select_related("call", "proposed_by", "approved_by", "document")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def objection(request: Any, public_id: str) -> Objection:
    """An objection, for the office. Who raised it is shown by ``services.reveal`` alone."""
    _office(request)
    found = (
        Objection.objects.select_related(
            "publication__call", "application", "handled_by", "closed_by", "attachment"
        )
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


# For everybody ---------------------------------------------------------------------------------


def public_call(code: str) -> Call:
    """A call that has opened."""
    found = queries.calls_at_work().filter(code=code).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def published(public_id: str) -> Publication:
    """What is or was before the public. A draft does not exist."""
    found = queries.before_the_public().filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def receipt(public_id: str) -> Objection:
    """An objection to whoever holds its random number: its state, never who raised it."""
    found = (
        Objection.objects.select_related("publication__call")
        .defer("name", "contact", "text", "finding")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found
