"""The public page behind every QR code, and the download of a PDF."""

import pytest
from django.test import RequestFactory

from accounts.models import Organisation
from documents import services, web
from tests.documents import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(at):
    return Organisation.objects.create(
        kind=Organisation.Kind.PROVINCE, name="示例省工业和信息化厅", region="430000", created_at=at
    )


@pytest.fixture
def sheet(unit, at):
    document = services.request_document(
        kind="summary_sheet",
        subject=unit,
        snapshot=samples.summary_sheet(12),
        title="信息报送汇总表",
        organisation=unit,
        at=at,
    )
    services.render_waiting(at=at)
    document.refresh_from_db()
    return document


def body(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize(
    "form", ["/V/{code}/1", "/v/{code}/", "/v/{code}", "/V/{code}/1/", "/v/{lower}/2/"]
)
def test_the_address_on_paper_leads_to_the_verdict(client, sheet, form):
    response = client.get(form.format(code=sheet.code, lower=sheet.code.lower()))
    assert response.status_code == 200
    assert "这份文件有效" in body(response)
    assert "示例省工业和信息化厅" in body(response)
    assert "共 12 项，限额 15" in body(response)
    assert samples.FINGERPRINT[:4] in body(response)


def test_the_verdict_never_shows_what_the_list_holds(client, sheet):
    page = body(client.get(f"/v/{sheet.code}/"))
    for row in sheet.snapshot["rows"]:
        for key in ("title", "organisation", "code", "contact", "phone"):
            assert row[key] not in page


def test_a_code_may_be_typed_in_groups_and_in_lower_case(client, sheet):
    response = client.get("/v/", {"code": sheet.grouped_code.lower()})
    assert response.status_code == 302
    assert response.url == f"/v/{sheet.code}"


@pytest.mark.parametrize("typed", ["12", "0000000000", "核验码", "<script>"])
def test_what_cannot_be_a_code_is_said_at_once(client, typed):
    response = client.get("/v/", {"code": typed})
    assert response.status_code == 422
    assert "核验码的格式不对" in body(response)
    assert "<script>" not in body(response).split('name="code"')[1][:80]


@pytest.mark.parametrize("path", ["/v/2222222222/", "/V/2222222222/1", "/v/NOSUCH/", "/v/x/1"])
def test_an_unknown_code_is_not_found_in_words(client, db, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "没有查到这份文件" in body(response)


def test_a_page_that_the_document_does_not_have_is_denounced(client, sheet):
    assert "这份文件只有 2 页，没有第 9 页" in body(client.get(f"/V/{sheet.code}/9"))


def test_a_void_document_says_so_with_reason_and_replacement(client, sheet, unit, at):
    newer = services.request_document(
        kind="summary_sheet",
        subject=unit,
        snapshot=samples.summary_sheet(11) | {"version": 4},
        title="信息报送汇总表",
        organisation=unit,
        at=at,
    )
    services.void(sheet, reason="推荐单位修改名单", at=at, replaced_by=newer)
    page = body(client.get(f"/v/{sheet.code}/1"))
    assert "这份文件已作废" in page
    assert "这份文件有效" not in page
    assert "推荐单位修改名单" in page
    assert f"/v/{newer.code}" in page
    assert "正在生成" in body(client.get(f"/v/{newer.code}/"))


def test_verifying_is_reading_only(client, sheet):
    assert client.post("/v/", {"code": sheet.code}).status_code == 405
    assert client.post(f"/v/{sheet.code}/").status_code == 405


def test_the_form_alone_is_a_page(client, db):
    response = client.get("/v/")
    assert response.status_code == 200
    assert "核验码" in body(response)


def a_request(at):
    request = RequestFactory().get("/")
    from django.contrib.auth.models import AnonymousUser

    request.user, request.arrived_at, request.acting = AnonymousUser(), at, None
    return request


def test_a_ready_pdf_is_an_attachment_that_no_browser_runs(sheet, at):
    response = web.pdf_response(a_request(at), sheet)
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"].startswith("private")


def test_a_hostile_name_cannot_break_out_of_the_header(sheet, at):
    response = web.file_response(sheet.pdf, 'a"\r\nX-Evil: 1\r\n报告.pdf')
    assert "X-Evil" not in response
    assert "\n" not in response["Content-Disposition"]


def test_while_it_is_drawn_a_page_says_so_and_looks_again(unit, at):
    document = services.request_document(
        kind="receipt",
        subject=unit,
        snapshot=samples.receipt(),
        title="回执",
        organisation=unit,
        at=at,
    )
    response = web.pdf_response(a_request(at), document)
    assert response.status_code == 409
    assert "正在生成" in body(response)
    assert 'http-equiv="refresh"' in body(response)


def test_a_failed_document_does_not_look_again_for_ever(unit, at):
    document = services.request_document(
        kind="receipt",
        subject=unit,
        snapshot=samples.receipt(),
        title="回执",
        organisation=unit,
        at=at,
    )
    type(document).objects.filter(pk=document.pk).update(state="failed", last_error="x")
    document.refresh_from_db()
    response = web.pdf_response(a_request(at), document)
    assert "没有生成成功" in body(response)
    assert 'http-equiv="refresh"' not in body(response)
