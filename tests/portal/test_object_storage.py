"""Files in S3-compatible storage: the same bytes, by hash; away is 503 and nothing half done."""

import io
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Membership, Organisation
from applications.models import Attachment
from audit.models import Entry
from audit.services import Actor
from documents import objectstore, services, storage
from documents.errors import DamagedFile, StorageAway
from documents.models import Blob, Package
from documents.packages import registry
from documents.packages import services as packages
from documents.packages.work import Archive
from portal.backup import archive, databases, envelope, files, restoring
from portal.backup.errors import BackupError
from tests.applications import filling
from tests.documents import samples
from tests.portal import s3door
from tests.world import AT

PATIENCE = objectstore.PATIENCE
ROOT = Path(__file__).parents[2]
KEY = Fernet.generate_key().decode()


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    return client


@pytest.fixture
def key(cast):
    return next(k for k in cast.application.call.programme.attachments if k.max_files > 1).key


def attach(admin, cast, key, data):
    return admin.post(
        filling.url("attach", cast.application, key), {"file": filling.upload("证明.pdf", data)}
    )


def shown(admin, cast):
    made = Attachment.objects.get()
    return admin.get(filling.url("attachment", cast.application, made.public_id))


def test_the_settings_choose_it_where_a_bucket_is_named():
    words = "import portal.settings as s; print(s.STORAGES['default'])"
    env = os.environ | {"JIEBANG_S3_BUCKET": "one", "JIEBANG_S3_ENDPOINT": "http://127.0.0.1:9"}
    run = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert "'documents.objectstore.ObjectStorage'" in run.stdout
    assert "'bucket_name': 'one'" in run.stdout


# Evidence ---------------------------------------------------------------------------------------


def test_evidence_comes_back_byte_for_byte(door, cast, admin, key):
    data = filling.pdf(3)
    assert attach(admin, cast, key, data).status_code == 302
    blob = Blob.objects.get()
    assert door.objects == {blob.path: data}
    answer = shown(admin, cast)
    assert answer.status_code == 200
    assert b"".join(answer) == data if answer.streaming else answer.content == data


def test_evidence_that_is_not_what_was_stored_is_never_handed_out(door, cast, admin, key):
    attach(admin, cast, key, filling.pdf(3))
    good = Blob.objects.get()
    whole = door.objects[good.path]
    for harmed in (whole[:-9] + b"x" + whole[-8:], whole[:100], b"", None):
        if harmed is None:
            del door.objects[good.path]
        else:
            door.objects[good.path] = harmed
        with pytest.raises(DamagedFile):
            services.read(good)
        assert shown(admin, cast).status_code == 500
        services.store(whole, media_type="application/pdf", at=AT)
        assert services.read(good) == whole, "storing the right bytes again heals it"


def test_storage_that_is_away_is_503_and_leaves_nothing(door, cast, admin, key):
    before = Entry.objects.count()
    for away, refuse in ((True, set()), (False, {"PUT"}), (False, {"PUT", "GET", "HEAD"})):
        door.away, door.refuse = away, refuse
        answer = attach(admin, cast, key, filling.pdf(3))
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert "没有办成" in answer.content.decode()
        assert not Attachment.objects.exists() and not Blob.objects.exists()
        assert Entry.objects.count() == before
        assert door.objects == {}
    door.refuse = set()
    assert attach(admin, cast, key, filling.pdf(3)).status_code == 302
    assert Attachment.objects.count() == 1


def test_evidence_that_cannot_be_fetched_now_is_503_and_not_an_empty_file(door, cast, admin, key):
    attach(admin, cast, key, filling.pdf(3))
    door.refuse = {"GET"}  # what is asked first, the head, still comes
    answer = shown(admin, cast)
    assert answer.status_code == 503
    assert b"%PDF" not in answer.content
    door.refuse = set()
    assert shown(admin, cast).status_code == 200


# What lies there --------------------------------------------------------------------------------


def test_nothing_is_overwritten_and_lists_turn_their_pages(door):
    names = [f"a/{n}.txt" for n in range(2 * s3door.PAGE + 1)] + ["a/更深/一.txt", "b.txt"]
    for name in names:
        assert default_storage.save(name, ContentFile(name.encode())) == name
    assert sorted(files.names()) == sorted(names)
    other = default_storage.save("b.txt", ContentFile(b"other"))
    assert other != "b.txt"
    assert door.objects["b.txt"] == b"b.txt"
    with pytest.raises(DamagedFile, match="taken"):
        storage.write_file("b.txt", io.BytesIO(b"other"))
    assert door.objects["b.txt"] == b"b.txt"


