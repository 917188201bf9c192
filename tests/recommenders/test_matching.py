"""Is a scan the sheet in force? The rule by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import matching
from recommenders.matching import match

NOW, FIRST, OTHER = "7K3M9Q2TXD", "AAAA2222BB", "ZZZZ9999YY"
OLDER = {FIRST: 1}


def states(read, pages=3):
    result = match(read, code=NOW, pages=pages, older=OLDER)
    return result.verdict, [s.state for s in result.sheets], [p.state for p in result.pages]


def test_every_page_once_and_in_order_is_a_match():
    verdict, sheets, pages = states([(NOW, 1), (NOW, 2), (NOW, 3)])
    assert (verdict, sheets, pages) == ("matched", ["matched"] * 3, ["matched"] * 3)


def test_hyphens_and_case_of_a_code_do_not_matter():
    assert states([("7k3m-9q2t-xd", 1)], pages=1)[0] == "matched"


def test_a_page_of_the_former_version_is_refused_and_named():
    result = match([(NOW, 1), (FIRST, 2), (NOW, 3)], code=NOW, pages=3, older=OLDER)
    assert result.verdict == "refused"
    assert [p.state for p in result.pages] == ["matched", "stale", "matched"]
    assert result.stale_versions == (1,)
    assert "第 1 版" in result.sheets[1].sentence
    assert "重新打印第 2 页" in result.advice
    assert result.title == "还不能报送：3 页中 2 页相符，1 页旧版本"


def test_a_missing_page_is_refused_and_asked_for():
    result = match([(NOW, 1), (NOW, 2)], code=NOW, pages=3, older=OLDER)
    assert result.verdict == "refused"
    assert result.pages[2].state == "missing"
    assert "请补扫第 3 页" in result.advice


@pytest.mark.parametrize(
    ("read", "state"),
    [
        ([(NOW, 1), (OTHER, 2), (NOW, 3)], "foreign"),
        ([(NOW, 1), (NOW, 2), (NOW, 9)], "foreign"),
        ([(NOW, 1), (NOW, 2), (NOW, 3), (NOW, 2)], "duplicate"),
        ([(NOW, 2), (NOW, 1), (NOW, 3)], "out_of_order"),
    ],
)
def test_foreign_double_and_misplaced_pages_are_refused(read, state):
    verdict, sheets, _ = states(read)
    assert verdict == "refused"
    assert state in sheets


def test_an_unreadable_page_among_good_ones_may_be_confirmed_by_hand():
    verdict, _, pages = states([(NOW, 1), (None, None), (NOW, 3)])
    assert verdict == "by_hand"
    assert pages == ["matched", "unreadable", "matched"]


def test_nothing_readable_at_all_may_be_confirmed_by_hand_only_with_the_right_number_of_pages():
    assert states([(None, None)] * 3)[0] == "by_hand"
    assert states([(None, None)] * 2)[0] == "refused"
    assert states([(None, None)] * 4)[0] == "refused"


def test_a_stale_page_is_never_a_matter_for_the_hand():
    assert states([(NOW, 1), (FIRST, 2), (None, None)])[0] == "refused"


def test_an_empty_file_is_refused():
    verdict, sheets, pages = states([])
    assert (verdict, sheets, pages) == ("refused", [], ["missing"] * 3)


@given(
    st.lists(st.tuples(st.sampled_from([NOW, FIRST, OTHER, None]), st.integers(0, 5)), max_size=6),
    st.integers(1, 4),
)
def test_only_the_complete_sheet_in_force_ever_matches(read, pages):
    result = match(read, code=NOW, pages=pages, older=OLDER)
    right = read == [(NOW, n) for n in range(1, pages + 1)]
    assert (result.verdict == matching.MATCHED) == right
    assert len(result.pages) == pages and len(result.sheets) == len(read)
    assert result.as_dict()["verdict"] == result.verdict
