"""The electronic seal of a unit: two people, its days, the list it seals, and what it opens."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Entry
from core.errors import Refusal
from documents import sealing, signing
from documents import services as documents
from documents.models import Document, Signing, SigningKey
from recommenders import queries, services, sheets
from recommenders.models import Seal
from tests.documents import sealed
from tests.recommenders import scene
from tests.recommenders.scene import LATER
from tests.world import AT

pytestmark = pytest.mark.django_db

TODAY = LATER.date()
BACKEND = "django.contrib.auth.backends.ModelBackend"


def register(cast, *, by="approver", days=-1, diameter="45", **more) -> Seal:
    return services.register_seal(
        cast.province,
        sealed.picture(),
        name="印模.png",
        diameter_mm=Decimal(diameter),
        valid_from=TODAY + timedelta(days=days),
        key_file=more.pop("key_file", sealed.key_file(cast.province.name)),
        passphrase=sealed.PASSPHRASE,
        actor=cast.actor(by),
        at=LATER,
        **more,
    )


def in_force(cast, day=TODAY, at=LATER) -> Seal | None:
    return sheets.seal_of(cast.province, day=day, at=at)


def registered(cast) -> Seal:
    seal = register(cast)
    return services.approve_seal(seal, actor=cast.actor("operator"), at=LATER)


def sealed_list(cast, *, rows: int = 1):
    """A confirmed list whose sheet is drawn and sealed."""
    scene.recommend(cast, *scene.filings(cast, rows))
    version = scene.confirm_list(cast)
    Document.objects.exclude(pk=version.document_id).filter(state="waiting").update(
        not_before=LATER + timedelta(days=9)
    )
    documents.render_waiting(at=LATER + timedelta(minutes=1), limit=1)
    sealing.sign_waiting(at=LATER + timedelta(minutes=1))
    return version


# Registering -----------------------------------------------------------------------------------


def test_a_seal_is_used_only_after_another_person_approved_it(cast):
    seal = register(cast)
    assert in_force(cast) is None
    with pytest.raises(Refusal) as caught:
        services.approve_seal(seal, actor=cast.actor("approver"), at=LATER)
    assert caught.value.code == "two-people"
    services.approve_seal(seal, actor=cast.actor("operator"), at=LATER)
    assert in_force(cast) == seal
    assert in_force(cast, day=TODAY - timedelta(days=5)) is None
    part = sheets.seal_part(seal)
    assert part == {"sha256": seal.blob_id, "mm": 45.0, "electronic": True}


def test_the_office_approves_where_a_unit_has_no_second_person(cast):
    seal = register(cast)
    for other in ("neighbour", "office", "rival"):
        with pytest.raises(Refusal):
            services.approve_seal(seal, actor=cast.actor(other), at=LATER)
    services.approve_seal(seal, actor=cast.actor("chief"), at=LATER)
    assert in_force(cast) == seal


def test_only_an_approver_brings_a_certificate(cast):
    with pytest.raises(Refusal) as caught:
        register(cast, by="operator")
    assert caught.value.code == "approver-only"
    assert not SigningKey.objects.exists() and not Seal.objects.exists()


def test_a_refused_certificate_leaves_nothing_behind(cast):
    with pytest.raises(Refusal):
        register(cast, key_file=sealed.key_file("另一省工业和信息化厅"))
    assert not SigningKey.objects.exists() and not Seal.objects.exists()


def test_a_picture_without_a_certificate_is_never_used(cast):
    seal = register(cast, by="operator", key_file=b"")
    services.approve_seal(seal, actor=cast.actor("approver"), at=LATER)
    assert in_force(cast) is None
    scene.recommend(cast, scene.filing(cast, 1))
    version = scene.confirm_list(cast)
    assert version.document.snapshot["seal"] is None
    assert not Signing.objects.exists()


def test_a_new_seal_ends_the_old_one_on_its_first_day(cast):
    old, new = register(cast, days=-10), register(cast, days=0, diameter="42")
    services.approve_seal(old, actor=cast.actor("operator"), at=LATER)
    services.approve_seal(new, actor=cast.actor("operator"), at=LATER)
    old.refresh_from_db()
    assert old.valid_until == new.valid_from
    assert sheets.seal_part(in_force(cast))["mm"] == 42


def test_a_stopped_seal_signs_nothing_more_and_stays_on_what_it_sealed(cast):
    seal = registered(cast)
    version = sealed_list(cast)
    with pytest.raises(Refusal):
        services.stop_seal(seal, reason="短", actor=cast.actor("approver"), at=LATER)
    with pytest.raises(Refusal):
        services.stop_seal(seal, reason="密钥介质遗失", actor=cast.actor("operator"), at=LATER)
    services.stop_seal(seal, reason="密钥介质遗失", actor=cast.actor("approver"), at=LATER)
    assert in_force(cast) is None
    assert queries.electronic_seal(version).is_ready
    with pytest.raises(Refusal):
        services.stop_seal(seal, reason="密钥介质遗失", actor=cast.actor("chief"), at=LATER)


def test_odd_diameters_and_other_files_are_refused(cast):
    with pytest.raises(Refusal) as caught:
        register(cast, diameter="60")
    assert caught.value.rule == "国发〔1999〕25号"
    with pytest.raises(Refusal):
        services.register_seal(
            cast.province,
            b"%PDF-1.7",
            name="印模.pdf",
            diameter_mm=Decimal(45),
            valid_from=TODAY,
            actor=cast.actor("operator"),
            at=LATER,
        )
    assert not Seal.objects.exists()


# Sealing the list ------------------------------------------------------------------------------


def test_a_confirmed_list_is_sealed_by_the_worker_and_bound_to_its_fingerprint(cast):
    registered(cast)
    version = sealed_list(cast)
    found = queries.electronic_seal(version)
    assert found.is_ready, found.last_error
    data = documents.read(found.pdf)
    (said,) = signing.judge(data, roots=[sealed.root()])
    assert said.intact and said.whole and said.trusted
    field = _field(data)
    assert version.hash in field["/Reason"] and version.letter_number in field["/Reason"]
    assert data.startswith(documents.read(_pdf(version)))


def _pdf(version):
    return Document.objects.get(pk=version.document_id).pdf


def _field(data: bytes):
    import io

    from pypdf import PdfReader

    return PdfReader(io.BytesIO(data)).get_fields()["UnitSeal"]["/V"]


def test_a_change_of_the_list_voids_its_sealed_sheet(client, cast):
    registered(cast)
    version = sealed_list(cast)
    code = Document.objects.get(pk=version.document_id).code
    services.reopen_list(
        scene.ranked(cast), reason="调整推荐顺序", actor=cast.actor("approver"), at=LATER
    )
    page = client.get(f"/v/{code}/").content.decode()
    assert "这份文件已作废" in page and "调整推荐顺序" in page
    again = scene.confirm_list(cast)
    assert again.document_id != version.document_id
    page = client.get(f"/v/{code}/").content.decode()
    assert f"已由编号 {again.letter_number} 第 2 版替代" in page
    assert f"/v/{again.document.code}" in page
    assert Signing.objects.filter(document=again.document_id, state="waiting").exists()


def test_an_old_sheet_leads_to_the_newest_over_all_that_came_between(client, cast):
    scene.recommend(cast, scene.filing(cast, 1))
    first = scene.confirm_list(cast)
    for reason in ("第一次调整顺序", "第二次调整顺序"):
        services.reopen_list(
            scene.ranked(cast), reason=reason, actor=cast.actor("approver"), at=LATER
        )
        last = scene.confirm_list(cast)
    page = client.get(f"/v/{first.document.code}/").content.decode()
    assert "第一次调整顺序" in page
    assert f"已由编号 {last.letter_number} 第 3 版替代" in page
    services.reopen_list(
        scene.ranked(cast), reason="第三次调整顺序", actor=cast.actor("approver"), at=LATER
    )
    page = client.get(f"/v/{first.document.code}/").content.decode()
    assert "为准" not in page and "请勿据此办理" in page, "nothing holds now"


def test_the_office_takes_a_list_as_it_stands_without_the_units_seal(cast):
    registered(cast)
    scene.recommend(cast, scene.filing(cast, 1))
    services.close_unrecommended(at=scene.TOO_LATE + timedelta(minutes=10))
    ranked = services.settle_unsubmitted(
        scene.ranked(cast),
        accept=True,
        reason="单位来函说明情况",
        actor=cast.actor("chief"),
        at=scene.TOO_LATE + timedelta(minutes=20),
    )
    version = queries.version_in_force(ranked)
    assert version.document.snapshot["seal"] is None
    assert not Signing.objects.exists()


def accepting(cast, *, electronic: bool):
    from calls.models import Call

    rules = dict(cast.call.rules)
    rules["documents"] = [
        {**one, "electronic": electronic} if one["kind"] == "sheet" else one
        for one in rules["documents"]
    ]
    Call.objects.filter(pk=cast.call.pk).update(rules=rules)
    cast.call = Call.objects.get(pk=cast.call.pk)


def test_by_default_a_sealed_sheet_still_needs_its_scan(cast):
    registered(cast)
    sealed_list(cast)
    assert queries.needs_scan(scene.ranked(cast))
    with pytest.raises(Refusal) as caught:
        services.deliver(scene.ranked(cast), actor=cast.actor("operator"), at=LATER)
    assert caught.value.code == "scan-missing"


def test_where_the_call_accepts_it_the_electronic_seal_stands_for_the_scan(cast):
    accepting(cast, electronic=True)
    registered(cast)
    scene.recommend(cast, *scene.filings(cast, 1))
    version = scene.confirm_list(cast)
    with pytest.raises(Refusal) as caught:
        services.deliver(scene.ranked(cast), actor=cast.actor("operator"), at=LATER)
    assert caught.value.code == "scan-missing", "asked for is not sealed"
    Document.objects.exclude(pk=version.document_id).filter(state="waiting").update(
        not_before=LATER + timedelta(days=9)
    )
    documents.render_waiting(at=LATER + timedelta(minutes=1), limit=1)
    sealing.sign_waiting(at=LATER + timedelta(minutes=1))
    services.deliver(scene.ranked(cast), actor=cast.actor("operator"), at=LATER)
    assert scene.ranked(cast).state == "delivered"


def test_a_failed_seal_is_shown_and_asked_for_again(client, cast):
    registered(cast)
    version = sealed_list(cast)
    Signing.objects.filter(document=version.document_id).update(
        state="failed", pdf=None, file_sha256="", signed_at=None, last_error="签章服务无响应"
    )
    client.force_login(cast.people["operator"], backend=BACKEND)
    page = client.get(reverse("recommenders:scan", args=[cast.call.code])).content.decode()
    assert "签章服务无响应" in page and "重新签章" in page
    client.post(reverse("recommenders:retry_seal", args=[cast.call.code]))
    assert sealing.sign_waiting(at=LATER + timedelta(minutes=5)) in (0, 1)
    Signing.objects.update(not_before=LATER)
    sealing.sign_waiting(at=LATER + timedelta(minutes=5))
    assert queries.electronic_seal(version).is_ready


# Pages -----------------------------------------------------------------------------------------


def posted(**changes):
    picture = SimpleUploadedFile("印模.png", sealed.picture(), "image/png")
    key = SimpleUploadedFile("印章.p12", sealed.key_file(sealed.UNIT), "application/x-pkcs12")
    return {
        "diameter_mm": "45",
        "valid_from": AT.date().isoformat(),
        "picture": picture,
        "key_file": key,
        "passphrase": sealed.PASSPHRASE,
        **changes,
    }


def test_the_page_registers_and_another_person_approves(client, cast):
    where = reverse("recommenders:register_seal")
    client.force_login(cast.people["approver"], backend=BACKEND)
    said = client.post(where, {"diameter_mm": "45", "valid_from": AT.date().isoformat()})
    assert said.status_code == 422 and "请选择印模图片" in said.content.decode()
    assert client.post(where, posted()).status_code == 302
    seal = Seal.objects.get()
    client.force_login(cast.people["neighbour"], backend=BACKEND)
    assert client.get(reverse("recommenders:seal_picture", args=[seal.pk])).status_code == 404
    client.force_login(cast.people["operator"], backend=BACKEND)
    page = client.get(reverse("recommenders:seals")).content.decode()
    assert "核准" in page and sealed.CA in page
    client.post(reverse("recommenders:approve_seal", args=[seal.pk]))
    seal.refresh_from_db()
    assert seal.approved_by == cast.people["operator"]


def test_the_office_sees_approves_and_stops(client, cast):
    seal = register(cast)
    client.force_login(cast.people["chief"], backend=BACKEND)
    page = client.get(reverse("recommenders:office_seals")).content.decode()
    assert cast.province.name in page and "待另一人核准" in page
    client.post(reverse("recommenders:office_approve_seal", args=[seal.pk]))
    client.post(
        reverse("recommenders:office_stop_seal", args=[seal.pk]), {"reason": "证书已被吊销"}
    )
    seal.refresh_from_db()
    assert seal.approved_by == cast.people["chief"] and seal.key.revoked_at
    assert "证书已停用" in client.get(reverse("recommenders:office_seals")).content.decode()


def test_the_signed_sheet_is_downloaded_by_its_unit_and_by_the_office(client, cast):
    registered(cast)
    version = sealed_list(cast)
    where = reverse("recommenders:sealed_sheet", args=[cast.call.code])
    client.force_login(cast.people["operator"], backend=BACKEND)
    got = client.get(where)
    assert signing.judge(got.content, roots=[sealed.root()])[0].trusted
    assert (
        "下载已签章的汇总表"
        in client.get(reverse("recommenders:scan", args=[cast.call.code])).content.decode()
    )
    client.force_login(cast.people["office"], backend=BACKEND)
    office = client.get(reverse("recommenders:office_sealed", args=[version.list_id]))
    assert office.content == got.content
    client.force_login(cast.people["neighbour"], backend=BACKEND)
    assert client.get(where).status_code == 404


# Secrets ---------------------------------------------------------------------------------------


def test_no_passphrase_or_private_key_in_pages_logs_audit_messages_or_tables(
    client, cast, caplog, tmp_path
):
    """Canaries: the passphrase, the armour of a key, and pieces of the key itself."""
    import base64

    from django.core.management import call_command

    caplog.set_level("DEBUG")
    client.force_login(cast.people["approver"], backend=BACKEND)
    where = reverse("recommenders:register_seal")
    said = [
        client.post(where, posted(passphrase="QXWRONG9Z")).content.decode(),
        client.post(where, posted(diameter_mm="99")).content.decode(),
        client.post(where, posted(picture=SimpleUploadedFile("a.png", b"x"))).content.decode(),
    ]
    client.post(where, posted())
    seal = Seal.objects.get()
    services.approve_seal(seal, actor=cast.actor("operator"), at=LATER)
    said += [client.get(reverse("recommenders:seals")).content.decode()]
    sealed_list(cast)
    said += [client.get(reverse("recommenders:scan", args=[cast.call.code])).content.decode()]
    call_command("dumpdata", output=str(tmp_path / "dump.json"))
    dump = (tmp_path / "dump.json").read_text("utf-8")
    trail = "".join(str(one) for one in Entry.objects.values_list("data", flat=True))
    private = sealed.opened(sealed.UNIT).key
    encoded = base64.b64encode(private).decode()
    canaries = [sealed.PASSPHRASE, "QXWRONG9Z", "PRIVATE KEY", private.hex(), encoded[30:70]]
    for canary in canaries:
        for place in (*said, caplog.text, trail, dump):
            assert canary not in place
    assert private not in bytes(seal.key.wrapped)


def test_a_refusal_page_gives_nothing_secret_back(client, cast):
    """The page of a refusal returns what was typed, so that nobody types it again: not this."""
    client.force_login(cast.people["operator"], backend=BACKEND)
    said = client.post(reverse("recommenders:register_seal"), posted())
    assert said.status_code == 403 and "推荐审批人" in said.content.decode()
    assert sealed.PASSPHRASE not in said.content.decode()


def test_every_act_on_a_seal_stands_in_the_trail(cast):
    seal = registered(cast)
    sealed_list(cast)
    services.stop_seal(seal, reason="密钥介质遗失", actor=cast.actor("chief"), at=LATER)
    found = set(Entry.objects.values_list("action", flat=True))
    assert {
        "recommenders.register_seal",
        "recommenders.approve_seal",
        "recommenders.stop_seal",
        "documents.request_seal",
        "documents.sealed",
    } <= found