def test_a_large_file_goes_in_parts_and_comes_back_whole(door):
    data = os.urandom(9 * 1024 * 1024)
    sha256 = storage.write_file("packages/large.zip", io.BytesIO(data))
    assert ("POST", "packages/large.zip") in door.asked
    assert door.objects == {"packages/large.zip": data}
    storage.verify("packages/large.zip", sha256=sha256)
    assert storage.read("packages/large.zip", sha256=sha256) == data
    storage.delete("packages/large.zip")
    assert door.objects == door.parts == {}
    storage.delete("packages/large.zip")


# Papers and packages ----------------------------------------------------------------------------


@pytest.fixture
def package(door, cast, monkeypatch):
    def build(package, work):
        work.expect(1)
        with Archive(work) as made:
            made.add("一.txt", b"one")
            work.step()

    kind = registry.Builder(
        "test-kind", "测试", build, lambda package, held: True, lambda package: "/packages/"
    )
    monkeypatch.setitem(registry._builders, kind.kind, kind)
    return packages.request(
        kind=kind.kind,
        subject=cast.province,
        title="示例打包",
        acting=Membership.objects.get(user=cast.people["operator"]),
        actor=cast.actor("operator"),
        at=AT,
    )


def test_a_package_waits_for_the_storage_and_is_handed_out_whole(door, client, cast, package):
    door.refuse = {"PUT"}
    assert packages.build_waiting(at=AT + timedelta(seconds=1)) == 0
    package.refresh_from_db()
    assert (package.state, package.path) == ("waiting", "")
    assert door.objects == {}
    door.refuse = set()
    assert packages.build_waiting(at=AT + timedelta(minutes=5)) == 1
    package = Package.objects.get()
    client.force_login(cast.people["operator"], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("documents:package_file", args=[package.public_id])
    answer = client.get(address)
    assert answer.status_code == 200, address
    whole = b"".join(answer)
    assert whole == door.objects[package.path]
    assert zipfile.ZipFile(io.BytesIO(whole)).read("一.txt") == b"one"
    door.objects[package.path] = whole[:-1]
    client.raise_request_exception = False
    assert client.get(address).status_code == 500
    door.away = True
    assert client.get(address).status_code == 503


@pytest.mark.django_db(transaction=True)
def test_papers_and_a_backup_go_through_it(door, settings, tmp_path, monkeypatch):
    unit = Organisation.objects.create(
        kind=Organisation.Kind.PROVINCE, name="示例省工业和信息化厅", region="430000", created_at=AT
    )
    paper = services.request_document(
        kind="receipt",
        subject=unit,
        snapshot=samples.receipt(),
        title="回执",
        organisation=unit,
        at=AT,
        actor=Actor("赵示例"),
    )
    drawn = services.draw(paper)
    monkeypatch.setattr(services, "draw", lambda document: drawn)
    door.refuse = {"PUT"}
    assert services.render_waiting(at=AT) == 0
    paper.refresh_from_db()
    assert (paper.state, paper.pdf_id, paper.attempts) == ("waiting", None, 1)
    assert "SlowDown" in paper.last_error
    door.refuse = set()
    assert services.render_waiting(at=AT + timedelta(hours=1)) == 1
    paper.refresh_from_db()
    assert door.objects == {paper.pdf.path: drawn}
    assert services.read(paper.pdf) == drawn

    settings.JIEBANG_BACKUP_KEY = [KEY]
    path = tmp_path / "one.jbk"
    door.refuse = {"GET"}
    with pytest.raises(Exception, match="SlowDown"):
        call_command("backup", path, stdout=io.StringIO())
    assert list(tmp_path.glob("*.jbk*")) == []
    door.refuse = set()
    call_command("backup", path, stdout=io.StringIO())
    held = dict(door.objects)
    with s3door.opened() as other:
        s3door.use(other, settings)
        monkeypatch.setattr(databases, "is_empty", lambda: True)
        monkeypatch.setattr(databases, "_place", lambda: tmp_path / "new" / "db.sqlite3")
        other.refuse = {"PUT"}
        with pytest.raises(BackupError, match="没有恢复"):
            restoring.restore(path, at=AT)
        assert other.objects == {}
        other.refuse = set()
        with path.open("rb") as file:
            for member in archive.Reader(file, envelope.keys([KEY])):
                if member.name.startswith(archive.FILES):
                    files.take(member)
        assert other.objects == held


def test_storage_that_hangs_up_is_away_and_patience_is_short(door):
    door.away = True
    with pytest.raises(StorageAway):
        default_storage.exists("a")
    assert (PATIENCE.connect_timeout, PATIENCE.retries["total_max_attempts"]) == (3, 2)
    assert PATIENCE.read_timeout <= 15
