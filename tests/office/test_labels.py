"""数据分级清单: every column has one class, and exports of people say which they hold."""

import io

import pytest
from django.db import models
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from core.labels import Label, highest, line, marked
from office import labels
from reviews.models import Expert
from tests.office import test_exports
from tests.office.test_exports import approve, filed, propose, take  # noqa: F401

pytestmark = pytest.mark.django_db


def test_every_column_has_a_class_and_none_is_left_over():
    named, there = set(labels.given()), {name for name, _, _ in labels.columns()}
    assert there - named == set(), "give each new column its class in office/labels.toml"
    assert named - there == set(), "no such column any more: take it out of office/labels.toml"


def test_a_new_column_without_a_class_is_noticed(monkeypatch):
    field = models.CharField("备注", max_length=9)
    field.set_attributes_from_name("remark")
    monkeypatch.setattr(User._meta, "local_fields", [*User._meta.local_fields, field])
    assert "accounts.User.remark" in {name for name, _, _ in labels.columns()}
    with pytest.raises(KeyError):
        labels.rows()


PEOPLE = {"email", "phone", "contact_phone", "contact_name", "password", "lines"}


def test_whatever_looks_like_a_person_or_a_secret_is_classed_as_one():
    for name, label in labels.given().items():
        if name.rpartition(".")[2] in PEOPLE:
            assert label in (Label.PERSONAL, Label.SECRET), name
    for field in ("email", "name", "phone"):
        assert labels.given()[f"{Expert._meta.label}.{field}"] == Label.PERSONAL
    given = labels.given()
    assert given["accounts.Authenticator.secret"] == given["accounts.User.password"] == "secret"
    assert (
        given["applications.Version.snapshot"] == given["applications.Section.data"] == "business"
    )
    assert given["reviews.Review.scores"] == given["panels.Vote.choice"] == "review"


def test_the_words_of_a_label():
    assert highest([Label.PUBLIC, Label.PERSONAL, Label.INTERNAL]) == Label.PERSONAL
    assert line(Label.REVIEW, Label.PERSONAL) == "数据类别：个人信息、评审敏感"
    assert marked("名单.xlsx", Label.PERSONAL) == "名单（个人信息）.xlsx"
    assert marked("名单", Label.PERSONAL) == "名单（个人信息）"


def test_the_auditor_reads_filters_and_takes_the_list(client, cast):
    client.force_login(cast.people["auditor"])
    page = client.get(reverse("office:labels"))
    text = page.content.decode()
    assert page.status_code == 200 and "未对照标准核实" in text and "accounts.User.phone" in text
    text = client.get(reverse("office:labels"), {"label": "secret"}).content.decode()
    assert "accounts.Authenticator.secret" in text and "accounts.User.phone" not in text
    assert client.get(reverse("office:labels"), {"label": "none"}).status_code == 200
    file = client.get(reverse("office:labels_sheet"), {"label": "personal"})
    rows = list(load_workbook(io.BytesIO(file.content)).active.iter_rows(values_only=True))
    assert {row[0] for row in rows[2:] if row[4]} == {"个人信息"}
    client.force_login(cast.people["office"])
    assert client.get(reverse("office:labels")).status_code == 403


def test_an_export_of_people_says_what_it_holds(filed):  # noqa: F811
    asked = approve(filed, propose(filed))
    file = take(filed, asked)
    assert file.name == "申报联系表（个人信息）.xlsx"
    cells = [
        str(cell.value)
        for row in load_workbook(io.BytesIO(file.data)).active.iter_rows()
        for cell in row
    ]
    assert "数据类别：个人信息" in cells
    assert test_exports.WHY in " ".join(cells)


def test_every_name_on_the_list_is_in_chinese():
    """Names of libraries too. SHA-256 is called so everywhere."""
    said = {word for one in labels.rows() for word in (one.room, one.table, one.field)}
    assert {word for word in said if word.isascii()} == {"SHA-256"}
