"""Backup and restore: what comes back, what is refused, and that a restored place sends nothing."""

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from audit import restoring as seal
from audit.models import Entry, Restoration
from core.errors import Refusal
from notifications.models import Message
from notifications.tasks import send_messages
from portal import invariants
from portal.backup import archive, databases, envelope, files, making, opening, restoring
from portal.backup.errors import BackupError
from portal.celery import SealedTask, app
from tests import season
from tests.world import AT

app.loader.import_default_modules()
ROOT = Path(__file__).parents[2]
KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()


# The envelope ---------------------------------------------------------------------------------


def sealed(data: bytes) -> bytes:
    out = io.BytesIO()
    sealer = envelope.Sealer(out, envelope.keys([KEY])[0])
    for start in range(0, len(data), 70_000):
        sealer.write(data[start : start + 70_000])
    sealer.close()
    return out.getvalue()


def opened(data: bytes, *known: str) -> bytes:
    return envelope.Opener(io.BytesIO(data), envelope.keys(known or [KEY])).read()


@pytest.mark.parametrize(
    "length", [0, 1, envelope.PIECE - 1, envelope.PIECE, envelope.PIECE + 1, 3 * envelope.PIECE]
)
def test_what_was_sealed_comes_out_and_nothing_of_it_is_readable(length: int):
    data = (b"jiebang canary " * (length // 15 + 1))[:length]
    whole = sealed(data)
    assert opened(whole) == data
    assert opened(whole, OTHER, KEY) == data
    assert b"canary" not in whole
    assert sealed(data) != whole, "two backups of the same never look alike"


def test_every_byte_that_is_changed_is_noticed():
    whole = sealed(os.urandom(3000))
    for place in range(0, len(whole), 7):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises(BackupError):
            opened(changed)


@pytest.mark.parametrize("cut", [1, 16, 1000, envelope.PIECE + envelope.TAG])
def test_a_file_cut_short_is_noticed_also_between_two_pieces(cut: int):
    whole = sealed(os.urandom(2 * envelope.PIECE))
    with pytest.raises(BackupError, match="不完整"):
        opened(whole[:-cut])


def test_pieces_that_change_places_and_bytes_that_are_added_are_noticed():
    whole, size = sealed(os.urandom(3 * envelope.PIECE)), envelope.PIECE + envelope.TAG
    head, a, b, c = (
        whole[: envelope.HEADER],
        *(whole[envelope.HEADER + n * size :][:size] for n in range(3)),
    )
    for wrong in (head + b + a + c, head + a + c, head + a + b + c + c, whole + b"x"):
        with pytest.raises(BackupError, match=r"改动|不完整"):
            opened(wrong)


def test_a_wrong_key_no_key_and_another_file_are_told_apart():
    with pytest.raises(BackupError, match="密钥不对"):
        opened(sealed(b"x"), OTHER)
    with pytest.raises(BackupError, match="JIEBANG_BACKUP_KEY"):
        envelope.keys([])
    with pytest.raises(BackupError, match="不是密钥"):
        envelope.keys(["short"])
    with pytest.raises(BackupError, match="不是备份文件"):
        opened(b"PK\x03\x04" + b"0" * 400)


def test_a_list_that_does_not_fit_what_lies_there_is_noticed():
    """Somebody who has the key, or a fault of ours: the list is held against the members."""
    key = envelope.keys([KEY])[0]
    for members in ([["files/a", 3, "0" * 64]], []):
        out = io.BytesIO()
        sealer = envelope.Sealer(out, key)
        said = json.dumps({"made_at": "x", "members": members}).encode()
        with tarfile.open(fileobj=sealer, mode="w|") as tar:
            for name, data in (("files/a", b"abc"), (archive.MANIFEST, said)):
                head = tarfile.TarInfo(name)
                head.size = len(data)
                tar.addfile(head, io.BytesIO(data))
        sealer.close()
        with pytest.raises(BackupError, match="清单不符"):
            archive.check(archive.Reader(io.BytesIO(out.getvalue()), [key]))


# A whole place --------------------------------------------------------------------------------


@pytest.fixture
def backup(transactional_db, settings, tmp_path) -> Path:
    """One filing with its files, in a backup; the place's cache is not wanted in it."""
    settings.JIEBANG_BACKUP_KEY = [KEY]
    season.file(season.begin(), "备份样本")
    default_storage.save("cache/previews/x.png", ContentFile(b"made anew"))
    default_storage.save("uploads/半截/0", ContentFile(os.urandom(3_000_000)))
    path = tmp_path / "one.jbk"
    call_command("backup", path, stdout=io.StringIO())
    return path


class Elsewhere:
    """An empty place beside ours: another database, another folder, processes of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.media = folder, folder / "media"
        folder.mkdir()
        self.env = os.environ | {
            "DATABASE_URL": database,
            "JIEBANG_VAR": str(folder),
            "JIEBANG_MEDIA": str(self.media),
            "JIEBANG_BACKUP_KEY": KEY,
            "EMAIL_URL": "filemail://",
        }

    def manage(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=ROOT,
            env=self.env | more,
            text=True,
            capture_output=True,
            check=False,
            timeout=300,
        )

    def files(self) -> set[str]:
        if not self.media.exists():
            return set()
        return {str(p.relative_to(self.media)) for p in self.media.rglob("*") if p.is_file()}


@pytest.fixture
def elsewhere(tmp_path) -> Elsewhere:
    place = tmp_path / "elsewhere"
    return Elsewhere(place, f"sqlite:///{place}/db.sqlite3")


def rows(place: Elsewhere, words: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(place.folder / "db.sqlite3")) as line:
        return line.execute(words).fetchall()


def test_a_restored_place_holds_everything_is_whole_and_sends_nothing(backup, elsewhere):
    client_rows = connection.cursor().execute("SELECT count(*) FROM accounts_session").fetchone()
    assert client_rows == (0,)
    waiting = Message.objects.filter(state=Message.State.WAITING).count()
    assert waiting > 0
    done = elsewhere.manage("restore", backup)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部相符" in done.stdout
    assert elsewhere.files() == set(files.names())
    assert not [name for name in elsewhere.files() if name.startswith("cache")]
    for name in files.names():
        with default_storage.open(name) as ours:
            assert (elsewhere.media / name).read_bytes() == ours.read()
    number = "SELECT number, title, status FROM applications_application"
    assert rows(elsewhere, number) == connection.cursor().execute(number).fetchall()

    tick = ("shell", "-v0", "-c", "from notifications.tasks import send_messages as s; s()")
    assert elsewhere.manage(*tick).returncode == 0
    state = "SELECT count(*) FROM notifications_message WHERE state = 'waiting'"
    assert rows(elsewhere, state) == [(waiting,)]
    assert not (elsewhere.folder / "mail").exists()

    done = elsewhere.manage("unseal", "--by", "示例甲", "--reason", "主机损坏", "--letters", "send")
    assert done.returncode == 0, done.stderr
    assert elsewhere.manage(*tick).returncode == 0
    assert rows(elsewhere, state) == [(0,)]
    assert list((elsewhere.folder / "mail").iterdir())
    assert elsewhere.manage("check_invariants").returncode == 0
    again = elsewhere.manage("restore", backup)
    assert again.returncode == 1
    assert "数据库不是空的" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.fixture
def empty(backup, settings, tmp_path, monkeypatch) -> Path:
    """An empty place in this process; the database of the tests stays connected."""
    settings.MEDIA_ROOT = tmp_path / "empty"
    monkeypatch.setattr(databases, "_place", lambda: tmp_path / "new" / "db.sqlite3")
    return tmp_path / "new"


def nothing_stands(place: Path) -> bool:
    return list(files.names()) == [] and (not place.exists() or list(place.iterdir()) == [])


@pytest.mark.parametrize("harm", ["key", "cut", "changed", "absent"])
def test_what_cannot_be_trusted_is_refused_and_leaves_nothing(backup, empty, settings, harm):
    data = bytearray(backup.read_bytes())
    if harm == "key":
        settings.JIEBANG_BACKUP_KEY = [OTHER]
        said = "密钥不对"
    elif harm == "cut":
        del data[-20:]
        said = "不完整"
    elif harm == "changed":
        data[len(data) // 2] ^= 4
        said = "改动"
    else:
        data.clear()
        said = "不是备份文件"
    backup.write_bytes(data)
    with pytest.raises(CommandError, match=said):
        call_command("restore", backup)
    assert nothing_stands(empty)


def test_files_that_lie_there_already_are_never_mixed_with_those_of_a_backup(backup, empty):
    default_storage.save("old.txt", ContentFile(b"old"))
    with pytest.raises(CommandError, match="文件存储不是空的"):
        call_command("restore", backup)
    assert list(files.names()) == ["old.txt"]
    assert not empty.exists()


def test_a_backup_of_another_version_is_refused(backup, settings):
    with backup.open("rb") as file:
        reader = archive.Reader(file, envelope.keys([KEY]))
        archive.check(reader)
    restoring.fits(reader.about)
    with pytest.raises(BackupError, match="较新版本"):
        restoring.fits({**reader.about, "migrations": [*reader.about["migrations"], "calls.0999"]})
    with pytest.raises(BackupError, match="不同版本"):
        restoring.fits({**reader.about, "migrations": reader.about["migrations"][1:]})
    with pytest.raises(BackupError, match="不能互换"):
        restoring.fits({**reader.about, "vendor": "oracle"})


def test_a_restore_that_fails_at_the_second_file_takes_all_back(backup, empty, monkeypatch):
    taken = []

    def failing(member):
        if len(taken) == 1:
            raise OSError("No space left on device")
        taken.append(take(member))
        return taken[-1]

    take = files.take
    monkeypatch.setattr(files, "take", failing)
    with pytest.raises(BackupError, match="No space left"):
        restoring.restore(backup, at=timezone.now())
    assert len(taken) == 1
    assert nothing_stands(empty)


@pytest.mark.django_db(transaction=True)
def test_a_backup_overwrites_nothing_and_leaves_no_half_one(settings, tmp_path, monkeypatch):
    settings.JIEBANG_BACKUP_KEY = [KEY]
    path = tmp_path / "one.jbk"
    path.write_bytes(b"mine")
    with pytest.raises(CommandError, match="不覆盖"):
        call_command("backup", path)
    assert path.read_bytes() == b"mine"
    monkeypatch.setattr(files, "put_into", lambda writer: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(CommandError, match="full"):
        call_command("backup", tmp_path / "two.jbk")
    assert [one.name for one in tmp_path.glob("*.jbk*")] == ["one.jbk"]
    settings.JIEBANG_BACKUP_KEY = []
    with pytest.raises(CommandError, match="JIEBANG_BACKUP_KEY"):
        call_command("backup", tmp_path / "three.jbk")
    assert not Entry.objects.filter(action="audit.backup").exists()


def test_a_backup_is_noted_in_the_trail_and_shown_to_the_office(backup, cast_office, client):
    entry = seal.last_backup()
    assert entry.data["bytes"] == backup.stat().st_size
    assert oct(backup.stat().st_mode & 0o777) == "0o600"
    out = io.StringIO()
    call_command("backup", backup, "--check", stdout=out)
    assert "备份完好" in out.getvalue()
    client.force_login(cast_office)
    assert "最近备份" in client.get("/office/jobs/").content.decode()


@pytest.fixture
def cast_office(backup):
    from accounts.models import User

    return User.objects.get(memberships__role="office_operator")


@pytest.mark.django_db(transaction=True)
def test_the_process_that_stays_makes_one_a_day_and_keeps_so_many(settings, tmp_path):
    settings.JIEBANG_BACKUP_KEY = [KEY]
    day = timedelta(hours=24)
    assert making.due(tmp_path, every=day, at=AT)
    made = []
    for n in range(4):
        made.append(tmp_path / making.name(AT + n * day))
        making.make(made[-1], at=AT + n * day)
    assert not making.due(tmp_path, every=day, at=AT + 3 * day + timedelta(hours=23))
    assert making.due(tmp_path, every=day, at=AT + 4 * day)
    (tmp_path / "mine.txt").touch()
    (tmp_path / f"{making.name(AT)}.part").touch()
    assert making.clear(tmp_path, keep=2) == made[:2]
    assert {one.name for one in tmp_path.glob("*") if one.is_file()} == {
        made[2].name,
        made[3].name,
        "mine.txt",
    }


# The seal -------------------------------------------------------------------------------------


@pytest.fixture
def restored(cast):
    now = timezone.now()
    return Restoration.objects.create(restored_at=now, backup_at=now - timedelta(hours=8))


def letter(key: str, *, at, due=None) -> Message:
    return Message.objects.create(
        key=key,
        email="a@example.org",
        kind="x",
        subject="x",
        body="x",
        created_at=at,
        not_before=due or at,
    )


def test_every_task_of_the_house_asks_for_the_seal():
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert len(ours) >= len(app.conf.beat_schedule)
    assert all(isinstance(task, SealedTask) for task in ours)
    assert {task.name for task in ours if task.while_sealed} == {
        "audit.tasks.chain_entries",
        "audit.tasks.run_checks",
    }
    named = {one["task"] for one in app.conf.beat_schedule.values()}
    assert named <= set(app.tasks)


def test_only_the_outbox_sends_mail():
    from tests.architecture.reading import calls, modules, name_of

    senders = {
        path
        for path, tree in modules().items()
        for call in calls(tree)
        if name_of(call)
        in {"EmailMessage", "EmailMultiAlternatives", "send_mail", "get_connection"}
    }
    assert senders == {"notifications/services.py"}


@pytest.mark.parametrize("name", sorted({one["task"] for one in app.conf.beat_schedule.values()}))
def test_a_sealed_place_does_nothing_by_itself(restored, name, monkeypatch):
    task = app.tasks[name]
    monkeypatch.setattr(type(task), "run", lambda self, *args: "ran")
    expected = "ran" if task.while_sealed else None
    assert task() == expected
    Restoration.objects.all().delete()
    assert task() == "ran"


def test_unsealing_holds_or_cancels_what_the_lost_system_may_have_sent(restored, mailoutbox):
    old = letter("old", at=restored.backup_at - timedelta(hours=1))
    later = letter("later", at=restored.backup_at, due=restored.restored_at + timedelta(days=3))
    new = letter("new", at=restored.restored_at)
    send_messages()
    assert mailoutbox == []
    count = opening.unseal(
        by="示例甲", reason="主机损坏", old_letters="hold", at=restored.restored_at
    )
    assert count == 1
    send_messages()
    assert len(mailoutbox) == 1
    for one in (old, later, new):
        one.refresh_from_db()
    assert (old.state, later.state, new.state) == ("held", "waiting", "sent")
    entry = Entry.objects.get(action="audit.unseal")
    assert (entry.actor_name, entry.data["letters"], entry.data["count"]) == ("示例甲", "hold", 1)
    with pytest.raises(Refusal, match="没有封存"):
        opening.unseal(by="示例甲", reason="再来", old_letters="hold", at=restored.restored_at)


def test_unsealing_needs_a_name_and_a_reason_and_fails_whole(restored):
    old = letter("old", at=restored.backup_at - timedelta(hours=1))
    for by, reason in (("", "主机损坏"), ("示例甲", " ")):
        with pytest.raises(Refusal, match="理由"):
            opening.unseal(by=by, reason=reason, old_letters="cancel", at=restored.restored_at)
    old.refresh_from_db()
    assert old.state == "waiting"
    assert seal.sealed() is not None


def test_what_was_sent_while_sealed_breaks_a_promise(restored):
    def broken():
        return [str(one) for one in invariants.CHECKS["R12.nothing_was_sent_while_sealed"]()]

    one = letter("x", at=restored.backup_at)
    one.tries.create(at=restored.backup_at, number=1, error="")
    assert broken() == []
    one.tries.create(at=restored.restored_at + timedelta(minutes=1), number=2, error="away")
    assert len(broken()) == 1


def test_the_office_and_the_watchers_see_that_a_place_is_sealed(restored, cast, client):
    client.force_login(cast.people["office"])
    assert "已封存" in client.get("/office/jobs/").content.decode()
    assert "已封存" in client.get("/office/").content.decode()
    answer = client.get("/readyz/")
    assert answer.status_code == 200
    assert "sealed" in answer.json()["sending"]
    Restoration.objects.all().delete()
    assert client.get("/readyz/").json()["sending"] == "ok"
    assert "已封存" not in client.get("/office/").content.decode()


# PostgreSQL -----------------------------------------------------------------------------------


@pytest.mark.postgres
def test_on_postgresql_too_everything_comes_back_sealed_or_nothing_at_all(backup, tmp_path):
    """Also when no file can be stored after every row has been sent: nothing is committed."""
    name, base = f"restored_{os.getpid()}", connection.settings_dict
    address = f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{name}"
    place = Elsewhere(tmp_path / "elsewhere", address)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        place.media.symlink_to(tmp_path / "gone" / "away")
        done = place.manage("restore", backup)
        assert done.returncode == 1, done.stdout
        assert "没有恢复" in done.stderr
        place.media.unlink()
        done = place.manage("restore", backup)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "全部相符" in done.stdout
        assert place.files() == set(files.names())
        assert "sealed" in place.manage("shell", "-v0", "-c", READY).stdout
        again = place.manage("restore", backup)
        assert "数据库不是空的" in again.stderr
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


READY = (
    "from django.utils import timezone as t; from portal import readiness as r;"
    " print(r.findings(t.now())['sending'])"
)
