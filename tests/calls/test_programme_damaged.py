"""Whatever is sent as a programme's file is refused in words or read; nothing breaks."""

import random

import pytest

from calls import programme as programmes
from calls.programme import ProgrammeError, telling
from tests.calls.damaged import DAMAGED
from tests.calls.test_programme_faults import SMALL


@pytest.mark.parametrize("name", sorted(DAMAGED))
def test_a_damaged_file_is_told_and_nothing_breaks(name):
    with pytest.raises(ProgrammeError) as caught:
        programmes.read_text(DAMAGED[name], name="damaged.toml")
    found = telling.told(caught.value.problems, DAMAGED[name])
    assert found and all(one.words and one.way_out for one in found)


def test_three_hundred_files_with_a_piece_cut_out_or_doubled_are_told_or_read():
    rng = random.Random("damage")
    read = refused = 0
    for _ in range(300):
        a = rng.randrange(len(SMALL))
        b = min(len(SMALL), a + rng.randrange(1, 60))
        text = SMALL[:a] + (SMALL[b:] if rng.random() < 0.6 else SMALL[a:b] * 3 + SMALL[b:])
        try:
            programmes.read_text(text, name="x.toml")
            read += 1
        except ProgrammeError as error:
            assert telling.told(error.problems, text)
            refused += 1
    assert refused > 150 and read > 5
