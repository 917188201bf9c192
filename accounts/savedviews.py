"""Saved views: a person's own names for the filters and columns of a list page.

A list page registers which parts of its address make a view; everything else of the address
(the page number, an undo) is left out. The view is personal and holds no rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.http import QueryDict

from accounts.models import SavedView, User
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.prepared import Prepared, Slot

AT_MOST = 12
"""Views a person may keep for one page."""
NAME_AT_MOST = 20
QUERY_AT_MOST = 1000
UNDO = "view_undo"
"""The part of a page's address that names the view whose last change can be taken back."""

_pages: dict[str, tuple[str, ...]] = {}


def register(page: str, keys: Iterable[str]) -> None:
    """Let the list page of this route keep views made of these parts of its address."""
    _pages[page] = tuple(keys)


def keys_of(page: str) -> tuple[str, ...]:
    """Raises ``Refusal`` ``odd-page`` (422) for a page that keeps no views."""
    if page not in _pages:
        raise Refusal("odd-page", "这个页面不能保存视图。", status=422)
    return _pages[page]


def cleaned(page: str, params: QueryDict) -> str:
    """The parts of an address that make a view, in one order, so that equal views are equal."""
    kept = QueryDict(mutable=True)
    for key in keys_of(page):
        values = [value.strip() for value in params.getlist(key) if value.strip()]
        if values:
            kept.setlist(key, values)
    return kept.urlencode()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says of its saved views. ``query`` is the view that the page shows now."""

    page: str
    query: str
    views: tuple[SavedView, ...]
    undo: SavedView | None
    at_most: int = AT_MOST

    @property
    def full(self) -> bool:
        return len(self.views) >= self.at_most

    @property
    def current(self) -> SavedView | None:
        return next((one for one in self.views if one.query == self.query), None)


_kept: Prepared[SavedView] = Prepared(
    lambda: SavedView.objects.filter(user_id=Slot("user"), page=Slot("page")).order_by("pk")
)


def shown(user: User | AnonymousUser, page: str, params: QueryDict) -> Shown:
    """The person's views of a page, the one that can be taken back among them. One query."""
    found = _kept(user=user.pk, page=page)
    wanted = params.get(UNDO, "")
    undo = next(
        (one for one in found if str(one.pk) == wanted and (one.removed_at or one.former_name)),
        None,
    )
    kept = tuple(one for one in found if one.removed_at is None)
    return Shown(page, cleaned(page, params), kept, undo)


@transaction.atomic
def save(user: User, *, page: str, name: str, query: str, actor: Actor, at: datetime) -> SavedView:
    """Keep a view under a name. Raises ``Refusal`` (422) when it is full or the name is taken."""
    kept = cleaned(page, QueryDict(query))
    if len(kept) > QUERY_AT_MOST:
        raise Refusal("view-too-long", "条件太多，不能保存。请减少几项后再保存。", status=422)
    User.objects.select_for_update().get(pk=user.pk)
    _must_have_room(user, page)
    view = SavedView(user=user, page=page, name=_name(name), query=kept, created_at=at)
    _write(view)
    audit.record(
        actor=actor, action="accounts.save_view", subject=view, at=at, page=page, name=view.name
    )
    return view


@transaction.atomic
def rename(view: SavedView, *, name: str, actor: Actor, at: datetime) -> SavedView:
    """Another name; the former one is kept, to be taken back."""
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    if view.removed_at is not None:
        raise Refusal("view-removed", "这个视图已经删除。请先撤销删除。")
    name = _name(name)
    if name == view.name:
        return view
    before, view.former_name, view.name = view.name, view.name, name
    _write(view)
    audit.record(
        actor=actor, action="accounts.rename_view", subject=view, at=at, before=before, after=name
    )
    return view


@transaction.atomic
def remove(view: SavedView, *, actor: Actor, at: datetime) -> SavedView:
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    if view.removed_at is None:
        view.removed_at = at
        view.save(update_fields=["removed_at"])
        audit.record(
            actor=actor, action="accounts.remove_view", subject=view, at=at, name=view.name
        )
    return view


@transaction.atomic
def undo(view: SavedView, *, actor: Actor, at: datetime) -> SavedView:
    """Take back the last change: the removal, or else the renaming."""
    User.objects.select_for_update().get(pk=view.user_id)
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    if view.removed_at is not None:
        _must_have_room(view.user, view.page)
        view.removed_at = None
    elif view.former_name:
        view.name, view.former_name = view.former_name, ""
    else:
        raise Refusal("nothing-to-undo", "没有可以撤销的改动。")
    _write(view)
    audit.record(actor=actor, action="accounts.undo_view", subject=view, at=at, name=view.name)
    return view


def _must_have_room(user: User, page: str) -> None:
    if SavedView.objects.filter(user=user, page=page, removed_at=None).count() >= AT_MOST:
        raise Refusal(
            "views-full", f"每个页面最多保存 {AT_MOST} 个视图。请先删除不用的。", status=422
        )


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > NAME_AT_MOST:
        raise Refusal("odd-name", f"请填写视图名称，不超过 {NAME_AT_MOST} 字。", status=422)
    return name


def _write(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Refusal(
            "view-name-taken", f"已有名为“{view.name}”的视图，请换一个名称。", status=422
        ) from None
