"""The seals of the demonstration say what they are, and are made nowhere else."""

import io
import time

import pytest
from django.core.management import CommandError, call_command

from calls import programme as programmes
from documents import sealing
from documents import services as documents
from documents.models import Document, Signing, SigningKey
from office.demo import season
from recommenders import queries
from recommenders.models import Seal
from tests.recommenders import scene
from tests.recommenders.scene import LATER

pytestmark = pytest.mark.django_db


def test_without_the_demo_there_are_no_demonstration_seals(cast):
    with pytest.raises(CommandError):
        call_command("demo_seals")
    assert not Seal.objects.exists()


def test_the_command_makes_seals_marked_as_demonstration_and_makes_them_once(cast, settings):
    settings.JIEBANG_DEMO = True
    said = io.StringIO()
    begun = time.monotonic()
    call_command("demo_seals", stdout=said)
    assert time.monotonic() - begun < 20
    (seal,) = Seal.objects.all()
    assert seal.organisation == cast.province, "the only unit with two people"
    assert seal.approved_by_id and seal.approved_by_id != seal.registered_by_id
    assert seal.key.demo and "演示" in seal.key.subject and "不具法律效力" in seal.key.issuer
    assert "不具法律效力" in said.getvalue()
    call_command("demo_seals", stdout=said)
    assert Seal.objects.count() == 1


def test_a_sheet_of_the_demonstration_is_sealed_and_its_page_says_so(client, cast, settings):
    settings.JIEBANG_DEMO = True
    call_command("demo_seals", stdout=io.StringIO())
    scene.recommend(cast, scene.filing(cast, 1))
    version = scene.confirm_list(cast)
    Document.objects.exclude(pk=version.document_id).filter(state="waiting").delete()
    documents.render_waiting(at=LATER, limit=1)
    assert sealing.sign_waiting(at=LATER) == 1
    assert queries.electronic_seal(version).state == Signing.State.READY
    page = client.get(f"/v/{version.document.code}/").content.decode()
    assert "演示证书，不具法律效力" in page


def test_the_keys_of_the_demonstration_work_in_no_real_system(cast, settings):
    settings.JIEBANG_DEMO = True
    call_command("demo_seals", stdout=io.StringIO())
    settings.JIEBANG_DEMO = False
    scene.recommend(cast, scene.filing(cast, 1))
    version = scene.confirm_list(cast)
    assert SigningKey.objects.get().demo
    assert version.document.snapshot["seal"] is None


def test_a_call_of_the_plan_accepts_electronic_seals():
    plain = programmes.read(programmes.catalogue()["2021-jiebang"])
    changed = season.accepting_electronic_seals(plain)
    assert [one.kind for one in changed.documents if one.electronic] == ["sheet"]
    assert not any(one.electronic for one in plain.documents)
