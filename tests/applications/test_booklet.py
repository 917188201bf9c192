"""The booklet for printing: everything in order, nothing that runs, for whoever may have it."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject

from applications import booklet
from calls.models import Call
from documents import binding
from documents import services as documents
from documents.models import Blob, Package, VirusCheck
from documents.packages import services as packages
from tests.applications import filling
from tests.applications.filling import complete, submit, url
from tests.documents import drawing
from tests.world import AT

SOON = AT + timedelta(hours=1)


def signed_in(cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(cast):
    return signed_in(cast, "admin")


@pytest.fixture
def application(cast):
    return cast.application


@pytest.fixture
def kind(application):
    return next(k for k in application.call.programme.attachments if k.max_files > 1)


def picture(size=(900, 600)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG")
    return out.getvalue()


def add(client, application, kind, name, data) -> None:
    posted = {"file": filling.upload(name, data)}
    answer = client.post(url("attach", application, kind.key), posted)
    assert answer.status_code == 302, name


@pytest.fixture
def submitted(admin, application, kind):
    complete(admin, application)
    add(admin, application, kind, "横页.pdf", drawing.sheet(16))
    add(admin, application, kind, "照片.jpg", picture())
    assert submit(admin, application).status_code == 302
    application.refresh_from_db()
    documents.render_waiting(at=SOON)
    return application


def built(client, address) -> Package:
    answer = client.post(address)
    assert answer.status_code == 302, answer.content
    packages.build_waiting(at=SOON + timedelta(minutes=1))
    found = Package.objects.latest("pk")
    assert found.state == "ready", (found.error, found.fault, found.note)
    return found


def file_of(client, package) -> bytes:
    answer = client.get(reverse("documents:package_file", args=[package.public_id]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_the_form_and_each_piece_of_evidence_follow_each_other(admin, submitted):
    data = file_of(admin, built(admin, url("version_booklet", submitted, 1)))
    version = submitted.versions.get()
    files = version.snapshot["attachments"]
    form = PdfReader(io.BytesIO(documents.read(version.form.pdf)))
    bound = PdfReader(io.BytesIO(data))
    evidence = sum(file["pages"] for file in files)
    assert len(bound.pages) == len(form.pages) + len(files) + evidence
    assert bound.outline[0].title == "项目申报书"
    assert [one.title.rpartition("：")[2] for one in bound.outline[1:]] == [
        f["name"] for f in files
    ]
    texts = drawing.texts(data)
    at = len(form.pages)
    for place, file in enumerate(files, start=1):
        assert f"材料{place}" in texts[at] and file["sha256"][:4] in texts[at]
        for page in range(1, file["pages"] + 1):
            said = texts[at + page]
            assert f"材料{place}第{page}页/共{file['pages']}页" in said, said[-80:]
            assert f"{at + page + 1}/{len(texts)}" in said
        at += file["pages"] + 1
    for page in bound.pages[len(form.pages) :]:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)


def test_a_draft_says_so_on_each_page_and_follows_the_working_copy(admin, application, kind):
    add(admin, application, kind, "一.pdf", filling.pdf(2))
    first = built(admin, url("draft_booklet", application))
    pages = drawing.texts(file_of(admin, first))
    assert all("草稿" in text for text in pages)
    assert not any("核验码" in text and "不含核验码" not in text for text in pages)
    assert admin.post(url("draft_booklet", application)).status_code == 302
    add(admin, application, kind, "二.pdf", filling.pdf(3))
    second = built(admin, url("draft_booklet", application))
    assert len(drawing.texts(file_of(admin, second))) == len(pages) + 4


def test_what_cannot_be_bound_is_named_and_the_rest_is_bound(admin, submitted):
    files = submitted.versions.get().snapshot["attachments"]
    blob = Blob.objects.get(sha256=files[-1]["sha256"])
    VirusCheck.objects.create(blob=blob, found="Eicar", checked_at=AT)
    package = built(admin, url("version_booklet", submitted, 1))
    assert f"材料{len(files)}“{files[-1]['name']}”没有并入" in package.note
    last = drawing.texts(file_of(admin, package))[-1]
    assert "本件无法并入，请另行打印原件" in last


def test_who_reads_the_filing_may_have_its_booklet_and_nobody_else(cast, submitted):
    address = url("version_booklet", submitted, 1)
    assert signed_in(cast, "rival").post(address).status_code == 404
    assert signed_in(cast, "operator").post(address).status_code == 403  # filing still runs
    office = signed_in(cast, "office")
    package = built(office, address)
    assert file_of(office, package)[:5] == b"%PDF-"
    file = reverse("documents:package_file", args=[package.public_id])
    foreign = signed_in(cast, "rival").get(file)
    assert foreign.status_code == 404
    assert signed_in(cast, "office").post(url("draft_booklet", submitted)).status_code == 403
    Call.objects.update(filing_until=AT - timedelta(hours=1))
    operator = signed_in(cast, "operator")
    assert file_of(operator, built(operator, address))[:5] == b"%PDF-"


def test_others_get_the_version_submitted_last_and_the_unit_any(cast, admin, submitted):
    assert submit(admin, submitted).status_code == 302
    assert signed_in(cast, "office").post(url("version_booklet", submitted, 1)).status_code == 404
    assert admin.post(url("version_booklet", submitted, 1)).status_code == 302


def test_a_form_that_is_still_being_drawn_is_waited_for(admin, application):
    complete(admin, application)
    submit(admin, application)
    admin.post(url("version_booklet", application, 1))
    waiting = Package.objects.get()
    asked = waiting.requested_at
    packages.build_waiting(at=asked + timedelta(minutes=1))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.note) == ("waiting", "申报书正在生成，生成后继续合订。")
    documents.render_waiting(at=asked + timedelta(minutes=2))
    packages.build_waiting(at=asked + timedelta(minutes=3))
    waiting.refresh_from_db()
    assert waiting.state == "ready"


def test_too_much_for_one_booklet_is_said(admin, submitted, monkeypatch):
    monkeypatch.setattr(booklet, "MOST_BYTES", 1000)
    admin.post(url("version_booklet", submitted, 1))
    packages.build_waiting(at=SOON)
    package = Package.objects.get()
    assert package.state == "failed" and "超过合订上限" in package.error


# What foreign pages bring along ----------------------------------------------------------------


def hostile() -> bytes:
    """A page with an action, a script, an embedded file and a link."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=842, height=595)
    page[NameObject("/Rotate")] = FloatObject(270)
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): NameObject("/Nothing")})
    link = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject(FloatObject(one) for one in (0, 0, 100, 100)),
        }
    )
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(link)])
    script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert(1)")}
    action = DictionaryObject({NameObject(name): held for name, held in script.items()})
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(action)
    writer.add_attachment("evil.exe", b"MZ")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_scripts_actions_files_and_links_stay_outside():
    made, pages = binding.sheets(hostile(), "application/pdf", name="x.pdf")
    assert pages == 1
    for word in (b"JavaScript", b"/AA", b"EmbeddedFile", b"evil", b"/Annots", b"/OpenAction"):
        assert word not in made
    reader = PdfReader(io.BytesIO(made))
    assert "/Names" not in reader.trailer["/Root"]


