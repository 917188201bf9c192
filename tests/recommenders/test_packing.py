"""A list's filings as one file: names, hashes, what is missing, who may have it."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from applications.models import Attachment, Version
from documents import services as documents
from documents.fingerprints import sha256
from documents.models import Document, Package
from documents.packages import services as packages
from office.models import ExportRequest
from recommenders import packing
from tests.recommenders import scene
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.world import AT

pytestmark = pytest.mark.django_db


def soon():
    """Shortly after now: requests arrive at the real present, however long the run has taken."""
    return timezone.now() + timedelta(minutes=1)


def paper(application, data: bytes) -> Document:
    """The drawn 申报书 of a filing's version in force."""
    version = Version.objects.get(application=application, number=application.version_number)
    blob = documents.store(data, media_type="application/pdf", at=AT)
    version.form = Document.objects.create(
        kind="application_form",
        title="项目申报书",
        subject=f"applications.version:{version.pk}",
        snapshot={},
        fingerprint="0" * 64,
        host="x",
        state="ready",
        pdf=blob,
        file_sha256=blob.sha256,
        pages=3,
        created_at=AT,
        not_before=AT,
        ready_at=AT,
    )
    version.save()
    return version.form


@pytest.fixture
def listed(cast):
    cast.found = scene.filings(cast, 3)
    open_recommendation(cast)
    scene.recommend(cast, *cast.found[:2], at=AT)
    for number, one in enumerate(cast.found[:2], start=1):
        paper(one, b"%PDF-1.7 " + str(number).encode())
    return cast


def ask(client, cast, name="operator", **more):
    answer = as_(client, cast, name).post(url("pack", cast.call.code), more)
    assert answer.status_code == 302, answer.content.decode()
    return Package.objects.latest("pk")


def opened(package) -> zipfile.ZipFile:
    package.refresh_from_db()
    assert package.state == "ready", (package.state, package.note, package.error, package.fault)
    return zipfile.ZipFile(io.BytesIO(default_storage.open(package.path).read()))


def test_every_form_of_the_list_lies_in_it_by_rank_number_unit_and_title(client, listed):
    package = ask(client, listed)
    packages.build_waiting(at=soon())
    book = opened(package)
    one, two = listed.found[:2]
    names = [name for name in book.namelist() if name.endswith(".pdf")]
    assert names == [
        f"01_{one.number}_示例企业1号有限公司_示例项目1号.pdf",
        f"02_{two.number}_示例企业2号有限公司_示例项目2号.pdf",
    ]
    assert book.read(names[0]) == b"%PDF-1.7 1" and book.testzip() is None
    index = book.read("index.html").decode()
    assert sha256(b"%PDF-1.7 2") in index and "名单还没有确认" in index
    sheet = load_workbook(io.BytesIO(book.read("index.xlsx"))).active
    assert [cell.value for cell in sheet[3]][0:3] == [1, one.number, one.title]
    assert sheet[4][10].value == sha256(b"%PDF-1.7 2")
    assert "示例项目3号" not in index


def test_a_confirmed_list_brings_its_sheet_and_keeps_its_order(client, listed):
    version = scene.confirm_list(listed, at=AT)
    package = ask(client, listed)
    packages.build_waiting(at=soon())
    package.refresh_from_db()
    assert package.state == "waiting" and "1 份文件正在生成" in package.note
    blob = documents.store(b"%PDF-1.7 sheet", media_type="application/pdf", at=AT)
    Document.objects.filter(pk=version.document_id).update(
        state="ready", pdf=blob, file_sha256=blob.sha256, pages=1, ready_at=AT
    )
    packages.build_waiting(at=soon() + timedelta(minutes=1))
    book = opened(package)
    assert book.read("信息报送汇总表.pdf") == b"%PDF-1.7 sheet"
    assert not package.note


def test_a_form_that_is_never_drawn_is_named_in_the_end(client, listed):
    Document.objects.filter(kind="application_form").update(
        state="waiting", pdf=None, file_sha256="", pages=0, ready_at=None
    )
    package = ask(client, listed)
    packages.build_waiting(at=soon())
    package.refresh_from_db()
    assert package.state == "waiting" and "2 份文件正在生成" in package.note
    packages.build_waiting(at=soon() + packages.WAIT_AT_MOST)
    book = opened(package)
    assert "没有装入：01_" in package.note
    assert "（尚未生成）" in book.read("index.html").decode()
    page = client.get(reverse("documents:package", args=[package.public_id])).content.decode()
    assert "没有装入：02_" in page


def test_evidence_comes_when_it_is_asked_for(client, listed):
    version = Version.objects.get(application=listed.found[0], number=1)
    blob = documents.store(b"%PDF licence", media_type="application/pdf", at=AT)
    Attachment.objects.create(
        application=listed.found[0],
        key="x",
        name="执照.pdf",
        blob=blob,
        uploaded_at=AT,
        uploaded_by=listed.people["admin"],
    )
    version.snapshot["attachments"] = [
        {
            "key": "x",
            "kind": "营业执照",
            "name": "a/../执照.PDF",
            "pages": 1,
            "size": 12,
            "sha256": blob.sha256,
        }
    ]
    version.save()
    without = ask(client, listed)
    packages.build_waiting(at=soon())
    assert not [name for name in opened(without).namelist() if name.startswith("证明材料/")]
    package = ask(client, listed, evidence="on")
    packages.build_waiting(at=soon())
    book = opened(package)
    name = f"证明材料/01_{listed.found[0].number}/01_营业执照_a-..-执照.pdf"
    assert book.read(name) == b"%PDF licence"
    assert all(".." not in part.split("/") for part in book.namelist())


