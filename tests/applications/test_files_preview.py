"""Looking at the pages of a file: by its own people, and by those who may read the filing."""

from datetime import timedelta

import pytest
from django.test import Client

from applications.models import Attachment
from calls.models import Call
from tests.applications import filling
from tests.applications.filling import complete, submit, url
from tests.world import AT


def signed_in(cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(cast):
    return signed_in(cast, "admin")


@pytest.fixture
def item(cast, admin) -> Attachment:
    kind = cast.application.call.programme.attachments[0]
    answer = admin.post(
        url("attach", cast.application, kind.key),
        {"file": filling.upload("三页.pdf", filling.pdf(3))},
    )
    assert answer.status_code == 302
    return Attachment.objects.get()


def image(application, item, page=1) -> str:
    return url("page_image", application, item.public_id, page)


def test_a_page_is_a_picture_that_no_other_cache_keeps(cast, admin, item):
    answer = admin.get(image(cast.application, item, 3) + "?w=160")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = admin.get(
        image(cast.application, item, 3) + "?w=160", headers={"If-None-Match": answer["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("query", ["?w=0", "?w=-5", "?w=abc", "?w=99999999999999", "?w=", "?w=½"])
def test_a_senseless_width_gives_a_picture_all_the_same(cast, admin, item, query):
    assert admin.get(image(cast.application, item) + query).status_code == 200


def test_pages_outside_the_file_do_not_exist(cast, admin, item):
    for page in (0, 4, 99999):
        assert admin.get(image(cast.application, item, page)).status_code == 404


def test_a_rival_sees_nothing_not_even_with_a_known_tag(cast, item, admin):
    tag = admin.get(image(cast.application, item))["ETag"]
    rival = signed_in(cast, "rival")
    answer = rival.get(image(cast.application, item), headers={"If-None-Match": tag})
    assert answer.status_code == 404
    assert rival.get(url("preview", cast.application, item.public_id)).status_code == 404


def test_others_see_what_was_submitted_and_nothing_added_since(cast, admin):
    application = cast.application
    complete(admin, application)
    assert submit(admin, application).status_code == 302
    first = application.attachments.order_by("pk").first()
    office = signed_in(cast, "office")
    assert office.get(image(application, first)).status_code == 200
    kind = next(k for k in application.call.programme.attachments if k.max_files > 1)
    admin.post(
        url("attach", application, kind.key),
        {"file": filling.upload("后来.pdf", filling.pdf(1, mark="later"))},
    )
    later = application.attachments.order_by("pk").last()
    assert admin.get(image(application, later)).status_code == 200
    assert office.get(image(application, later)).status_code == 404
    recommender = signed_in(cast, "operator")
    assert recommender.get(image(application, first)).status_code == 403
    Call.objects.update(filing_until=AT - timedelta(hours=1))
    assert recommender.get(image(application, first)).status_code == 200
    assert recommender.get(url("preview", application, first.public_id)).status_code == 200


def test_the_page_opens_where_it_is_asked_and_names_its_neighbours(cast, admin, item):
    here = url("preview", cast.application, item.public_id)
    text = admin.get(f"{here}?page=2").content.decode()
    assert "第 2 页 / 共 3 页" in text
    assert f"{here}?page=1" in text and f"{here}?page=3" in text
    for query, shown in (("?page=99", "第 3 页"), ("?page=x", "第 1 页"), ("?page=0", "第 1 页")):
        assert f"{shown} / 共 3 页" in admin.get(here + query).content.decode()


def test_a_long_file_shows_a_part_of_its_thumbnails(cast, admin):
    kind = cast.application.call.programme.attachments[0]
    admin.post(
        url("attach", cast.application, kind.key),
        {"file": filling.upload("长.pdf", filling.pdf(300))},
    )
    item = Attachment.objects.get()
    page = admin.get(url("preview", cast.application, item.public_id) + "?page=150")
    assert list(page.context["strip"]) == list(range(90, 210))
