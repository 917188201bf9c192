"""What every page's frame needs: the navigation of the acting role, links, server time.

Reads the request, never the clock. A route that does not exist leaves its entry out, so the
frame can be drawn with any subset of the apps installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, get_urlconf, resolve, reverse
from django.utils.functional import SimpleLazyObject

from accounts import entry, roles
from accounts.policy import memberships_of
from calls.models import Call

SITE_NAME = "揭榜申报与推荐平台"
LARGE_TEXT_COOKIE = "jb_large"

#: Label and route names to try, first match wins.
Entries = tuple[tuple[str, tuple[str, ...]], ...]

HOME = ("首页", ("portal:home", "accounts:home"))
PEOPLE = ("单位", ("accounts:organisation", "accounts:people"))
LIBRARY = ("政策库", ("policies:index",))
NOTICES = ("通知与答疑", ("public:notices", "outcomes:notices"))
MESSAGES = ("消息", ("notifications:inbox",))

VISITOR: Entries = (
    ("首页", ("public:home",)),
    ("通知公告", ("public:notices", "outcomes:notices")),
    ("公示名单", ("public:lists", "outcomes:public_lists")),
    ("项目库", ("library:index",)),
    LIBRARY,
    ("文件核验", ("documents:verify_form", "public:verify", "documents:verify")),
    ("常见问题", ("public:faq",)),
)
APPLICANT: Entries = (
    HOME,
    ("申报", ("applications:index",)),
    ("现场", ("visits:mine",)),
    ("测评", ("testing:my_results",)),
    ("任务", ("fulfilment:mine",)),
    ("调查", ("surveys:index",)),
    NOTICES,
    ("文件与回执", ("applications:documents", "documents:index")),
    LIBRARY,
    MESSAGES,
    PEOPLE,
)
RECOMMENDER: Entries = (
    HOME,
    ("推荐", ("recommenders:workspace",)),
    ("扫描件", ("recommenders:scans",)),
    ("下级单位", ("recommenders:levels",)),
    ("初审", ("reviews:board",)),
    ("会评", ("panels:board",)),
    ("现场", ("visits:board",)),
    ("任务", ("fulfilment:index",)),
    ("调查", ("surveys:index",)),
    NOTICES,
    MESSAGES,
    PEOPLE,
)
EXPERT: Entries = (
    HOME,
    ("评审", ("reviews:desk",)),
    ("会评", ("panels:mine",)),
    ("现场", ("visits:desk",)),
    NOTICES,
    MESSAGES,
)
OFFICE: Entries = (
    ("总览", ("office:cockpit",)),
    ("申报书", ("office:applications",)),
    ("推荐", ("recommenders:office",)),
    ("评审", ("reviews:board",)),
    ("会评", ("panels:board",)),
    ("现场", ("visits:board",)),
    ("遴选", ("outcomes:board",)),
    ("公告", ("outcomes:announcements",)),
    ("测评", ("testing:calls",)),
    ("任务", ("fulfilment:index",)),
    ("调查", ("surveys:index",)),
    ("提问", ("office:questions",)),
    ("期限", ("office:deadlines",)),
    ("批次", ("office:calls",)),
    ("单位", ("units:index",)),
    ("发件箱", ("office:outbox",)),
    LIBRARY,
    ("人员", ("accounts:people",)),
)
ADMINISTRATION: Entries = (
    HOME,
    ("人员", ("accounts:people",)),
    ("批次", ("office:calls",)),
    ("期限", ("office:deadlines",)),
    ("发件箱", ("office:outbox",)),
    ("评审", ("reviews:board",)),
    ("会评", ("panels:board",)),
    ("测评", ("testing:calls",)),
    ("任务", ("fulfilment:index",)),
    ("审计", ("office:audit",)),
    ("久未使用", ("office:stale_accounts",)),
    ("保存期限", ("office:retention",)),
    ("数据分级", ("office:labels",)),
    ("现场", ("visits:board",)),
    ("账号救助", ("accounts:rescue",)),
)

NAVIGATION: dict[str, Entries] = {
    "unit_admin": APPLICANT,
    "editor": APPLICANT,
    "viewer": APPLICANT,
    "rec_operator": RECOMMENDER,
    "rec_approver": RECOMMENDER,
    "expert": EXPERT,
    "panel_lead": EXPERT,
    "tester": (("测评", ("testing:desk",)), ("本机构", ("testing:own_agency",)), NOTICES, MESSAGES),
    "office_operator": OFFICE,
    "office_approver": OFFICE,
    "system_admin": ADMINISTRATION,
    "security_admin": ADMINISTRATION,
    "auditor": ADMINISTRATION,
}

#: Rooms without an entry of their own: the entries they may stand under, the first that a role has.
UNDER: dict[str, tuple[str, ...]] = {
    "fulfilment": ("fulfilment:mine",),
    "honours": ("outcomes:board", "applications:documents", "recommenders:workspace"),
}

#: Who can ask for packages, and finds them in the account menu.
PACKERS = frozenset({*roles.APPLICANT, *roles.RECOMMENDER, *roles.OFFICE, roles.Role.AUDITOR})

#: Names used by the frame's templates, each with the routes to try.
LINKS: dict[str, tuple[str, ...]] = {
    "front": ("public:home", "portal:home"),
    "home": ("portal:home",),
    "sign_in": ("accounts:login",),
    "sign_out": ("accounts:logout",),
    "switch": ("accounts:switch",),
    "security": ("accounts:security",),
    "packages": ("documents:packages",),
    "large_text": ("accounts:large_text",),
    "keep_alive": ("accounts:keep_alive",),
    "sign_in_again": ("accounts:sign_in_again",),
    "register": ("accounts:register",),
    "help": ("public:help",),
    "accessibility": ("public:accessibility",),
    "verify": ("documents:verify_form", "public:verify", "documents:verify"),
}


@dataclass(frozen=True)
class NavEntry:
    """One link of the main navigation. ``current`` marks the room the page is in."""

    label: str
    url: str
    current: bool = False
    count: int = 0


@cache
def first_url(names: tuple[str, ...], role: str | None = None, urlconf: str = "") -> str | None:
    """The URL of the first of these routes that exists and, with a role, is open to it."""
    for name in names:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        rule = getattr(resolve(url).func, "policy", None)
        if role and rule is not None and rule.kind == "roles" and role not in rule.roles:
            continue
        return url
    return None


def navigation(role: str | None, path: str) -> list[NavEntry]:
    """The main navigation of a role (None: a visitor), with the entry nearest to ``path`` marked.

    The longest entry whose URL begins ``path`` is the current one; the front page only when it
    is the page itself.
    """
    entries = NAVIGATION.get(role or "", VISITOR)
    here = get_urlconf() or settings.ROOT_URLCONF
    found = [(label, url) for label, names in entries if (url := first_url(names, role, here))]
    fitting = [url for _, url in found if path == url or (url != "/" and path.startswith(url))]
    current = max(fitting, key=len, default=None) or _above(path, [url for _, url in found])
    return [NavEntry(label, url, current=url == current) for label, url in found]


def _above(path: str, urls: list[str]) -> str | None:
    """The entry that a room without one stands under."""
    try:
        room = resolve(path).namespace
    except Resolver404:
        return None
    return next((url for name in UNDER.get(room, ()) if (url := first_url((name,))) in urls), None)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of ``base.html``. Costs one query (the person's memberships) and only when
    the page shows the identity switch."""
    acting = getattr(request, "acting", None)
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    large = (
        bool(getattr(user, "large_text", False))
        if signed_in
        else request.COOKIES.get(LARGE_TEXT_COOKIE) == "1"
    )
    return {
        "site": {"name": SITE_NAME, **getattr(settings, "JIEBANG_SITE", {})},
        "demo": settings.JIEBANG_DEMO,
        "arrived_at": getattr(request, "arrived_at", None),
        "acting": acting,
        "identities": SimpleLazyObject(lambda: memberships_of(request) if signed_in else []),
        "large_text": large,
        "packs": signed_in and getattr(acting, "role", None) in PACKERS,
        "links": SimpleLazyObject(
            lambda: {
                key: first_url(names, None, get_urlconf() or settings.ROOT_URLCONF)
                for key, names in LINKS.items()
            }
        ),
        "nav": SimpleLazyObject(
            lambda: navigation(getattr(acting, "role", None) if signed_in else None, request.path)
        ),
        "open_calls": SimpleLazyObject(lambda: _open_calls(request)),
        "session_until": _session_until(request) if signed_in else None,
        "person_mark": entry.person_mark(user) if signed_in else "",
    }


def _session_until(request: HttpRequest) -> datetime | None:
    """When the session ends unless something is done (accounts/entry.py keeps it)."""
    text = request.session.get(entry.UNTIL)
    return datetime.fromisoformat(text) if text else None


def _open_calls(request: HttpRequest) -> list[Call]:
    """The calls that take filings at this request, the next to close first; for the front door."""
    at = getattr(request, "arrived_at", None)
    if at is None:
        return []
    running = Call.objects.open().defer("rules").order_by("filing_until", "pk")
    return [c for c in running if c.filing_until is None or c.time(at) < c.filing_until][:5]
