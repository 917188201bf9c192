"""The public page behind every QR code, and the download of a PDF."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from accounts.models import Organisation
from audit.models import Entry
from documents import comparing, sealing, services, throttle, web
from documents.models import Blob, SigningKey
from tests.documents import samples, sealed

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


@pytest.fixture(autouse=True)
def _nobody_guessed_yet():
    cache.clear()


@pytest.mark.parametrize("number", ["JB-2021-HZ-0099", "jb-2021-hz-0099", " ＪＢ-2021-HZ-0099 "])
def test_number_and_code_together_lead_to_the_verdict(client, sheet, number):
    response = client.get("/v/", {"code": sheet.grouped_code, "number": number})
    assert response.status_code == 200 and "这份文件有效" in body(response)


def test_a_wrong_number_answers_like_a_code_that_does_not_exist(client, sheet):
    wrong = client.get("/v/", {"code": sheet.code, "number": "JB-2021-HZ-0001"})
    absent = client.get("/v/", {"code": "2222222222", "number": "JB-2021-HZ-0001"})
    assert wrong.status_code == absent.status_code == 404
    same = body(absent).replace("2222222222", sheet.code)
    assert _plain(body(wrong)) == _plain(same)


def _plain(page: str) -> str:
    """Without what differs between any two answers."""
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|<time[^>]*>[^<]*</time>', "", page)


def test_a_number_alone_is_not_enough(client, sheet):
    response = client.get("/v/", {"number": sheet.number})
    assert response.status_code == 422
    assert "示例省" not in body(response)


def test_after_many_wrong_codes_even_a_right_one_is_refused_for_a_while(client, sheet):
    for n in range(throttle.MISSES):
        assert client.get(f"/v/22222222{n // 10 + 2}{n % 8 + 2}/").status_code == 404
    again = client.get(f"/v/{sheet.code}/")
    assert again.status_code == 429 and "次数过多" in body(again)
    elsewhere = client.get(f"/v/{sheet.code}/", REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 200


def test_the_proxy_says_who_it_is_only_where_it_is_trusted(client, sheet, settings):
    for _ in range(throttle.MISSES):
        client.get("/v/2222222222/", HTTP_X_REAL_IP="192.0.2.1")
    assert client.get(f"/v/{sheet.code}/", HTTP_X_REAL_IP="192.0.2.2").status_code == 429
    settings.JIEBANG_TRUSTED_ADDRESS_HEADER = "HTTP_X_REAL_IP"
    assert client.get(f"/v/{sheet.code}/", HTTP_X_REAL_IP="192.0.2.2").status_code == 200


def test_with_the_cache_away_codes_are_answered_and_copies_are_not_compared(
    client, sheet, monkeypatch
):
    def away(*args, **kwargs):
        raise ConnectionError("no cache")

    for name in ("get", "add", "incr", "set"):
        monkeypatch.setattr(cache, name, away)
    assert client.get(f"/v/{sheet.code}/").status_code == 200
    assert client.get("/v/2222222222/").status_code == 404
    assert compare(client, sheet, services.read(sheet.pdf)).status_code == 503


# Copies ----------------------------------------------------------------------------------------


def compare(client, document, data: bytes, name: str = "汇总表.pdf"):
    file = SimpleUploadedFile(name, data, "application/pdf")
    return client.post(f"/v/{document.code}/compare/", {"copy": file})


def test_the_file_itself_is_found_equal_and_is_not_stored(client, sheet):
    before = Blob.objects.count(), Entry.objects.count()
    response = compare(client, sheet, services.read(sheet.pdf))
    assert response.status_code == 200
    assert "与系统留存一致" in body(response)
    assert (Blob.objects.count(), Entry.objects.count()) == before


@pytest.mark.parametrize("data", [b"%PDF-1.7 another", b"nothing of the kind", b"\x89PNG\r\n"])
def test_another_file_is_found_different_and_is_not_stored(client, sheet, data):
    before = Blob.objects.count()
    page = body(compare(client, sheet, data))
    assert "不一致" in page and "与系统留存一致" not in page
    assert Blob.objects.count() == before


def test_one_more_byte_is_another_file(client, sheet):
    page = body(compare(client, sheet, services.read(sheet.pdf) + b"\n"))
    assert "不一致" in page


def test_an_empty_or_missing_or_too_large_copy_is_told(client, sheet, monkeypatch):
    monkeypatch.setattr(comparing, "MOST_BYTES", 10)
    said = compare(client, sheet, b"x" * 11)
    assert said.status_code == 422 and "20 MB" in body(said)
    assert client.post(f"/v/{sheet.code}/compare/").status_code == 422
    assert compare(client, sheet, b"").status_code == 422


def test_a_copy_for_an_unknown_code_answers_as_any_unknown_code(client, db):
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    assert client.post("/v/2222222222/compare/", {"copy": file}).status_code == 404


def test_copies_are_counted_per_address(client, sheet, monkeypatch):
    monkeypatch.setattr(throttle, "COPIES", 2)
    for _ in range(2):
        assert compare(client, sheet, b"x").status_code == 200
    assert compare(client, sheet, b"x").status_code == 429
    assert client.get(f"/v/{sheet.code}/").status_code == 200


@pytest.fixture
def seal(unit, at):
    found = sealed.asked(unit, at=at)
    assert sealing.sign_waiting(at=at) == 1
    found.refresh_from_db()
    return found


def trusting(settings, tmp_path):
    bundle = tmp_path / "roots.pem"
    bundle.write_text(sealed.root())
    settings.JIEBANG_SEAL_ROOTS = str(bundle)


def test_the_page_shows_the_seal_and_its_certificate(client, seal):
    page = body(client.get(f"/v/{seal.document.code}/"))
    assert "PAdES B-B" in page and sealed.CA in page
    assert "演示证书" not in page


def test_a_certificate_of_the_demonstration_is_denounced(client, seal):
    SigningKey.objects.update(demo=True)
    page = body(client.get(f"/v/{seal.document.code}/"))
    assert "演示证书，不具法律效力" in page
    page = body(compare(client, seal.document, services.read(seal.pdf)))
    assert "与系统留存的签章件一致" in page and "演示证书，不具法律效力" in page


def test_the_signed_file_is_found_equal_and_its_signature_whole(client, seal, settings, tmp_path):
    page = body(compare(client, seal.document, services.read(seal.pdf)))
    assert "与系统留存的签章件一致" in page and "签名完整有效" in page
    assert "未能追溯到本系统信任的颁发机构" in page
    trusting(settings, tmp_path)
    page = body(compare(client, seal.document, services.read(seal.pdf)))
    assert "签名完整有效" in page and "未能追溯" not in page


def test_one_changed_byte_of_the_signed_file_is_seen(client, seal):
    data = bytearray(services.read(seal.pdf))
    data[len(services.read(seal.document.pdf)) // 2] ^= 1
    page = body(compare(client, seal.document, bytes(data)))
    assert "签章之后被改动过" in page and "与系统留存的签章件一致" not in page


def test_what_was_appended_after_signing_is_seen(client, seal):
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(services.read(seal.pdf)))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = generic.NumberObject(180)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    assert "签章之后被改动过" in body(compare(client, seal.document, out.getvalue()))


def test_another_document_sealed_with_the_same_or_another_key_is_seen(client, seal):
    same_key = sealed.sign(sealed.sheet(5))
    other_key = sealed.sign(sealed.sheet(), kind="rsa")
    for data in (same_key, other_key):
        page = body(compare(client, seal.document, data))
        assert "不是本文件的签章件" in page


def test_the_signed_file_of_a_void_sheet_is_named_void(client, seal, at):
    services.void(seal.document, reason="推荐单位修改名单", at=at)
    page = body(compare(client, seal.document, services.read(seal.pdf)))
    assert "与系统留存的签章件一致，但这份文件已作废" in page
    assert "这份文件有效" not in page


def test_a_stopped_certificate_is_told(client, seal, at):
    SigningKey.objects.update(revoked_at=at)
    page = body(compare(client, seal.document, services.read(seal.pdf)))
    assert "这张证书已停用" in page


def test_an_expired_certificate_still_proves_what_it_signed_in_time(
    client, seal, settings, tmp_path, at
):
    trusting(settings, tmp_path)
    later = at + timedelta(days=900)
    found = comparing.compare(seal.document, services.read(seal.pdf), at=later)
    assert found.outcome == "sealed" and found.signature.intact


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
