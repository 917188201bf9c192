"""The policy library before axe, at 390 and 320 pixels, under the policy, in both sizes."""

import pytest

from audit.services import Actor
from policies import services
from policies.models import Policy, Zone
from tests.browser.watching import inspect
from tests.policies.conftest import SAMPLE
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shelves(season):
    actor = Actor("system")
    run = services.preview(SAMPLE.read_bytes(), name=SAMPLE.name, actor=actor, at=AT)
    return services.apply(run, actor=actor, at=AT)


def test_pages_of_the_library(shelves, watched):
    page = watched.page()
    zones = "".join(f"&zone={zone.pk}" for zone in Zone.objects.all())
    found = []
    for policy in Policy.objects.all():
        found += inspect(page, f"/policies/p/{policy.key}/")
    for url in (
        "/policies/",
        "/policies/?q=算力",
        "/policies/?q=榜&least=x",
        f"/policies/p/{Policy.objects.get(order=1).key}/b1-k1/",
        f"/policies/compare/?theme=算力{zones}",
        "/policies/rewards/?result=shortlisted",
    ):
        found += inspect(page, url)
    assert found == []


def test_pages_of_the_import(shelves, enter):
    page = enter("office")
    found = []
    for url in ("/policies/", "/policies/import/", f"/policies/import/{shelves.pk}/"):
        found += inspect(page, url)
    assert found == []
