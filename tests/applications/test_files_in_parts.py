"""Large files in parts: a lost connection loses nothing; nothing is taken that was not judged."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from applications import incoming, tasks
from applications.models import Attachment, Upload
from calls.models import Call
from tests.applications import filling
from tests.applications.filling import url
from tests.world import AT

PART = 1000


def signed_in(cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(cast):
    return signed_in(cast, "admin")


@pytest.fixture
def kind(cast):
    return next(k for k in cast.application.call.programme.attachments if k.max_files > 1)


@pytest.fixture
def data():
    return filling.pdf(40)


def begin(client, cast, kind, data, *, name="大文件.pdf", **more):
    posted = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **more}
    return client.post(url("upload_begin", cast.application, kind.key), posted)


def send(client, state, data, offset, *, length=PART):
    return client.post(
        f"{state['url']}?offset={offset}",
        data[offset : offset + length],
        content_type="application/octet-stream",
    )


def send_rest(client, state, data, *, offset=0):
    while offset < len(data):
        answer = send(client, state, data, offset)
        assert answer.status_code == 200, answer.content
        offset = answer.json()["offset"]


def stored_parts() -> list[str]:
    if not default_storage.exists("uploads"):
        return []
    folders, _ = default_storage.listdir("uploads")
    return [name for one in folders for name in default_storage.listdir(f"uploads/{one}")[1]]


def test_a_file_sent_in_parts_is_the_file(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    assert state["offset"] == 0
    send_rest(admin, state, data)
    answer = admin.post(state["finish"])
    assert answer.status_code == 200
    made = Attachment.objects.get()
    assert answer.json() == {"file": made.public_id, "name": "大文件.pdf", "pages": 40}
    assert made.blob_id == hashlib.sha256(data).hexdigest()
    assert stored_parts() == []


def test_after_a_loss_the_same_file_goes_on_where_it_was(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send(admin, state, data, 0)
    send(admin, state, data, PART)
    again = begin(admin, cast, kind, data, name="改了名.pdf").json()
    assert (again["url"], again["offset"]) == (state["url"], 2 * PART)
    assert admin.get(state["url"]).json()["offset"] == 2 * PART
    send_rest(admin, again, data, offset=2 * PART)
    assert admin.post(again["finish"]).json()["name"] == "改了名.pdf"


def test_a_part_sent_twice_or_too_early_is_told_where_we_are(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send(admin, state, data, 0)
    for offset in (0, 2 * PART, 1):
        answer = send(admin, state, data, offset)
        assert (answer.status_code, answer.json()["offset"]) == (409, PART)
    assert len(stored_parts()) == 1
    early = admin.post(state["finish"])
    assert (early.status_code, early.json()["offset"]) == (409, PART)
    assert not Attachment.objects.exists()


def test_a_lost_answer_to_finishing_changes_nothing(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send_rest(admin, state, data)
    first, second = admin.post(state["finish"]), admin.post(state["finish"])
    assert first.json() == second.json()
    assert Attachment.objects.count() == 1
    assert admin.get(state["url"]).json()["offset"] == len(data)


@pytest.mark.parametrize("offset", ["", "-1", "x", "9" * 30, "½"])
def test_a_senseless_offset_is_told_where_we_are_or_refused(cast, admin, kind, data, offset):
    state = begin(admin, cast, kind, data).json()
    answer = admin.post(
        f"{state['url']}?offset={offset}", b"x", content_type="application/octet-stream"
    )
    assert answer.status_code in (409, 422)
    assert stored_parts() == []


def test_parts_that_are_empty_too_large_or_too_long_are_refused(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    for body in (b"", data + b"x", b"0" * (2 * incoming.PART + 1), b"0" * 9_000_000):
        answer = admin.post(
            f"{state['url']}?offset=0", body, content_type="application/octet-stream"
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-part")
    assert stored_parts() == []


def test_bytes_that_changed_on_the_way_are_refused_and_given_up(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send_rest(admin, state, b"%PDF-" + b"0" * (len(data) - 5))
    answer = admin.post(state["finish"])
    assert (answer.status_code, answer.json()["code"]) == (422, "changed-on-the-way")
    assert not Upload.objects.exists() and not Attachment.objects.exists()
    assert stored_parts() == []


def test_what_is_wrong_with_the_whole_is_said_at_the_end(cast, admin, kind):
    data = filling.pdf(password="geheim")
    state = begin(admin, cast, kind, data).json()
    send_rest(admin, state, data)
    answer = admin.post(state["finish"])
    assert (answer.status_code, answer.json()["code"]) == (422, "encrypted-file")
    assert "密码" in answer.json()["message"]
    assert not Upload.objects.exists() and stored_parts() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "a.exe"}, "wrong-type"),
        ({"size": "0"}, "empty-file"),
        ({"size": "-3"}, "empty-file"),
        ({"size": "many"}, "empty-file"),
        ({"size": str(10**12)}, "too-large"),
    ],
)
def test_what_can_be_said_before_a_byte_is_sent_is_said_then(cast, admin, kind, data, change, code):
    answer = begin(admin, cast, kind, data, **change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Upload.objects.exists()


def test_a_file_that_is_there_already_is_not_sent_again(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send_rest(admin, state, data)
    admin.post(state["finish"])
    answer = begin(admin, cast, kind, data)
    assert (answer.status_code, answer.json()["code"]) == (422, "already-there")


def test_a_kind_that_is_full_is_said_before_sending(cast, admin, data):
    kind = next(k for k in cast.application.call.programme.attachments if k.max_files == 1)
    admin.post(url("attach", cast.application, kind.key), {"file": filling.upload("一.pdf")})
    answer = begin(admin, cast, kind, data)
    assert (answer.status_code, answer.json()["code"]) == (422, "too-many")
    there = Attachment.objects.get()
    state = begin(admin, cast, kind, data, replaces=there.public_id).json()
    send_rest(admin, state, data)
    assert admin.post(state["finish"]).status_code == 200
    there.refresh_from_db()
    assert there.removed_at is not None
    assert Attachment.objects.get(removed_at=None).replaces == there


def test_a_colleague_cannot_meddle_with_an_upload(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    colleague = signed_in(cast, "editor")
    assert colleague.get(state["url"]).status_code == 404
    for address in (f"{state['url']}?offset=0", state["finish"], state["cancel"]):
        answer = colleague.post(address, b"x", content_type="application/octet-stream")
        assert answer.status_code == 404
    assert Upload.objects.get().received == 0


def test_a_cancelled_upload_leaves_nothing(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send(admin, state, data, 0)
    assert admin.post(state["cancel"]).status_code == 200
    assert not Upload.objects.exists() and stored_parts() == []
    assert send(admin, state, data, PART).status_code == 404


def test_a_part_of_an_upload_that_is_cancelled_meanwhile_is_refused(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    upload = Upload.objects.get()
    admin.post(state["cancel"])
    with pytest.raises(incoming.Refusal, match="取消"):
        incoming.receive(upload, offset=0, data=b"x", at=AT)
    assert stored_parts() == []


def test_only_so_many_files_are_on_their_way_at_once(cast, admin, kind, data, monkeypatch):
    monkeypatch.setattr(incoming, "MOST_OPEN", 2)
    for n in range(2):
        assert begin(admin, cast, kind, data, sha256=f"{n:064x}").status_code == 200
    answer = begin(admin, cast, kind, data, sha256=f"{3:064x}")
    assert (answer.status_code, answer.json()["code"]) == (422, "too-many-open")
    assert begin(admin, cast, kind, data, sha256=f"{1:064x}").status_code == 200


def test_what_nobody_finishes_is_swept_after_a_day_and_not_before(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send(admin, state, data, 0)
    tasks.sweep_uploads()
    assert Upload.objects.count() == 1
    Upload.objects.update(touched_at=AT - incoming.LIFE - timedelta(hours=1))
    tasks.sweep_uploads()
    assert not Upload.objects.exists() and stored_parts() == []


def test_after_the_deadline_nothing_is_begun_and_nothing_finished(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send_rest(admin, state, data)
    Call.objects.update(filing_until=AT - timedelta(hours=1))
    late = admin.post(state["finish"])
    assert (late.status_code, late.json()["code"]) == (409, "deadline-passed")
    assert begin(admin, cast, kind, data).status_code == 409
    assert not Attachment.objects.exists()


def test_parts_that_no_row_names_are_swept(cast, admin, kind, data):
    state = begin(admin, cast, kind, data).json()
    send(admin, state, data, 0)
    default_storage.save("uploads/nobody/0-x", ContentFile(b"x"))
    tasks.sweep_uploads()
    assert len(stored_parts()) == 1
    assert admin.get(state["url"]).json()["offset"] == PART
    assert not default_storage.exists("uploads/nobody")
