from datetime import UTC, datetime, timedelta

from calls.phases import Phase, Timetable, deadline

T = datetime(2021, 11, 15, 16, tzinfo=UTC)
TICK = timedelta(microseconds=1)
TABLE = Timetable(T - timedelta(days=28), T, T + timedelta(days=15))


def test_a_phase_holds_up_to_but_not_including_its_end():
    assert TABLE.phase(T - TICK) is Phase.FILING
    assert TABLE.phase(T) is Phase.RECOMMENDATION
    assert TABLE.phase(T + timedelta(days=15) - TICK) is Phase.RECOMMENDATION
    assert TABLE.phase(T + timedelta(days=15)) is Phase.PROCESSING


def test_before_the_start_a_call_is_announced():
    assert TABLE.phase(T - timedelta(days=28) - TICK) is Phase.ANNOUNCED
    assert TABLE.phase(T - timedelta(days=28)) is Phase.FILING


def test_without_recommendation_filing_is_followed_by_processing():
    assert Timetable(None, T, None).phase(T) is Phase.PROCESSING


def test_a_call_without_a_deadline_is_not_open():
    assert Timetable(None, None, None).phase(T) is Phase.ANNOUNCED


def test_the_earliest_date_of_the_own_chain_counts():
    first = T - timedelta(days=3)
    assert deadline(T, earlier=[T - timedelta(days=1), first]) == first


def test_a_level_cannot_make_the_deadline_later():
    assert deadline(T, earlier=[T + timedelta(days=1)]) == T


def test_an_approved_extension_wins_over_every_earlier_date():
    later = T + timedelta(days=2)
    assert deadline(T, earlier=[T - timedelta(days=3)], extended=[later]) == later


def test_an_extension_to_before_the_call_s_own_date_shortens_nothing():
    assert deadline(T, extended=[T - timedelta(days=2)]) == T
