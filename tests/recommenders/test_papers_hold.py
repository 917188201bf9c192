"""R5, R6 and R10 on the papers of a list: one version, one paper, one number, one seal."""

import random
import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from core.errors import Refusal
from documents import sealing, signing
from documents import services as documents
from documents.models import Document, Signing
from portal import invariants
from recommenders import queries, services
from recommenders.models import ListVersion, RankedList
from tests.documents import sealed
from tests.recommenders import scene
from tests.recommenders.scene import LATER
from tests.recommenders.test_seals import accepting, registered
from tests.world import AT

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Away(BaseException):
    """The process is gone: nothing catches this."""


def only(version) -> None:
    """Nothing but this version's sheet waits for the worker."""
    Document.objects.exclude(pk=version.document_id).filter(state="waiting").update(
        not_before=LATER + timedelta(days=9)
    )


# R10 -------------------------------------------------------------------------------------------


def test_a_list_edited_between_view_and_post_is_refused_over_http_and_nothing_changes(client, cast):
    one, two = scene.filings(cast, 2)
    scene.recommend(cast, one, two)
    offset = LATER - AT
    cast.call = scene.move_dates(cast.call, rehearsal=True, clock_offset=offset)
    client.force_login(cast.people["approver"], backend=BACKEND)
    page = client.get(reverse("recommenders:confirm", args=[cast.call.code])).content.decode()
    shown = re.search(r'name="hash" value="([0-9a-f]{64})"', page)[1]
    services.set_rank(two, number=1, actor=cast.actor("operator"), at=LATER)
    before = scene.everything()
    where = reverse("recommenders:submit_list", args=[cast.call.code])
    answer = client.post(where, {"hash": shown})
    assert answer.status_code == 409
    assert "名单在您查看之后有改动" in answer.content.decode()
    assert scene.everything() == before
    page = client.get(reverse("recommenders:confirm", args=[cast.call.code])).content.decode()
    fresh = re.search(r'name="hash" value="([0-9a-f]{64})"', page)[1]
    assert fresh != shown
    assert client.post(where, {"hash": fresh}).status_code == 302
    assert scene.ranked(cast).state == "frozen"


def test_a_seal_of_another_version_does_not_open_the_delivery(cast):
    """The sheet that was sealed is void; the one in force is not sealed yet."""
    accepting(cast, electronic=True)
    registered(cast)
    scene.recommend(cast, *scene.filings(cast, 1))
    first = scene.confirm_list(cast)
    only(first)
    documents.render_waiting(at=LATER, limit=1)
    assert sealing.sign_waiting(at=LATER) == 1
    assert not queries.needs_scan(scene.ranked(cast))
    services.reopen_list(
        scene.ranked(cast), reason="补充一项材料", actor=cast.actor("approver"), at=LATER
    )
    scene.confirm_list(cast)
    assert queries.needs_scan(scene.ranked(cast))
    with pytest.raises(Refusal) as caught:
        services.deliver(scene.ranked(cast), actor=cast.actor("operator"), at=LATER)
    assert caught.value.code == "scan-missing"


def problems(rule: str) -> list[str]:
    return [str(one) for one in invariants.run() if one.rule.startswith(rule)]


def test_the_invariants_find_a_foreign_seal_and_a_list_delivered_without_one(cast):
    accepting(cast, electronic=True)
    registered(cast)
    scene.recommend(cast, *scene.filings(cast, 1))
    version = scene.confirm_list(cast)
    only(version)
    documents.render_waiting(at=LATER, limit=1)
    sealing.sign_waiting(at=LATER)
    services.deliver(scene.ranked(cast), actor=cast.actor("operator"), at=LATER)
    assert problems("R10") == []
    other = documents.store(sealed.signed(5), media_type="application/pdf", at=LATER)
    Signing.objects.update(pdf=other, file_sha256=other.sha256)
    assert "签章件不是由这份文件签成的" in "".join(problems("R10"))
    Signing.objects.all().delete()
    assert "已报送而没有盖章件或电子签章" in "".join(problems("R10"))


# R6 --------------------------------------------------------------------------------------------


def test_numbers_stay_without_gaps_when_three_in_ten_confirmations_are_rolled_back(cast):
    rng = random.Random(6)
    scene.recommend(cast, *scene.filings(cast, 1))
    for _ in range(20):
        if rng.random() < 0.3:
            with pytest.raises(Away), transaction.atomic():
                scene.confirm_list(cast)
                raise Away
        else:
            scene.confirm_list(cast)
            services.reopen_list(
                scene.ranked(cast), reason="调整推荐顺序", actor=cast.actor("approver"), at=LATER
            )
    numbers = list(ListVersion.objects.order_by("pk").values_list("letter_number", flat=True))
    assert numbers == [f"JB-2021-HZ-{n:04d}" for n in range(1, len(numbers) + 1)]
    assert 5 < len(numbers) < 20, "some were rolled back"
    assert RankedList.objects.get(organisation=cast.province).version == len(numbers)
    documents_of_them = Document.objects.filter(kind="summary_sheet")
    assert documents_of_them.count() == len(numbers)
    assert all(one.voided_at for one in documents_of_them)


# R5 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["before", "drawing", "storing", "sealing", "keeping"])
def test_killed_at_any_stage_and_delivered_twice_the_papers_are_the_same(cast, monkeypatch, stage):
    registered(cast)
    scene.recommend(cast, *scene.filings(cast, 1))
    version = scene.confirm_list(cast)
    only(version)
    where = {
        "before": (documents, "_claim"),
        "drawing": (documents, "draw"),
        "storing": (documents, "_finish"),
        "sealing": (signing, "sign"),
        "keeping": (sealing, "_finish"),
    }[stage]

    def killed(*args, **more):
        raise Away

    with monkeypatch.context() as broken, pytest.raises(Away):
        broken.setattr(*where, killed)
        documents.render_waiting(at=LATER, limit=1)
        sealing.sign_waiting(at=LATER)
    after = LATER + timedelta(minutes=10)
    for _ in range(2):  # the same job delivered twice
        documents.render_waiting(at=after, limit=1)
        sealing.sign_waiting(at=after)
    document = Document.objects.get(pk=version.document_id)
    assert documents.read(document.pdf) == documents.draw(document), "byte by byte"
    (seal,) = Signing.objects.all()
    assert seal.state == "ready"
    assert documents.read(seal.pdf).startswith(documents.read(document.pdf))
    assert document.snapshot["content_fingerprint"] == version.hash