def test_a_neighbour_gets_its_own_list_and_nobody_elses(client, listed):
    theirs = ask(client, listed, "neighbour")
    packages.build_waiting(at=soon())
    assert not [name for name in opened(theirs).namelist() if "示例项目" in name]
    mine = ask(client, listed)
    packages.build_waiting(at=soon())
    as_(client, listed, "neighbour")
    hidden = reverse("documents:package_file", args=[mine.public_id])
    assert client.get(hidden).status_code == 404


def test_the_office_packs_any_list_and_any_filter(client, listed):
    paper(listed.found[2], b"%PDF-1.7 3")
    as_(client, listed, "office")
    client.post(url("office_pack", scene.ranked(listed).pk))
    packages.build_waiting(at=soon())
    assert len([n for n in opened(Package.objects.latest("pk")).namelist() if "项目" in n]) == 2
    where = reverse("office:exports")
    asked = {"kind": "forms", "call": listed.call.code, "reason": "归档本批次材料"}
    client.post(where, asked | {"q": "示例项目3号"})
    made = ExportRequest.objects.get()
    as_(client, listed, "chief")
    client.post(reverse("office:export_decide", args=[made.pk]), {"approve": "yes"})
    as_(client, listed, "office")
    client.post(reverse("office:export_take", args=[made.pk]))
    packages.build_waiting(at=soon())
    package = Package.objects.latest("pk")
    names = [name for name in opened(package).namelist() if name.endswith(".pdf")]
    assert len(names) == 1 and "示例项目3号" in names[0]
    assert client.post(where, asked | {"q": "没有这一项"}).status_code == 422
    assert ExportRequest.objects.count() == 1, "nothing is asked for that finds nothing"
    assert client.post(where, asked | {"direction": "no-such"}).status_code == 422


def test_the_buttons_stand_where_the_lists_are(client, listed):
    text = as_(client, listed, "operator").get(url("list", listed.call.code)).content.decode()
    assert url("pack", listed.call.code) in text
    page = as_(client, listed, "office").get(url("office_list", scene.ranked(listed).pk))
    assert url("office_pack", scene.ranked(listed).pk) in page.content.decode()
    text = client.get(reverse("office:applications")).content.decode()
    assert reverse("office:exports") in text


def test_a_list_is_read_in_a_fixed_number_of_queries(listed, django_assert_num_queries):
    ranked = scene.ranked(listed)
    with django_assert_num_queries(4):
        assert len(packing.versions_of(ranked)) == 2


def test_the_files_of_a_list_are_never_in_memory_together(listed):
    import tracemalloc

    from accounts.models import Membership

    for one in listed.found[:2]:
        version = Version.objects.get(application=one, number=1)
        version.form = None
        version.save()
        Document.objects.filter(subject=f"applications.version:{version.pk}").delete()
        paper(one, one.title.encode() * 250_000)  # 4 MB each

    def ask_for(title):
        packages.request(
            kind=packing.KIND,
            subject=scene.ranked(listed),
            title=title,
            acting=Membership.objects.get(user=listed.people["operator"]),
            actor=listed.actor("operator"),
            at=AT,
        )

    ask_for("先装入所用的库")
    assert packages.build_waiting(at=soon()) == 1
    ask_for("大文件")
    tracemalloc.start()
    try:
        assert packages.build_waiting(at=soon()) == 1
        assert tracemalloc.get_traced_memory()[1] < 7_000_000
    finally:
        tracemalloc.stop()


def test_the_sealed_sheet_lies_beside_the_sheet_and_so_does_its_scan(client, cast):
    from recommenders.models import ScanFile, SealedScan
    from tests.recommenders import test_seals as seals

    seals.registered(cast)
    version = seals.sealed_list(cast)
    paper(scene.queries.live(cast.call, cast.province)[0].application, b"%PDF-1.7 1")
    scan = SealedScan.objects.create(
        list_version=version,
        uploaded_by=cast.people["operator"],
        uploaded_at=AT,
        result={},
        state="matched",
    )
    blob = documents.store(b"%PDF scan", media_type="application/pdf", at=AT)
    ScanFile.objects.create(scan=scan, position=1, blob=blob, name="扫描 1.PDF")
    package = ask(client, cast)
    packages.build_waiting(at=soon())
    book = opened(package)
    names = book.namelist()
    assert "信息报送汇总表（电子签章）.pdf" in names and "盖章扫描件/01_扫描 1.pdf" in names
    plain, signed = (book.read(f"信息报送汇总表{more}.pdf") for more in ("", "（电子签章）"))
    assert signed.startswith(plain) and len(signed) > len(plain)
    assert book.read("盖章扫描件/01_扫描 1.pdf") == b"%PDF scan"
