"""The registered seal of a unit: two people, its days, and its place on the sheet."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from core.errors import Refusal
from documents import services as documents
from documents.models import Document
from recommenders import services, sheets
from recommenders.models import Seal
from tests.recommenders import scene
from tests.recommenders.scene import LATER
from tests.world import AT

pytestmark = pytest.mark.django_db

TODAY = LATER.date()


def png() -> bytes:
    """A plain ring: no seal of anybody."""
    from PIL import ImageDraw

    picture = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((20, 20, 580, 580), outline=(200, 0, 0, 255), width=16)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def register(cast, *, by="operator", days=-1, diameter="45") -> Seal:
    return services.register_seal(
        cast.province,
        png(),
        name="印模.png",
        diameter_mm=Decimal(diameter),
        valid_from=TODAY + timedelta(days=days),
        actor=cast.actor(by),
        at=LATER,
    )


def test_a_seal_is_used_only_after_another_person_approved_it(cast):
    seal = register(cast, by="approver")
    assert sheets.seal_part(cast.province, day=TODAY) is None
    with pytest.raises(Refusal) as caught:
        services.approve_seal(seal, actor=cast.actor("approver"), at=LATER)
    assert caught.value.code == "two-people"
    seal = register(cast)
    services.approve_seal(seal, actor=cast.actor("approver"), at=LATER)
    part = sheets.seal_part(cast.province, day=TODAY)
    assert part == {"sha256": seal.blob_id, "mm": 45}
    assert sheets.seal_part(cast.province, day=TODAY - timedelta(days=5)) is None


def test_a_new_seal_ends_the_old_one_on_its_first_day(cast):
    old, new = register(cast, days=-10), register(cast, days=0, diameter="42")
    services.approve_seal(old, actor=cast.actor("approver"), at=LATER)
    services.approve_seal(new, actor=cast.actor("approver"), at=LATER)
    old.refresh_from_db()
    assert old.valid_until == new.valid_from
    assert sheets.seal_part(cast.province, day=TODAY)["mm"] == 42


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


def test_without_a_seal_only_a_demonstration_stamps_and_says_so(cast, settings):
    assert sheets.seal_part(cast.province, day=TODAY) is None
    settings.JIEBANG_DEMO = True
    assert sheets.seal_part(cast.province, day=TODAY)["demo"] is True


@pytest.mark.slow
def test_the_sheet_is_stamped_with_the_registered_seal(cast):
    seal = register(cast)
    services.approve_seal(seal, actor=cast.actor("approver"), at=LATER)
    scene.recommend(cast, scene.filing(cast, 1))
    version = scene.confirm_list(cast)
    assert version.document.snapshot["seal"]["sha256"] == seal.blob_id
    Document.objects.exclude(pk=version.document_id).update(not_before=LATER + timedelta(days=9))
    documents.render_waiting(at=LATER + timedelta(minutes=1), limit=1)
    document = Document.objects.get(pk=version.document_id)
    assert document.state == "ready", document.last_error
    assert b"/Image" in documents.read(document.pdf)


def test_the_page_registers_and_approves(client, cast):
    client.force_login(cast.people["operator"], backend="django.contrib.auth.backends.ModelBackend")
    where = reverse("recommenders:register_seal")
    data = {"diameter_mm": "45", "valid_from": AT.date().isoformat()}
    said = client.post(where, data)
    assert said.status_code == 422 and "请选择印模图片" in said.content.decode()
    file = SimpleUploadedFile("印模.png", png(), "image/png")
    assert client.post(where, {**data, "picture": file}).status_code == 302
    seal = Seal.objects.get()
    client.force_login(
        cast.people["neighbour"], backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(reverse("recommenders:seal_picture", args=[seal.pk])).status_code == 404
    client.force_login(cast.people["approver"], backend="django.contrib.auth.backends.ModelBackend")
    assert "核准" in client.get(reverse("recommenders:seals")).content.decode()
    client.post(reverse("recommenders:approve_seal", args=[seal.pk]))
    seal.refresh_from_db()
    assert seal.approved_by == cast.people["approver"]
