"""Every view says who may call it. A view without a policy does not start (portal/checks.py).

    @policy(*roles.RECOMMENDER)      holders of one of these roles, in whatever unit
    @policy.signed_in                anybody signed in
    @policy.public                   anybody

The decorator finds the membership in which the person acts and puts it into ``request.acting``:
the one chosen in the masthead where it fits, otherwise the first that fits. Objects are a
question for ``<app>/access.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve

from accounts.models import Membership
from accounts.roles import SECOND_FACTOR, Role
from core.prepared import Prepared, Slot

View = Callable[..., HttpResponse]
SESSION_KEY = "acting"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a view's policy is, for the start-up check and the permission matrix."""

    kind: str  # public, signed_in, roles
    roles: tuple[Role, ...] = ()


_held = Prepared(
    lambda: (
        Membership.objects.active(Slot("at"))  # type: ignore[arg-type]
        .filter(user_id=Slot("user"))
        .select_related("organisation")
        .order_by("pk")
    )
)


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The person's memberships in force at this request, read once; ended ones are gone at once."""
    if not hasattr(request, "_memberships"):
        request._memberships = _read(request) if request.user.is_authenticated else []  # type: ignore[attr-defined]
    held: list[Membership] = request._memberships  # type: ignore[attr-defined]
    return held


def _read(request: HttpRequest) -> list[Membership]:
    """From the session, which came with them (``accounts.sessions``), where it is this person's."""
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    person = getattr(request.session, "person", None)
    if person is not None and person.pk == request.user.pk:
        return [one for one in request.session.held if one.is_active(at)]  # type: ignore[attr-defined]
    return _held(at=at, user=request.user.pk)


def acting_as(request: HttpRequest, roles: tuple[Role, ...] = ()) -> Membership | None:
    """The membership in which the person acts on a page for ``roles`` (empty: any)."""
    fitting = [m for m in memberships_of(request) if not roles or m.role in roles]
    chosen = request.session.get(SESSION_KEY)
    return next((m for m in fitting if m.pk == chosen), fitting[0] if fitting else None)


def needs_second_factor(request: HttpRequest) -> bool:
    if not settings.JIEBANG_SECOND_FACTOR:
        return False
    holds = any(m.role in SECOND_FACTOR for m in memberships_of(request))
    return holds and not request.user.is_verified()  # type: ignore[union-attr]


def open_to(role: str, url: str) -> bool:
    """Whether a role may ask for the page at this address of ours at all."""
    rule = getattr(resolve(urlsplit(url).path).func, "policy", None)
    return rule is None or rule.kind != "roles" or role in rule.roles


class _Policy:
    def __call__(self, *roles: Role) -> Callable[[View], View]:
        if not roles:
            raise TypeError("name the roles, or use policy.signed_in or policy.public")
        return self._guard(Rule("roles", tuple(roles)))

    @property
    def public(self) -> Callable[[View], View]:
        return self._guard(Rule("public"))

    @property
    def signed_in(self) -> Callable[[View], View]:
        return self._guard(Rule("signed_in"))

    @property
    def half_signed_in(self) -> Callable[[View], View]:
        """Signed in, the second factor not yet given: only the pages that ask for it."""
        return self._guard(Rule("half_signed_in"))

    def _guard(self, rule: Rule) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            @wraps(view)
            def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                refused = _refuse(request, rule)
                return refused if refused is not None else view(request, *args, **kwargs)

            guarded.policy = rule  # type: ignore[attr-defined]
            return guarded

        return decorate


def _refuse(request: HttpRequest, rule: Rule) -> HttpResponse | None:
    request.acting = None  # type: ignore[attr-defined]
    if request.user.is_authenticated:
        request.acting = acting_as(request, rule.roles)  # type: ignore[attr-defined]
    if rule.kind == "public":
        return None
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if rule.kind != "half_signed_in" and needs_second_factor(request):
        return redirect("accounts:second_factor")
    if rule.kind == "roles" and request.acting is None:  # type: ignore[attr-defined]
        raise PermissionDenied
    return None


policy = _Policy()