def test_a_restricted_but_readable_file_is_bound():
    writer = PdfWriter()
    writer.add_blank_page(width=300, height=300)
    writer.encrypt(user_password="", owner_password="owner", algorithm="AES-128")
    out = io.BytesIO()
    writer.write(out)
    made, pages = binding.sheets(out.getvalue(), "application/pdf", name="x.pdf")
    assert pages == 1 and not PdfReader(io.BytesIO(made)).is_encrypted


@pytest.mark.parametrize(
    ("data", "media_type", "code"),
    [
        (drawing.encrypted(drawing.sheet(1)), "application/pdf", "encrypted-file"),
        (b"%PDF-1.7 nothing", "application/pdf", "damaged-file"),
        (b"\x89PNG\r\n\x1a\n....", "image/png", "damaged-file"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data, media_type, code):
    with pytest.raises(binding.foreign.Refusal) as refused:
        binding.sheets(data, media_type, name="坏文件")
    assert refused.value.code == code and "坏文件" in refused.value.message


def test_a_child_that_dies_while_binding_is_a_defect_and_leaves_no_process(monkeypatch, tmp_path):
    dying = tmp_path / "bindsandbox.py"
    dying.write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(binding, "SANDBOX", dying)
    with pytest.raises(RuntimeError, match="binding ended"):
        binding.bind([binding.Part(b"%PDF-")], title="x", stamps=b"", out=io.BytesIO())
