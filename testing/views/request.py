"""What a guarded view of this room gets, and small things its views share."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from accounts.models import Membership
from accounts.policy import policy
from accounts.roles import APPLICANT, FILING, OFFICE, Role
from documents.workbook import MEDIA_TYPE


class Request(HttpRequest):
    """``arrived_at`` is stamped by the middleware, ``acting`` set by the view's policy."""

    arrived_at: datetime
    acting: Membership


offices = policy(*OFFICE)
approvers = policy(Role.OFFICE_APPROVER)
readers = policy(*OFFICE, Role.AUDITOR)
testers = policy(Role.TESTER)
item_readers = policy(Role.TESTER, *OFFICE, Role.AUDITOR)
senders_back = policy(Role.TESTER, *OFFICE)
units = policy(*APPLICANT)
filing = policy(*FILING)


def sheet(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
