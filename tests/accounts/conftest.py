"""The cast of the account tests: one company with its people, a province, an office."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts import links
from accounts.models import Link, Organisation
from accounts.roles import Role
from tests import world

K = Organisation.Kind


def person(unit, role, name, email):
    """One of the cast, with an address that can be typed into the sign-in form."""
    user = world.person(unit, role, name)
    user.email = f"{email}@example.com"
    user.save(update_fields=["email"])
    return user


@pytest.fixture
def house(db):
    """A company (administrator, editor, viewer), its rival, a province and an office."""
    company = world.unit(K.ENTERPRISE, "示例科技（甲）有限公司", region="430100", n=1)
    rival = world.unit(K.ENTERPRISE, "示例智语（乙）有限公司", region="430100", n=2)
    province = world.unit(K.PROVINCE, "示例省工业和信息化厅", key="430000")
    office = world.unit(K.OFFICE, "示例主管部门", region="110000")
    return SimpleNamespace(
        company=company,
        rival=rival,
        province=province,
        office=office,
        admin=person(company, Role.UNIT_ADMIN, "王示例", "wang"),
        editor=person(company, Role.EDITOR, "李示例", "li"),
        viewer=person(company, Role.VIEWER, "陈示例", "chen"),
        rival_admin=person(rival, Role.UNIT_ADMIN, "刘示例", "liu"),
        operator=person(province, Role.REC_OPERATOR, "赵示例", "zhao"),
        approver=person(province, Role.REC_APPROVER, "钱示例", "qian"),
        guard=person(office, Role.SECURITY_ADMIN, "卫示例", "wei"),
        sysadmin=person(office, Role.SYSTEM_ADMIN, "褚示例", "chu"),
    )


@pytest.fixture
def signed_in(client):
    """Signs a person in through the form, as everybody does."""

    def enter(user, *, password=world.PASSWORD):
        answer = client.post(reverse("accounts:login"), {"email": user.email, "password": password})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return enter


@pytest.fixture
def letter():
    """The address in the newest letter of a kind to somebody, as the recipient sees it."""

    def path(email, purpose):
        link = Link.objects.filter(email=email, purpose=purpose).latest("pk")
        return links.path(link)

    return path
