"""The sheet on real pages: drawn, rasterised, turned, uploaded, read back and compared."""

import io
from datetime import timedelta

import pypdfium2
import pytest

from documents import services as documents
from documents.models import Document
from recommenders import queries, services
from tests.recommenders import scene
from tests.recommenders.scene import LATER

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SOON = LATER + timedelta(minutes=5)


def drawn(version) -> list:
    """The pages of a version's sheet as pictures at 150 dpi, drawn by the worker."""
    waiting = Document.objects.exclude(pk=version.document_id).filter(state="waiting")
    waiting.update(not_before=SOON + timedelta(days=1))
    assert documents.render_waiting(at=SOON, limit=1) == 1
    document = Document.objects.get(pk=version.document_id)
    assert document.state == "ready", document.last_error
    pdf = pypdfium2.PdfDocument(documents.read(document.pdf))
    return [page.render(scale=150 / 72).to_pil().convert("RGB") for page in pdf]


def as_file(pictures, name="扫描.pdf"):
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=150)
    return services.read_upload(out.getvalue(), name)


def as_picture(picture, name):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return services.read_upload(out.getvalue(), name)


def test_sixteen_rows_come_back_on_real_pages(cast):
    scene.limit(cast, 16)
    found = scene.filings(cast, 16)
    scene.recommend(cast, *found)
    operator, ranked = cast.actor("operator"), scene.ranked(cast)
    old = drawn(scene.confirm_list(cast))
    services.reopen_list(ranked, reason="调整前两项顺序", actor=cast.actor("approver"), at=LATER)
    first = queries.live(cast.call, cast.province).first().application
    services.set_rank(first, number=2, actor=operator, at=LATER)
    new = drawn(scene.confirm_list(cast))
    assert len(old) == len(new) == 2

    mixed = [as_picture(new[0], "1.jpg"), as_picture(old[1].rotate(180), "2.jpg")]
    refused = services.receive_scan(ranked, mixed, actor=operator, at=SOON)
    assert refused.state == "refused"
    assert [page["state"] for page in refused.result["pages"]] == ["matched", "stale"]
    assert [one["rank"] for one in refused.result["differences"]] == [1, 2]

    short = services.receive_scan(ranked, [as_file(new[:1])], actor=operator, at=SOON)
    assert [page["state"] for page in short.result["pages"]] == ["matched", "missing"]

    swapped = services.receive_scan(ranked, [as_file(new[::-1])], actor=operator, at=SOON)
    assert swapped.state == "refused"

    turned = [page.rotate(90, expand=True) for page in new]
    good = services.receive_scan(ranked, [as_file(turned)], actor=operator, at=SOON)
    assert good.state == "matched", good.result
    assert scene.ranked(cast).state == "sealed"
