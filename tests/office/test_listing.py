"""The pages of the office's list: the one kept ready shows what asking anew would show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from applications.models import Application
from applications.workflow import SEEN_BY_OTHERS, Status
from office import listing
from tests.office import bulk

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(cast):
    bulk.filings(cast, listing.PER_PAGE + 30)
    return cast


@pytest.fixture
def office(cast):
    return Membership.objects.get(user=cast.people["office"])


def public_ids(pages, number):
    return [row.public_id for row in pages.page(number)]


def plainly():
    seen = Application.objects.filter(status__in=SEEN_BY_OTHERS, version_number__gt=0)
    return list(seen.order_by("-submitted_at", "-pk").values_list("public_id", flat=True))


def test_the_whole_of_a_call_comes_newest_first_and_page_by_page(many, office):
    pages, every = listing.pages(office, many.call, {}), plainly()
    assert pages.count == len(every) > listing.PER_PAGE and pages.num_pages == 2
    assert public_ids(pages, 1) + public_ids(pages, 2) == every


def test_a_filter_that_fits_all_shows_the_same_rows(many, office):
    whole = listing.pages(office, many.call, {"q": "", "status": ""})
    statuses = ",".join(SEEN_BY_OTHERS)
    filtered = listing.pages(office, many.call, {"status": statuses})
    assert filtered.count == whole.count
    for number in (1, 2):
        assert list(filtered.page(number)) == list(whole.page(number))


def test_what_changed_since_is_in_the_page_that_is_kept_ready(many, office):
    first, *_ = plainly()
    assert listing.pages(office, many.call, {}).page(1)[0].public_id == first
    Application.objects.filter(public_id=first).update(title="改过的题目")
    assert listing.pages(office, many.call, {}).page(1)[0].title == "改过的题目"
    Application.objects.filter(public_id=first).update(status=Status.LAPSED)
    assert first not in public_ids(listing.pages(office, many.call, {}), 1)


def test_an_applicant_would_see_its_own_and_another_call_is_empty(many, office):
    own = Membership.objects.filter(organisation=many.application.organisation).first()
    units = {row.organisation for row in listing.pages(own, many.call, {}).page(1)}
    assert units == {many.application.organisation.name}
    many.call.pk = 0
    nothing = listing.pages(office, many.call, {})
    assert nothing.count == 0 and list(nothing.page(1)) == []


def test_the_first_page_is_two_questions(many, office):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        list(listing.pages(office, many.call, {}).page(1))
    assert len(asked) == 2
