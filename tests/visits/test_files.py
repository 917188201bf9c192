"""What the shipped files say of visits."""

import pytest

from tests import world


@pytest.mark.parametrize(
    ("code", "title"), [("2018-jiebang", "现场评估"), ("changsha-platform", "考察")]
)
def test_shipped_files_claim_nothing_official_of_what_is_looked_at(code, title):
    spec = world.programme(code)
    assert spec.step_title("site_visit") == title
    assert spec.site_visit.source and not spec.site_visit.verified
    assert spec.site_visit.items and not any(one.verified for one in spec.site_visit.items)
