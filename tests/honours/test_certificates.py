"""Certificates: drawn, verified, revoked and replaced by two people, packed."""

import pytest
from django.test import Client
from django.urls import reverse

from documents.models import Document, Package
from honours import certificatepack
from honours.models import Certificate, CertificateChange
from honours.services import certificates
from tests import kept, season
from tests.honours.scene import award, build, built, refused
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(build)


def verify(certificate: Certificate) -> str:
    page = Client().get(reverse("documents:verify_code", args=[certificate.document.code]))
    return page.content.decode()


def test_a_certificate_is_drawn_verified_revoked_and_replaced_by_two_people(played):
    award(played)
    first = Certificate.objects.get()
    season.render(first.document)
    first.document.refresh_from_db()
    assert first.document.pages == 1
    assert first.number in verify(first)
    office, chief = played.actor("office"), played.actor("chief")
    why = {"reason": "单位更名，换发新证", "at": AT}
    asked = certificates.propose(first, kind="reissue", actor=chief, **why)
    assert (
        refused(certificates.decide, asked, approve=True, actor=chief, at=AT).code == "two-people"
    )
    assert (
        refused(certificates.decide, asked, approve=True, actor=office, at=AT).code
        == "approver-only"
    )
    certificates.decide(asked, approve=False, actor=chief, at=AT)
    asked = certificates.propose(first, kind="reissue", actor=office, **why)
    certificates.decide(asked, approve=True, actor=chief, at=AT)
    first.refresh_from_db()
    second = Certificate.objects.get(state="valid")
    assert first.state == "replaced" and first.replaced_by == second
    assert second.number.endswith("0002")
    assert "作废" in verify(first) and "单位更名" in verify(first)
    assert "作废" not in verify(second)
    asked = certificates.propose(second, kind="revoke", actor=office, **why)
    certificates.decide(asked, approve=True, actor=chief, at=AT)
    assert not Certificate.objects.filter(state="valid").exists()
    assert "作废" in verify(Certificate.objects.get(pk=second.pk))


def test_when_a_replacement_fails_half_way_the_old_certificate_stands(played, monkeypatch):
    award(played)
    first = Certificate.objects.get()
    asked = certificates.propose(
        first, kind="reissue", reason="单位更名，换发新证", actor=played.actor("office"), at=AT
    )

    def fails(*args, **kwargs):
        raise RuntimeError("half way")

    monkeypatch.setattr("honours.services.certificates.letters.certificate_ended", fails)
    with pytest.raises(RuntimeError):
        certificates.decide(asked, approve=True, actor=played.actor("chief"), at=AT)
    first.refresh_from_db()
    assert first.state == "valid" and Certificate.objects.count() == 1
    assert CertificateChange.objects.get().state == "pending"
    assert Document.objects.get(pk=first.document_id).voided_at is None


def test_the_certificates_of_a_call_are_packed_for_the_office(played):
    award(played)
    season.render(Certificate.objects.get().document)
    package = Package(
        kind=certificatepack.KIND,
        title="证书",
        subject=f"calls.call:{played.season.call.pk}",
        options={},
    )
    names = built(certificatepack.build, package).namelist()
    assert "证书清单.xlsx" in names and any(name.endswith(".pdf") for name in names)
