import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from accounts import masterdata
from accounts.models import Link, Organisation, User
from audit import services as audit
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from notifications.services import LINK_MARK
from office import unitsheet
from tests import world
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast):
    found = Client()
    found.force_login(cast.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    return found


def sheet(*rows):
    book = Workbook()
    for row in (masterdata.COLUMNS, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("units.xlsx", out.getvalue())


def test_the_37_local_recommenders_are_loaded_once():
    assert masterdata.load_recommenders(actor=SYSTEM, at=AT) == 37
    assert masterdata.load_recommenders(actor=SYSTEM, at=AT) == 0


def take_in(office, upload):
    """Preview a sheet, and take in what the preview shows."""
    address = reverse("office:units_import")
    shown = office.post(address, {"sheet": upload, "act": "preview"})
    assert shown.status_code == 200, shown.content.decode()
    return office.post(address, {"payload": shown.context["payload"], "act": "apply"})


def test_other_kinds_come_from_a_sheet_that_is_looked_over_first(office):
    upload = sheet(("行业组织", "示例产业联盟", "", "110000", ""))
    shown = office.post(reverse("office:units_import"), {"sheet": upload, "act": "preview"})
    assert "示例产业联盟" in shown.content.decode() and "尚未导入" in shown.content.decode()
    assert not Organisation.objects.filter(name="示例产业联盟").exists()
    upload.seek(0)
    assert take_in(office, upload).status_code == 302
    assert Organisation.objects.get(name="示例产业联盟").kind == "industry_body"


def test_what_came_to_be_known_after_the_preview_stops_the_whole_sheet(office):
    address = reverse("office:units_import")
    upload = sheet(("行业组织", "甲协会", "", "", ""), ("行业组织", "乙协会", "", "", ""))
    shown = office.post(address, {"sheet": upload, "act": "preview"})
    world.unit(Organisation.Kind.INDUSTRY_BODY, "乙协会")
    late = office.post(address, {"payload": shown.context["payload"], "act": "apply"})
    assert late.status_code == 422 and "乙协会已存在" in late.content.decode()
    assert not Organisation.objects.filter(name="甲协会").exists()
    assert office.post(address, {"payload": "forged", "act": "apply"}).status_code == 422


def test_a_code_that_stands_twice_in_the_sheet_is_named(office):
    code = "914403001922038216"
    upload = sheet(("行业组织", "甲协会", code, "", ""), ("行业组织", "乙协会", code, "", ""))
    shown = office.post(reverse("office:units_import"), {"sheet": upload})
    assert [(w.row, w.column) for w in shown.context["wrong"]] == [(3, "统一社会信用代码")]


def test_what_is_exported_has_the_columns_that_are_imported(office):
    world.unit(Organisation.Kind.INDUSTRY_BODY, "示例产业联盟", region="110000")
    data = office.get(reverse("office:units_export") + "?kind=industry_body").content
    lines = unitsheet.read(data)
    assert [(one.kind, one.name, one.region) for one in lines] == [
        ("行业组织", "示例产业联盟", "110000")
    ]


def test_the_template_is_taken_as_it_is_downloaded(office):
    template = office.get(reverse("office:units_template")).content
    upload = SimpleUploadedFile("units.xlsx", template)
    assert take_in(office, upload).status_code == 302
    assert Organisation.objects.get(name="示例人工智能产业协会").region == "110000"


def test_one_wrong_row_stops_the_whole_sheet_and_is_named(office):
    response = office.post(
        reverse("office:units_import"),
        {"sheet": sheet(("行业组织", "甲协会", "", "", ""), ("军区", "乙", "", "", ""))},
    )
    assert response.status_code == 422
    assert [str(one)[:12] for one in response.context["wrong"]] == ["第 3 行“单位类型”："[:12]]
    assert "没有导入任何一行" in response.content.decode()
    assert not Organisation.objects.filter(name="甲协会").exists()


def test_what_is_no_workbook_is_refused(office):
    response = office.post(
        reverse("office:units_import"), {"sheet": SimpleUploadedFile("x.xlsx", b"hello")}
    )
    assert response.status_code == 422
    assert "打不开" in response.content.decode()


def test_a_long_sheet_is_taken_in_by_few_statements(cast):
    count = 400
    industry = Organisation.Kind.INDUSTRY_BODY.label
    above = ("示例协会0", "示例部属单位")
    world.unit(Organisation.Kind.MINISTRY_BODY, above[1])
    lines = [
        masterdata.Line(n + 2, industry, f"示例协会{n}", "", "110000", above[n % 2] if n else "")
        for n in range(count)
    ]
    with CaptureQueriesContext(connection) as asked:
        assert masterdata.import_units(lines, actor=cast.actor("chief"), at=AT) == count
    assert len(asked) <= 20  # SQLite takes some hundred rows at a time
    for line in lines:
        made = Organisation.objects.select_related("parent").get(name=line.name)
        assert (made.parent.name if made.parent else "") == line.parent
        entry = Entry.objects.get(action="accounts.import_unit", subject=audit.label(made))
        assert entry.data == {"row": line.number}


def test_other_columns_and_too_many_rows_are_refused():
    book = Workbook()
    book.active.append(["单位名称"])
    for row, code in ((1, "wrong-columns"), (masterdata.ROWS_AT_MOST + 2, "too-many-rows")):
        book.active.cell(row, 1).value = "示例"
        out = io.BytesIO()
        book.save(out)
        with pytest.raises(Refusal) as said:
            unitsheet.read(out.getvalue())
        assert (said.value.code, said.value.status) == (code, 422)


def test_an_invited_person_gets_a_link_and_no_password(office, cast):
    response = office.post(
        reverse("office:unit_invite", args=[cast.province.pk]),
        {"name": "孙新来", "email": "new@example.com", "role": "rec_operator"},
    )
    assert response.status_code == 302
    assert LINK_MARK in Message.objects.get(email="new@example.com").body
    assert not User.objects.filter(email="new@example.com").exists()
    assert Link.objects.get(email="new@example.com").role == "rec_operator"


def test_the_office_cannot_make_a_unit_admin_of_a_recommender(office, cast):
    response = office.post(
        reverse("office:unit_invite", args=[cast.province.pk]),
        {"name": "孙新来", "email": "new@example.com", "role": "unit_admin"},
    )
    assert response.status_code == 422


def test_a_company_is_not_among_the_recommending_units(office, cast):
    assert office.get(reverse("office:unit", args=[cast.company.pk])).status_code == 404


def test_an_empty_installation_starts_with_links_and_only_once(capsys):
    call_command("bootstrap_office", unit="科技司", email="a@example.com", name="甲")
    assert Link.objects.count() == 2
    with pytest.raises(CommandError):
        call_command("bootstrap_office", unit="科技司", email="a@example.com", name="甲")
