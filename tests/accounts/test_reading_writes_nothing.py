"""Opening a page of the accounts changes no row, whoever opens it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import links, services
from accounts.models import Link
from accounts.roles import Role
from audit.services import Actor
from tests import world

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP")
PAGES = (
    "login", "register", "registered", "resend", "forgot", "second_factor", "factor_set_up",
    "security", "password", "organisation", "people", "invite", "hand_over", "rescue",
)  # fmt: skip


def written(client, path):
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path)
    assert answer.status_code < 500
    return [q["sql"] for q in seen if q["sql"].lstrip().upper().startswith(WRITES)]


@pytest.mark.parametrize("who", [None, "admin", "viewer", "approver", "guard"])
def test_opening_a_page_changes_nothing(client, house, signed_in, who):
    if who:
        signed_in(getattr(house, who))
    for name in PAGES:
        assert written(client, reverse(f"accounts:{name}")) == [], name


def test_opening_a_link_from_a_letter_uses_nothing_up(client, house, settings):
    settings.JIEBANG_DEMO = True
    services.invite(
        organisation=house.province,
        role=Role.REC_OPERATOR,
        email="sun@example.com",
        name="孙示例",
        actor=Actor("system"),
        at=world.AT,
    )
    for purpose in (Link.Purpose.VERIFY, Link.Purpose.RESET, Link.Purpose.DEMO):
        links.make(purpose, email=house.admin.email, user=house.admin, at=world.AT)
    for link in Link.objects.all():
        assert written(client, links.path(link)) == [], link.purpose
