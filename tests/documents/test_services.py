"""Bytes under their hash, documents as rows, the renderer's queue, numbers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Organisation
from audit.models import Entry
from audit.services import Actor
from core.errors import Refusal
from documents import rendering, services
from documents.errors import DamagedFile
from documents.fingerprints import fingerprint
from documents.models import Blob, Counter, Document
from tests.documents import drawing, samples

pytestmark = pytest.mark.django_db
ACTOR = Actor("赵示例")


@pytest.fixture
def unit(at):
    return Organisation.objects.create(
        kind=Organisation.Kind.PROVINCE, name="示例省工业和信息化厅", region="430000", created_at=at
    )


def ask(unit, at, *, snapshot=None, kind="receipt", **more) -> Document:
    return services.request_document(
        kind=kind,
        subject=unit,
        snapshot=samples.receipt() if snapshot is None else snapshot,
        title="回执",
        organisation=unit,
        at=at,
        actor=ACTOR,
        **more,
    )


def actions() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


# ── bytes ────────────────────────────────────────────────────────────────────────────────────


def test_storing_the_same_bytes_twice_keeps_them_once(at, settings):
    first = services.store(b"content", name="a.txt", media_type="text/plain", at=at)
    second = services.store(b"content", name="b.txt", media_type="text/plain", at=at)
    assert first == second
    assert Blob.objects.count() == 1
    assert services.read(first) == b"content"
    files = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert [path.name for path in files] == [first.sha256]
    assert files[0].parts[-3:-1] == (first.sha256[:2], first.sha256[2:4])


def test_bytes_changed_on_disk_are_refused_and_storing_again_heals_them(at, settings):
    blob = services.store(b"content", media_type="text/plain", at=at)
    path = settings.MEDIA_ROOT / blob.path
    path.chmod(0o644)
    path.write_bytes(b"c0ntent")
    with pytest.raises(DamagedFile):
        services.read(blob)
    services.store(b"content", media_type="text/plain", at=at)
    assert services.read(blob) == b"content"


def test_missing_bytes_are_a_damaged_file(at, settings):
    blob = services.store(b"content", media_type="text/plain", at=at)
    (settings.MEDIA_ROOT / blob.path).unlink()
    with pytest.raises(DamagedFile):
        services.read(blob)


def test_an_empty_file_is_refused_and_nothing_is_kept(at):
    with pytest.raises(Refusal, match="空"):
        services.store(b"", media_type="text/plain", at=at)
    assert not Blob.objects.exists()


def test_when_the_disk_does_not_take_the_bytes_there_is_no_row(at, monkeypatch):
    def full(name, content, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("documents.storage.default_storage.save", full)
    with pytest.raises(OSError, match="No space"):
        services.store(b"content", media_type="text/plain", at=at)
    assert not Blob.objects.exists()


# ── asking ───────────────────────────────────────────────────────────────────────────────────


def test_a_document_is_a_waiting_row_with_code_fingerprint_and_trail(unit, at):
    document = ask(unit, at)
    assert document.state == "waiting"
    assert len(document.code) == 10
    assert document.fingerprint == fingerprint(samples.receipt())
    assert document.shown_fingerprint == samples.FINGERPRINT
    assert (document.number, document.version) == ("JB-2021-000123", 5)
    assert document.subject == f"accounts.organisation:{unit.pk}"
    assert document.host == "127.0.0.1:8000"
    assert actions() == ["documents.request"]


def test_asking_twice_for_the_same_content_gives_one_document(unit, at):
    assert ask(unit, at) == ask(unit, at + timedelta(hours=1))
    assert Document.objects.count() == 1
    assert actions() == ["documents.request"]


def test_other_content_gives_another_document_with_another_code(unit, at):
    other = ask(unit, at, snapshot=samples.receipt() | {"version": 6})
    first = ask(unit, at)
    assert {first.version, other.version} == {5, 6}
    assert first.code != other.code


def test_an_unknown_kind_is_a_defect(unit, at):
    with pytest.raises(ValueError, match="unknown kind"):
        ask(unit, at, kind="poster")


def test_when_the_act_fails_its_document_is_not_asked_for(unit, at):
    with pytest.raises(RuntimeError), transaction.atomic():
        ask(unit, at)
        raise RuntimeError
    assert not Document.objects.exists()
    assert not Entry.objects.exists()


def test_when_the_trail_cannot_be_written_there_is_no_document(unit, at, monkeypatch):
    def broken(**kwargs):
        raise RuntimeError

    monkeypatch.setattr("documents.services.audit.record", broken)
    with pytest.raises(RuntimeError):
        ask(unit, at)
    assert not Document.objects.exists()


def test_a_broker_that_is_away_does_not_hinder(
    unit, at, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr("documents.services.current_app.send_task", away)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        ask(unit, at)
    assert len(callbacks) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "ready"},
        {"state": "rendering"},
        {"state": "failed"},
        {"void_reason": "x"},
        {"state": "unknown"},
    ],
)
def test_the_database_keeps_state_and_columns_together(unit, at, wrong):
    document = ask(unit, at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(**wrong)


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


def test_the_worker_draws_what_waits_and_a_second_run_finds_nothing(unit, at):
    document = ask(unit, at)
    assert services.render_waiting(at=at) == 1
    assert services.render_waiting(at=at) == 0
    document.refresh_from_db()
    assert document.is_ready
    assert document.pages == 1
    assert document.file_sha256 == document.pdf_id
    assert services.read(document.pdf).startswith(b"%PDF-")
    assert actions() == ["documents.request", "documents.claim", "documents.ready"]


def test_the_stored_pdf_is_what_the_snapshot_gives_again(unit, at):
    document = ask(unit, at)
    services.render_waiting(at=at)
    document.refresh_from_db()
    assert services.draw(document) == services.read(document.pdf)
    assert document.template_version == rendering.template_version("documents/receipt.html")


def test_a_killed_worker_leaves_a_claim_that_expires_and_one_pdf_is_made(unit, at, monkeypatch):
    document = ask(unit, at)

    class Killed(BaseException):
        pass

    def killed(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("documents.services.rendering.render", killed)
        with pytest.raises(Killed):
            services.render_waiting(at=at)
    document.refresh_from_db()
    assert document.state == "rendering"
    assert services.render_waiting(at=at + services.LEASE - timedelta(seconds=1)) == 0
    assert services.render_waiting(at=at + services.LEASE + timedelta(seconds=1)) == 1
    document.refresh_from_db()
    assert (document.state, document.attempts) == ("ready", 2)
    assert Blob.objects.count() == 1


def test_killed_between_storing_and_marking_the_bytes_are_used_again(unit, at, monkeypatch):
    document = ask(unit, at)

    class Killed(BaseException):
        pass

    real = services.store

    def killed_after(*args, **kwargs):
        real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("documents.services.store", killed_after)
        with pytest.raises(Killed):
            services.render_waiting(at=at)
    services.render_waiting(at=at + services.LEASE + timedelta(seconds=1))
    document.refresh_from_db()
    assert document.is_ready
    assert Blob.objects.count() == 1


def test_a_slow_worker_whose_claim_ran_out_does_not_overwrite(unit, at, monkeypatch):
    document = ask(unit, at)
    real = rendering.render
    later = at + services.LEASE + timedelta(seconds=1)

    def overtaken(*args, **kwargs):
        with monkeypatch.context() as patch:
            patch.setattr("documents.services.rendering.render", real)
            assert services.render_waiting(at=later) == 1
        return real(*args, **kwargs)

    monkeypatch.setattr("documents.services.rendering.render", overtaken)
    assert services.render_waiting(at=at) == 0
    document.refresh_from_db()
    assert document.is_ready
    assert actions().count("documents.ready") == 1


def test_a_failure_is_tried_again_with_patience_and_kept_in_words_at_last(unit, at, monkeypatch):
    document = ask(unit, at)

    def broken(*args, **kwargs):
        raise RuntimeError("no ink")

    with monkeypatch.context() as patch:
        patch.setattr("documents.services.rendering.render", broken)
        assert services.render_waiting(at=at) == 0
        document.refresh_from_db()
        assert (document.state, document.last_error) == ("waiting", "RuntimeError: no ink")
        assert services.render_waiting(at=at + timedelta(seconds=5)) == 0
        document.refresh_from_db()
        assert document.attempts == 1
        for day in range(1, services.ATTEMPTS):
            services.render_waiting(at=at + timedelta(days=day))
    document.refresh_from_db()
    assert (document.state, document.attempts) == ("failed", services.ATTEMPTS)
    assert actions()[-1] == "documents.failed"

    services.retry(document, actor=ACTOR, at=at + timedelta(days=9))
    assert services.render_waiting(at=at + timedelta(days=9)) == 1
    with pytest.raises(Refusal):
        services.retry(document, actor=ACTOR, at=at + timedelta(days=9))


def test_a_document_that_kills_every_worker_is_given_up(unit, at):
    document = ask(unit, at)
    Document.objects.filter(pk=document.pk).update(
        state="rendering", claimed_until=at - timedelta(seconds=1), attempts=services.ATTEMPTS
    )
    assert services.render_waiting(at=at) == 0
    document.refresh_from_db()
    assert document.state == "failed"
    assert "中断" in document.last_error


def test_one_broken_document_does_not_hold_up_the_others(unit, at):
    bad = ask(unit, at, snapshot=samples.receipt() | {"title": "坏的"})
    snapshot = {name: held for name, held in bad.snapshot.items() if name != "content_fingerprint"}
    Document.objects.filter(pk=bad.pk).update(snapshot=snapshot)
    good = ask(unit, at)
    assert services.render_waiting(at=at) == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("waiting", "ready")
    assert "content_fingerprint" in bad.last_error


def test_a_registered_seal_is_fetched_by_its_hash(unit, at):
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGBA", (90, 90), (200, 16, 46, 200)).save(out, "PNG")
    seal = services.store(out.getvalue(), media_type="image/png", at=at)
    snapshot = samples.summary_sheet(2) | {"seal": {"sha256": seal.sha256, "mm": 45}}
    document = ask(unit, at, snapshot=snapshot, kind="summary_sheet")
    assert services.render_waiting(at=at) == 1
    document.refresh_from_db()
    last = drawing.pictures(services.read(document.pdf), 60)[-1]
    assert sum(1 for r, g, b in last.get_flattened_data() if r - max(g, b) > 60) > 200


def test_the_demonstration_seal_is_known_by_its_hash(unit, at):
    seal = {"sha256": rendering.demo_seal_sha256(), "mm": 45}
    document = ask(
        unit, at, snapshot=samples.summary_sheet(2) | {"seal": seal}, kind="summary_sheet"
    )
    assert services.render_waiting(at=at) == 1
    document.refresh_from_db()
    assert "演示印章" in drawing.texts(services.read(document.pdf))[-1]


def test_a_draft_is_made_at_once_and_nothing_is_kept(at):
    data = services.draft(kind="application_form", snapshot=samples.application_form())
    assert data.startswith(b"%PDF-")
    assert not Document.objects.exists()
    assert not Blob.objects.exists()


def test_a_draft_with_an_unprintable_character_is_refused_by_name():
    with pytest.raises(Refusal, match="U\\+20BB7"):
        services.draft(
            kind="application_form", snapshot=samples.application_form(rare_name="\U00020bb7")
        )


# ── voiding ──────────────────────────────────────────────────────────────────────────────────


def test_a_voided_document_says_why_and_what_replaces_it(unit, at):
    old = ask(unit, at)
    new = ask(unit, at, snapshot=samples.receipt() | {"version": 6})
    services.void(old, reason="名单改动", at=at, replaced_by=new, actor=ACTOR)
    services.void(old, reason="再说一次", at=at + timedelta(hours=1), actor=ACTOR)
    old.refresh_from_db()
    assert (old.voided_at, old.void_reason, old.replaced_by) == (at, "名单改动", new)
    assert actions().count("documents.void") == 1


def test_the_replacement_may_be_named_afterwards(unit, at):
    old = ask(unit, at)
    services.void(old, reason="名单改动", at=at)
    new = ask(unit, at, snapshot=samples.receipt() | {"version": 6})
    services.void(old, reason="不看", at=at, replaced_by=new)
    old.refresh_from_db()
    assert (old.void_reason, old.replaced_by) == ("名单改动", new)


def test_a_voided_document_is_not_drawn_and_its_content_may_be_asked_for_again(unit, at):
    old = ask(unit, at)
    services.void(old, reason="名单改动", at=at)
    assert services.render_waiting(at=at) == 0
    assert ask(unit, at) != old


def test_documents_of_a_subject_are_found_by_kind(unit, at):
    document = ask(unit, at)
    assert list(services.of(unit, "receipt")) == [document]
    assert list(services.of(unit, "notice")) == []


# ── numbers ──────────────────────────────────────────────────────────────────────────────────


def test_numbers_of_a_series_run_without_gaps_even_over_failed_acts(db):
    assert services.next_number("a") == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        assert services.next_number("a") == 2
        raise RuntimeError
    assert [services.next_number("a") for _ in range(3)] == [2, 3, 4]
    assert services.next_number("b") == 1
    assert Counter.objects.get(series="a").value == 4


def test_the_file_hash_column_must_be_that_of_the_blob(unit, at):
    document = ask(unit, at)
    services.render_waiting(at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(file_sha256=F("fingerprint"))


@pytest.mark.postgres
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_threads_taking_numbers_get_each_number_once():
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def take(_):
        try:
            return [services.next_number("race") for _ in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = [number for numbers in pool.map(take, range(8)) for number in numbers]
    assert sorted(taken) == list(range(1, 41))


@pytest.mark.postgres
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_four_renderers_at_once_make_each_pdf_once(at):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    unit = Organisation.objects.create(
        kind=Organisation.Kind.PROVINCE, name="示例省工业和信息化厅", region="430000", created_at=at
    )
    for version in range(1, 9):
        ask(unit, at, snapshot=samples.receipt() | {"version": version})

    def work(_):
        try:
            return services.render_waiting(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 8
    assert Document.objects.filter(state="ready", attempts=1).count() == 8
    assert actions().count("documents.ready") == 8
