"""Numbers in addresses and forms: what ``int`` or a column would choke on is no number."""

import pytest

from core.figures import whole, whole_or


@pytest.mark.parametrize("text", ["²", "１２", "٣", "-1", "+1", " 1", "1 ", "1.0", "", "9" * 10])
def test_what_is_not_plain_digits_of_a_sane_length_is_none(text):
    assert whole(text) is None
    assert whole_or(text, -1) == -1


def test_plain_digits_are_read_with_leading_zeros():
    assert whole("0012") == 12
    assert whole_or("7", -1) == 7
    assert whole("9" * 15, digits=15) == 999_999_999_999_999
