"""The worker's queue of seals, keys under lock, and what is refused at the door."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from core.errors import Refusal
from documents import sealing, sealkeys, services, signing
from documents.models import Document, Signing, SigningKey
from tests import world
from tests.documents import sealed

pytestmark = pytest.mark.django_db


def state(found: Signing) -> str:
    found.refresh_from_db()
    return found.state


def test_a_drawn_sheet_is_sealed_by_the_worker_and_stays_as_it_was_drawn(at):
    found = sealed.asked(sealed.unit(), at=at)
    before = Document.objects.get(pk=found.document_id)
    assert sealing.sign_waiting(at=at) == 1
    assert state(found) == "ready"
    data = services.read(found.pdf)
    assert data.startswith(services.read(before.pdf))
    (said,) = signing.judge(data, roots=[sealed.root()])
    assert said.intact and said.whole and said.trusted and said.sha256 == found.key.sha256
    after = Document.objects.get(pk=found.document_id)
    assert (after.pdf_id, after.file_sha256) == (before.pdf_id, before.file_sha256)
    assert sealing.sign_waiting(at=at) == 0


def test_nothing_is_sealed_before_it_is_drawn_or_once_it_is_void(at):
    found = sealed.asked(sealed.unit(), at=at)
    Document.objects.filter(pk=found.document_id).update(
        state="waiting", pdf=None, ready_at=None, file_sha256=""
    )
    assert sealing.sign_waiting(at=at) == 0
    found.document.refresh_from_db()
    services.render_waiting(at=at)
    services.void(found.document, reason="名单改动", at=at)
    assert sealing.sign_waiting(at=at) == 0
    assert state(found) == "waiting"


def test_a_document_voided_while_it_is_signed_keeps_no_seal(at, monkeypatch):
    found = sealed.asked(sealed.unit(), at=at)
    real = signing.sign

    def voiding(*args, **kwargs):
        services.void(found.document, reason="名单改动", at=at)
        return real(*args, **kwargs)

    monkeypatch.setattr(signing, "sign", voiding)
    assert sealing.sign_waiting(at=at) == 0
    assert state(found) == "failed" and found.pdf is None


def test_a_worker_killed_while_signing_is_followed_by_another(at, monkeypatch):
    found = sealed.asked(sealed.unit(), at=at)

    class Killed(BaseException):
        pass

    def kill(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as broken, pytest.raises(Killed):
        broken.setattr(signing, "sign", kill)
        sealing.sign_waiting(at=at)
    assert state(found) == "signing"
    assert sealing.sign_waiting(at=at) == 0, "the claim still holds"
    assert sealing.sign_waiting(at=at + sealing.LEASE + timedelta(seconds=1)) == 1
    assert state(found) == "ready"


def test_a_late_worker_does_not_overwrite(at):
    found = sealed.asked(sealed.unit(), at=at)
    first = sealing._claim(at=at)
    second = sealing._claim(at=at + timedelta(minutes=4))
    assert sealing._finish(second, b"second", stamped=False, claim=second.claimed_until, at=at)
    assert not sealing._finish(first, b"first", stamped=False, claim=first.claimed_until, at=at)
    found.refresh_from_db()
    assert services.read(found.pdf) == b"second"


def test_a_failure_is_told_tried_again_and_given_up(at):
    found = sealed.asked(sealed.unit(), at=at)
    SigningKey.objects.update(revoked_at=at)
    now = at
    for _ in range(sealing.ATTEMPTS):
        assert sealing.sign_waiting(at=now) == 0
        found.refresh_from_db()
        assert "证书已停用" in found.last_error
        now = found.not_before
    assert found.state == "failed" and found.attempts == sealing.ATTEMPTS
    SigningKey.objects.update(revoked_at=None)
    sealing.retry(found, actor=world.SYSTEM, at=now)
    assert sealing.sign_waiting(at=now) == 1
    with pytest.raises(Refusal):
        sealing.retry(found, actor=world.SYSTEM, at=now)


def test_with_a_timestamp_service_the_seal_is_b_t(client, at, settings):
    found = sealed.asked(sealed.unit(), at=at)
    with sealed.timestamp_service() as url:
        settings.JIEBANG_TSA_URL = url
        assert sealing.sign_waiting(at=at) == 1
    found.refresh_from_db()
    assert found.stamped
    (said,) = signing.judge(services.read(found.pdf), roots=[sealed.root()])
    assert said.trusted and said.stamped.startswith(sealed.NOW.isoformat()[:16])
    assert "PAdES B-T，带时间戳" in client.get(f"/v/{found.document.code}/").content.decode()


def test_a_worker_that_dies_each_time_ends_in_failure(at):
    found = sealed.asked(sealed.unit(), at=at)
    now = at
    for _ in range(sealing.ATTEMPTS):
        assert sealing._claim(at=now) is not None
        now += sealing.LEASE + timedelta(seconds=1)
    assert sealing._claim(at=now) is None
    assert state(found) == "failed" and "中断" in found.last_error


def test_a_timestamp_service_that_is_away_fails_the_seal_and_no_timestamp_is_pretended(
    at, settings
):
    found = sealed.asked(sealed.unit(), at=at)
    settings.JIEBANG_TSA_URL = "http://127.0.0.1:9/tsa"
    assert sealing.sign_waiting(at=at) == 0
    assert state(found) == "waiting" and found.last_error
    settings.JIEBANG_TSA_URL = ""
    assert sealing.sign_waiting(at=found.not_before) == 1
    found.refresh_from_db()
    assert not found.stamped


# Registering -----------------------------------------------------------------------------------


def refused(data: bytes, at, *, passphrase: str = sealed.PASSPHRASE) -> Refusal:
    with pytest.raises(Refusal) as caught:
        sealkeys.keep(sealed.unit(), data, passphrase=passphrase, at=at)
    assert not SigningKey.objects.exists()
    return caught.value


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ({"days": -1}, "certificate-expired"),
        ({"kind": "weak"}, "certificate-unfit"),
        ({"signs": False}, "certificate-unfit"),
        ({"unit": "另一省工业和信息化厅"}, "certificate-other-unit"),
    ],
)
def test_an_unfit_certificate_is_refused(at, file, code):
    assert refused(sealed.key_file(**file), at).code == code


def test_a_wrong_passphrase_or_another_file_is_refused_in_words(at):
    said = refused(sealed.key_file(), at, passphrase="QXWRONG9Z")
    assert said.code == "key-file" and "QXWRONG9Z" not in said.message


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"\x30\x82\xff\xff", b"x" * 70_000])
def test_what_is_no_key_file_is_refused(at, data):
    assert refused(data, at).status == 422


def test_with_trusted_roots_only_their_certificates_are_taken(at, settings, tmp_path):
    bundle = tmp_path / "roots.pem"
    bundle.write_text(sealed.root())
    settings.JIEBANG_SEAL_ROOTS = str(bundle)
    owner = sealed.unit()
    assert sealkeys.keep(owner, sealed.key_file(), passphrase=sealed.PASSPHRASE, at=at)
    with pytest.raises(Refusal) as caught:
        sealkeys.keep(
            owner, sealed.key_file(by="另一示例机构"), passphrase=sealed.PASSPHRASE, at=at
        )
    assert caught.value.code == "certificate-untrusted"


def test_a_demonstration_certificate_is_refused_in_a_real_system(at, settings):
    from documents import demoseal

    by = demoseal.authority(at=at)
    data, passphrase = demoseal.key_file(by=by, at=at)
    assert refused(data, at, passphrase=passphrase).code == "certificate-demo"
    settings.JIEBANG_DEMO = True
    kept = sealkeys.keep(
        SigningKey.objects.none().first() or type(sealed.unit()).objects.first(),
        data,
        passphrase=passphrase,
        at=at,
    )
    assert kept.demo


# Keys under lock -------------------------------------------------------------------------------


def test_the_private_key_is_kept_only_under_lock(at, settings):
    key = sealed.kept(sealed.unit(), at=at)
    private = sealed.opened().key
    assert private not in bytes(key.wrapped)
    assert sealkeys.unwrap(key) == private
    from cryptography.fernet import Fernet

    settings.JIEBANG_SEAL_KEY = [Fernet.generate_key().decode(), *settings.JIEBANG_SEAL_KEY]
    assert sealkeys.unwrap(key) == private, "a new lock in front, the old one still opens"
    settings.JIEBANG_SEAL_KEY = settings.JIEBANG_SEAL_KEY[:1]
    with pytest.raises(RuntimeError):
        sealkeys.unwrap(key)


def test_a_key_moved_to_another_certificate_or_unit_signs_nothing(at):
    key = sealed.kept(sealed.unit(), at=at)
    other = sealed.unit()
    for change in ({"sha256": "f" * 64}, {"organisation": other}):
        SigningKey.objects.filter(pk=key.pk).update(**change)
        with pytest.raises(RuntimeError):
            sealkeys.unwrap(SigningKey.objects.get(pk=key.pk))


def test_no_passphrase_and_no_private_key_in_a_dump_of_the_database(at, tmp_path, caplog):
    import base64

    owner = sealed.unit()
    found = sealed.asked(owner, at=at)
    sealing.sign_waiting(at=at)
    dump = tmp_path / "dump.json"
    call_command("dumpdata", output=str(dump))
    text = dump.read_text("utf-8") + caplog.text
    assert json.loads(dump.read_text("utf-8"))
    private = sealed.opened().key
    for secret in (
        sealed.PASSPHRASE,
        "PRIVATE KEY",
        private.hex(),
        base64.b64encode(private).decode()[:60],
        base64.b64encode(private).decode()[60:120],
    ):
        assert secret not in text
    assert found.key.sha256 in text, "the certificate itself is public"


# An outside service ----------------------------------------------------------------------------


class Loopback:
    """An outside seal service that knows one key by its number."""

    name = "loopback"
    external = True

    def chain(self, reference):
        if reference != "K-1":
            raise Refusal("no-reference", "签章服务没有这个密钥编号。", status=422)
        return sealed.opened().chain

    def sign(self, key, data, digest):
        assert key.reference == "K-1" and digest == "sha256"
        return sealed.raw(sealed.opened().key)(data, digest)


def test_an_outside_service_signs_and_no_key_is_kept_here(at, settings):
    settings.JIEBANG_SEAL_PROVIDER = f"{__name__}.Loopback"
    owner = sealed.unit()
    key = sealkeys.keep_reference(owner, "K-1", at=at)
    assert key.wrapped is None and key.provider == "loopback"
    found = sealed.asked(owner, at=at, key=key)
    assert sealing.sign_waiting(at=at) == 1
    found.refresh_from_db()
    (said,) = signing.judge(services.read(found.pdf), roots=[sealed.root()])
    assert said.intact and said.trusted
    with pytest.raises(Refusal):
        sealkeys.keep_reference(owner, "K-2", at=at)


def test_a_key_of_a_service_that_is_configured_no_more_fails_visibly(at, settings):
    settings.JIEBANG_SEAL_PROVIDER = f"{__name__}.Loopback"
    owner = sealed.unit()
    found = sealed.asked(owner, at=at, key=sealkeys.keep_reference(owner, "K-1", at=at))
    settings.JIEBANG_SEAL_PROVIDER = "documents.sealkeys.LocalKeys"
    assert sealing.sign_waiting(at=at) == 0
    found.refresh_from_db()
    assert "not configured" in found.last_error
