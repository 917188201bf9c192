"""A person's own views of list pages: kept, renamed, removed, taken back; nobody else's."""

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts import savedviews
from accounts.models import SavedView
from audit.models import Entry
from core.errors import Refusal
from tests.world import AT

pytestmark = pytest.mark.django_db
PAGE = "office:applications"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(cast, name):
    found = Client()
    found.force_login(cast.people[name], backend=BACKEND)
    return found


def keep(cast, name="已提交的", query="status=SUBMITTED&page=3", who="office"):
    return savedviews.save(
        cast.people[who], page=PAGE, name=name, query=query, actor=cast.actor(who), at=AT
    )


def test_a_view_keeps_the_filter_and_columns_and_not_the_page_number(cast):
    view = keep(cast, query="page=3&col=status&status=SUBMITTED&col=region&view_undo=9")
    assert view.query == "status=SUBMITTED&col=status&col=region"


def test_it_is_kept_opened_renamed_and_removed_over_the_pages(cast):
    office = browser(cast, "office")
    address = reverse(PAGE)
    answer = office.post(
        reverse("accounts:view_save"),
        {
            "page": PAGE,
            "name": "待核对",
            "query": "correction=office",
            "next": f"{address}?correction=office&page=2",
        },
    )
    assert answer["Location"] == f"{address}?correction=office"
    page = office.get(answer["Location"]).content.decode()
    assert f'<a href="{address}?correction=office" aria-current="true">待核对</a>' in page
    view = SavedView.objects.get()
    answer = office.post(
        reverse("accounts:view_rename", args=[view.pk]), {"name": "要核对的", "next": address}
    )
    page = office.get(answer["Location"]).content.decode()
    assert "视图“待核对”已改名为“要核对的”" in page
    office.post(reverse("accounts:view_undo", args=[view.pk]), {"next": address})
    view.refresh_from_db()
    assert (view.name, view.former_name) == ("待核对", "")
    answer = office.post(reverse("accounts:view_remove", args=[view.pk]), {"next": address})
    page = office.get(answer["Location"]).content.decode()
    assert "已删除视图“待核对”" in page
    assert "aria-current" not in page.partition('aria-label="常用视图"')[2].partition("</nav>")[0]
    office.post(reverse("accounts:view_undo", args=[view.pk]), {"next": address})
    assert SavedView.objects.get().removed_at is None
    assert list(
        Entry.objects.filter(action__contains="_view").order_by("pk").values_list("action")
    ) == [(f"accounts.{one}_view",) for one in ("save", "rename", "undo", "remove", "undo")]


def test_the_same_model_keeps_views_of_the_recommenders_workspace(cast):
    operator = browser(cast, "operator")
    address = reverse("recommenders:filings", args=[cast.call.code])
    answer = operator.post(
        reverse("accounts:view_save"),
        {
            "page": "recommenders:filings",
            "name": "长沙的",
            "query": "city=长沙市&col=region&col=score&sort=-score&undo=4",
            "next": address,
        },
    )
    assert answer.status_code == 302
    page = operator.get(answer["Location"]).content.decode()
    assert ">长沙的</a>" in page
    kept = QueryDict(SavedView.objects.get().query)
    assert dict(kept.lists()) == {
        "city": ["长沙市"],
        "sort": ["-score"],
        "col": ["region", "score"],
    }


def test_another_person_neither_sees_nor_touches_it(cast):
    view = keep(cast)
    chief = browser(cast, "chief")
    assert view.name not in chief.get(reverse(PAGE)).content.decode()
    for act in ("rename", "remove", "undo"):
        answer = chief.post(reverse(f"accounts:view_{act}", args=[view.pk]), {"name": "抢走"})
        assert answer.status_code == 404
    view.refresh_from_db()
    assert (view.name, view.removed_at) == ("已提交的", None)


def test_a_page_keeps_so_many_views_and_no_more(cast):
    for n in range(savedviews.AT_MOST):
        keep(cast, name=f"视图{n}")
    with pytest.raises(Refusal) as refusal:
        keep(cast, name="多一个")
    assert refusal.value.code == "views-full"
    first = SavedView.objects.order_by("pk")[0]
    savedviews.remove(first, actor=cast.actor("office"), at=AT)
    keep(cast, name="多一个")
    with pytest.raises(Refusal) as refusal:
        savedviews.undo(first, actor=cast.actor("office"), at=AT)
    assert refusal.value.code == "views-full"


@pytest.mark.parametrize(
    ("name", "query", "page", "code"),
    [
        ("", "", PAGE, "odd-name"),
        ("太" * 21, "", PAGE, "odd-name"),
        ("有了", "", PAGE, "view-name-taken"),
        ("长", f"q={'a' * 1200}", PAGE, "view-too-long"),
        ("别处", "", "accounts:people", "odd-page"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(cast, name, query, page, code):
    keep(cast, name="有了")
    with pytest.raises(Refusal) as refusal:
        savedviews.save(
            cast.people["office"],
            page=page,
            name=name,
            query=query,
            actor=cast.actor("office"),
            at=AT,
        )
    assert (refusal.value.code, refusal.value.status) == (code, 422)
    assert SavedView.objects.count() == 1
    assert Entry.objects.filter(action="accounts.save_view").count() == 1


def test_the_database_refuses_a_second_view_of_the_name(cast):
    view = keep(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(
            user=view.user, page=view.page, name=view.name, query="", created_at=AT
        )


def test_when_the_trail_cannot_be_written_nothing_is_kept(cast, monkeypatch):
    def broken(**data):
        raise RuntimeError("the trail is gone")

    monkeypatch.setattr("accounts.savedviews.audit.record", broken)
    with pytest.raises(RuntimeError):
        keep(cast)
    assert not SavedView.objects.exists()


def test_back_leads_to_this_site_only(cast):
    answer = browser(cast, "office").post(
        reverse("accounts:view_save"),
        {"page": PAGE, "name": "一", "query": "", "next": "https://example.org/office/"},
    )
    assert "example.org" not in answer["Location"]


def test_one_view_and_twelve_cost_the_same(cast, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    office = browser(cast, "office")
    keep(cast, name="一")
    with CaptureQueriesContext(connection) as one:
        office.get(reverse(PAGE))
    for n in range(11):
        keep(cast, name=f"视图{n}")
    with django_assert_num_queries(len(one)):
        office.get(reverse(PAGE))


def test_the_columns_chosen_are_those_shown(cast):
    office = browser(cast, "office")
    usual = office.get(reverse(PAGE)).content.decode()
    chosen = office.get(f"{reverse(PAGE)}?col=region").content.decode()
    assert 'value="region" checked' in chosen and 'value="status" checked' not in chosen
    assert 'value="status" checked' in usual and 'value="region" checked' not in usual
