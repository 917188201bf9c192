"""Electronic seals, sealed scans and verification in a browser: with axe, at 1440 and 390."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache

from documents import sealing
from documents import services as documents
from documents.models import Document, SigningKey
from recommenders import queries, services
from tests import season as seasons
from tests.browser.watching import inspect, picture, until
from tests.documents import drawing, sealed
from tests.recommenders.test_seals import accepting, registered
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def frozen(season):
    """A confirmed list of a unit with an electronic seal, its sheet drawn and sealed."""
    cache.clear()
    accepting(season.cast, electronic=True)
    registered(season.cast)
    seasons.play(season, to="frozen")
    others = Document.objects.exclude(kind="summary_sheet").filter(state="waiting")
    others.update(not_before=AT + timedelta(days=9))
    documents.render_waiting(at=AT)
    assert sealing.sign_waiting(at=AT) == 1
    return season


def sheet_of(season) -> Document:
    return queries.version_in_force(seasons.list_of(season)).document


def test_pages_of_seals_and_of_the_sealed_sheet(frozen, enter):
    code = frozen.call.code
    approver, chief = enter("approver"), enter("chief")
    found = inspect(approver, "/recommend/seals/")
    picture(approver, "seals")
    found += inspect(chief, "/recommend/office/seals/")
    found += inspect(approver, f"/recommend/calls/{code}/scan/")
    picture(approver, "eseal")
    assert found == []
    approver.get_by_role("link", name="公开核验页").click()
    assert "这份文件有效" in approver.inner_text("main")
    assert sealed.PASSPHRASE not in approver.content()


def test_a_scan_is_uploaded_compared_and_shown_with_what_was_found(frozen, enter):
    code, document = frozen.call.code, sheet_of(frozen)
    operator = enter("operator")
    page = drawing.pictures(documents.read(document.pdf), 150)[0].rotate(90, expand=True)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=80)
    files = [
        {"name": "第1页.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()},
        {"name": "别的.png", "mimeType": "image/png", "buffer": _blank()},
    ]
    operator.goto(f"/recommend/calls/{code}/scan/")
    operator.set_input_files("input[type=file]", files)
    operator.get_by_role("button", name="上传并逐页比对").click()
    operator.wait_for_selector(".jb-scanpage img")
    until(
        operator,
        "[...document.querySelectorAll('.jb-scanpage img')].every(i => i.naturalWidth > 0)",
    )
    assert operator.locator("rect.jb-found[data-k=code]").count() == 1
    found = inspect(operator)
    picture(operator, "scan")
    assert found == []


def _blank() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1200, 850), "white").save(out, "PNG")
    return out.getvalue()


def test_anybody_verifies_and_holds_a_copy_against_it(frozen, watched):
    SigningKey.objects.update(demo=True)
    document = sheet_of(frozen)
    signed = documents.read(document.signing.pdf)
    page = watched.page()
    page.goto("/v/")
    page.fill("#v", document.grouped_code.lower())
    page.fill("#n", document.number)
    page.get_by_role("button", name="核验", exact=True).click()
    found = inspect(page)
    assert "演示证书，不具法律效力" in page.inner_text("main")
    for data, words in ((signed, "与系统留存的签章件一致"), (signed[:-40] + b"x" * 40, "不一致")):
        page.set_input_files(
            "input[type=file]",
            {"name": "汇总表.pdf", "mimeType": "application/pdf", "buffer": data},
        )
        page.get_by_role("button", name="比对").click()
        page.wait_for_selector("#compared")
        text = page.inner_text("main")
        assert words in text or "签章之后被改动过" in text
        found += inspect(page)
        picture(page, "verify-same" if data == signed else "verify-other")
    services.reopen_list(
        seasons.list_of(frozen),
        reason="调整推荐顺序",
        actor=frozen.actor("approver"),
        at=AT,
    )
    page.goto(f"/v/{document.code}")
    assert "这份文件已作废" in page.inner_text("main")
    found += inspect(page)
    picture(page, "verify-void")
    assert found == []
