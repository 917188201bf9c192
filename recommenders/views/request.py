"""What a guarded view gets: the request with its instant and the role in which the person acts."""

from datetime import datetime

from django.http import HttpRequest

from accounts.models import Membership


class Request(HttpRequest):
    """``arrived_at`` is stamped by the middleware, ``acting`` set by the view's policy."""

    arrived_at: datetime
    acting: Membership
