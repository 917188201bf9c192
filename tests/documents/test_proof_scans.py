"""A sample of the proof (``python -m tests.documents.proof_scans`` is the whole of it)."""

import random

import pytest

from tests.documents import proof_scans as proof

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sample() -> list[proof.Page]:
    """Pages of sheets of every length: 13 pages, of which each run takes some."""
    return proof.pages(13, random.Random(7))


@pytest.mark.parametrize("dpi", [100, 150, 300])
def test_badly_scanned_pages_are_read_and_never_as_another(sample, dpi):
    """Seal over a corner, faded, turned, skewed, blurred, noised, compressed, all at once."""
    found = proof.run(sample, distortion="all", dpi=dpi, rng=random.Random(dpi))
    assert found.other == 0
    assert found.share >= (0.7 if dpi < 150 else proof.WANTED), found.missed


@pytest.mark.parametrize("distortion", ["skewed", "sealed", "noised"])
def test_each_harm_by_itself_is_nothing(sample, distortion):
    found = proof.run(sample[:6], distortion=distortion, dpi=150, rng=random.Random(3))
    assert (found.read, found.other) == (6, 0), found.missed


def test_the_sample_has_sheets_of_every_length(sample):
    assert len({page.code for page in sample}) >= len(proof.ROWS)


def test_the_seal_really_lies_over_the_code(sample):
    """Otherwise the proof proves nothing: red must cross the corner of the code."""
    page = sample[0].picture(150)
    stamped = proof.corner_seal(page, 150, random.Random(1))
    mm = 150 * proof.MM
    code = (int(page.width - 43 * mm), int(9 * mm), int(page.width - 18 * mm), int(34 * mm))
    before, after = page.crop(code), stamped.crop(code)
    red = sum(
        1
        for (r, g, b), was in zip(
            after.get_flattened_data(), before.get_flattened_data(), strict=True
        )
        if r - max(g, b) > 60 and was != (r, g, b)
    )
    assert red > 0.02 * after.width * after.height
