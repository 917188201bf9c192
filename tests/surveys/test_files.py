"""Files beside an answer: by whom added, by whom seen, and until when."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import links
from audit.models import Entry
from core.errors import Refusal
from surveys import services
from surveys.models import File
from tests.applications import filling
from tests.surveys import scene
from tests.surveys.test_pages import text
from tests.world import AT

KEY = "material"


@pytest.fixture
def made(db):
    return scene.build(n=2)


def add(made, n=0, *, name="材料.pdf", data=None):
    return services.attach(
        made.request(n),
        key=KEY,
        name=name,
        data=data or filling.pdf(2, mark=name),
        actor=made.actor("filler"),
        at=AT,
    )


def url(name, made, *more, n=0):
    return reverse(f"surveys:{name}", args=[made.request(n).public_id, *more])


def upload(name="材料.pdf", pages=2):
    return SimpleUploadedFile(name, filling.pdf(pages), content_type="application/pdf")


def test_a_unit_uploads_reads_and_removes_in_its_account(made):
    client = made.client("filler")
    sent = client.post(url("attach", made, KEY), {"file": upload()})
    assert sent.status_code == 302
    file = File.objects.get()
    assert (file.name, file.pages, file.uploaded_by) == ("材料.pdf", 2, "王示例")
    assert "材料.pdf" in text(client.get(url("answer", made)))
    got = client.get(url("file", made, file.public_id))
    assert got.content == filling.pdf(2)
    assert got["Content-Disposition"].startswith("attachment")
    assert client.post(url("detach", made, file.public_id)).status_code == 302
    assert client.get(url("file", made, file.public_id)).status_code == 404


def test_a_unit_uploads_by_its_link(made):
    token = links.token(made.request(1).link)
    client = Client()
    page = reverse("surveys:link_attach", args=[token, KEY])
    assert client.post(page, {"file": upload()}).status_code == 302
    file = File.objects.get(request=made.request(1))
    assert file.uploaded_by.endswith("（凭链接）")
    there = reverse("surveys:link_file", args=[token, file.public_id])
    assert client.get(there).status_code == 200
    other = reverse("surveys:link_file", args=[token, add(made).public_id])
    assert client.get(other).status_code == 404


def test_what_is_wrong_with_a_file_is_said_at_its_kind_and_the_page_keeps_its_text(made):
    client = made.client("filler")
    client.post(url("autosave", made), scene.posted())
    bad = SimpleUploadedFile("材料.exe", b"MZ", content_type="application/pdf")
    for sent, words in (({"file": bad}, "材料.exe"), ({}, "没有选择文件")):
        page = client.post(url("attach", made, KEY), sent)
        assert page.status_code == 422
        assert words in text(page) and "示例技术" in text(page)
    assert client.post(url("attach", made, "nothing"), {"file": upload()}).status_code == 422
    assert not File.objects.exists()


def test_the_same_file_and_one_too_many_are_refused(made):
    add(made)
    with pytest.raises(Refusal, match="完全相同"):
        add(made)
    add(made, name="二.pdf")
    add(made, name="三.pdf")
    with pytest.raises(Refusal, match="最多 3 份"):
        add(made, name="四.pdf")
    assert File.objects.count() == 3


def test_levels_see_what_was_submitted_and_nothing_of_a_draft(made):
    first = add(made)
    district = made.client("district")
    assert district.get(url("checked_file", made, first.public_id)).status_code == 404
    scene.answer(made, 0)
    assert made.request(0).answer.submissions.get().files == [first.public_id]
    assert "材料.pdf" in text(district.get(url("detail", made)))
    got = district.get(url("checked_file", made, first.public_id))
    assert got.status_code == 200
    other = made.client("other")
    assert other.get(url("checked_file", made, first.public_id)).status_code == 404


def test_after_submitting_files_are_locked(made):
    file = add(made)
    scene.answer(made, 0)
    with pytest.raises(Refusal, match="已经提交"):
        add(made, name="二.pdf")
    with pytest.raises(Refusal, match="已经提交"):
        services.detach(made.request(0), file, actor=made.actor("filler"), at=AT)


@pytest.mark.django_db
def test_a_required_file_blocks_the_submission_until_it_is_there():
    spec = scene.rules()
    (kind,) = spec.attachments
    spec = spec.model_copy(update={"attachments": (kind.model_copy(update={"required": True}),)})
    made = scene.build(n=1, spec=spec)
    client = made.client("filler")
    page = client.post(url("answer", made), scene.posted(action="submit"))
    assert page.status_code == 422
    assert "请上传这份材料" in text(page)
    add(made)
    version = made.request(0).answer.version
    sent = client.post(url("answer", made), scene.posted(version=version, action="submit"))
    assert sent.status_code == 302


def test_removing_twice_is_refused_and_each_act_has_its_entry(made):
    file = add(made)
    services.detach(made.request(0), file, actor=made.actor("filler"), at=AT)
    with pytest.raises(Refusal, match="已经移除"):
        services.detach(made.request(0), file, actor=made.actor("filler"), at=AT)
    acts = list(Entry.objects.filter(action__in=["surveys.attach", "surveys.detach"]))
    assert [one.action for one in acts] == ["surveys.attach", "surveys.detach"]


def test_a_viewer_reads_files_and_changes_none(made):
    file = add(made)
    viewer = made.client("viewer")
    assert viewer.get(url("file", made, file.public_id)).status_code == 200
    assert viewer.post(url("attach", made, KEY), {"file": io.BytesIO(b"x")}).status_code == 403
    assert viewer.post(url("detach", made, file.public_id)).status_code == 403
