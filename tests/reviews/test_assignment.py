import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews import assignment
from reviews.assignment import LEVELLING, MATCH, SCALE, Reviewer, Task

TERMS = ["智能传感器", "机器翻译系统", "云端人工智能芯片", "边缘端人工智能芯片"]


def world(seed: int, tasks: int, reviewers: int, *, wanted: int, capacity: int, clashes: int):
    draw = random.Random(seed)
    asked = [Task(key, (draw.choice(TERMS),), wanted) for key in range(tasks)]
    able = [Reviewer(100 + key, tuple(draw.sample(TERMS, 2)), capacity) for key in range(reviewers)]
    pairs = [(task.key, one.key) for task in asked for one in able]
    return asked, able, set(draw.sample(pairs, clashes))


def value(pairs, tasks, reviewers) -> int:
    """The cost of an assignment, added up again without the solver."""
    topics = {task.key: task.topics for task in tasks}
    fields = {one.key: one.fields for one in reviewers}
    cost = sum((MATCH - assignment.match(topics[a], fields[e])) * SCALE for a, e in pairs)
    for one in reviewers:
        load = sum(1 for _, e in pairs if e == one.key)
        cost += sum(range(load)) * LEVELLING
    return cost


def brute_force(tasks, reviewers, clashes) -> tuple[int, int]:
    """Least (missing reviews, cost) over every assignment there is."""
    choices = []
    for task in tasks:
        able = [one.key for one in reviewers if (task.key, one.key) not in clashes]
        choices.append(
            [
                [(task.key, e) for e in chosen]
                for size in range(task.wanted + 1)
                for chosen in itertools.combinations(able, size)
            ]
        )
    capacity = {one.key: one.capacity for one in reviewers}
    wanted = sum(task.wanted for task in tasks)
    best = None
    for parts in itertools.product(*choices):
        pairs = [pair for part in parts for pair in part]
        loads = {key: sum(1 for _, e in pairs if e == key) for key in capacity}
        if any(loads[key] > capacity[key] for key in capacity):
            continue
        found = (wanted - len(pairs), value(pairs, tasks, reviewers))
        best = found if best is None else min(best, found)
    return best


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("candidates", [1, 4])
def test_no_other_assignment_is_better(seed, candidates):
    tasks, reviewers, clashes = world(seed, 3, 4, wanted=2, capacity=2, clashes=seed % 5)
    found = assignment.propose(tasks, reviewers, conflicts=clashes, candidates=candidates)
    missing = 6 - len(found.pairs)
    assert (missing, value(found.pairs, tasks, reviewers)) == brute_force(tasks, reviewers, clashes)


@given(seed=st.integers(0, 10_000), drawn=st.sampled_from(["", "种子"]), wanted=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_conflicts_capacities_and_wants_always_hold(seed, drawn, wanted):
    tasks, reviewers, clashes = world(seed, 9, 6, wanted=wanted, capacity=5, clashes=12)
    found = assignment.propose(tasks, reviewers, conflicts=clashes, seed=drawn, candidates=2)
    assert not set(found.pairs) & clashes
    assert len(set(found.pairs)) == len(found.pairs)
    for task in tasks:
        given_ = sum(1 for a, _ in found.pairs if a == task.key)
        short = [one for one in found.shortfalls if one.task == task.key]
        assert given_ <= wanted
        assert (given_ < wanted) == bool(short)
    assert max(found.loads.values()) <= 5
    assert sum(load * count for load, count in found.histogram.items()) == len(found.pairs)


@given(seed=st.integers(0, 1000), drawn=st.sampled_from(["", "种子"]), shuffle=st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_proposal_does_not_depend_on_the_order_of_the_rows(seed, drawn, shuffle):
    tasks, reviewers, clashes = world(seed, 8, 6, wanted=3, capacity=6, clashes=6)
    before = assignment.propose(tasks, reviewers, conflicts=clashes, seed=drawn)
    shuffle.shuffle(tasks)
    shuffle.shuffle(reviewers)
    assert assignment.propose(tasks, reviewers, conflicts=clashes, seed=drawn) == before


@pytest.mark.parametrize("drawn", ["", "2021-评审-1"])
def test_few_candidates_are_widened_to_the_same_optimum(drawn):
    tasks, reviewers, clashes = world(3, 60, 25, wanted=5, capacity=13, clashes=40)
    narrow = assignment.propose(tasks, reviewers, conflicts=clashes, seed=drawn, candidates=3)
    every = assignment.propose(tasks, reviewers, conflicts=clashes, seed=drawn, candidates=25)
    assert (narrow.cost, narrow.shortfalls) == (every.cost, ())


def test_loads_level_out_among_equals():
    tasks = [Task(key, ("智能传感器",), 3) for key in range(20)]
    reviewers = [Reviewer(key, ("智能传感器",), 20) for key in range(12)]
    found = assignment.propose(tasks, reviewers)
    assert found.histogram == {5: 12}
    assert found.objective == 100.0


def test_a_shortfall_says_whether_conflicts_or_capacity_is_the_cause():
    tasks = [Task(1, ("智能传感器",), 2), Task(2, ("智能传感器",), 2)]
    reviewers = [Reviewer(1, (), 2), Reviewer(2, (), 1)]
    barred = assignment.propose(tasks, reviewers, conflicts={(1, 1)})
    assert [(one.task, one.given) for one in barred.shortfalls] == [(1, 1), (2, 1)]
    assert "其中 1 人须回避" in barred.shortfalls[0].reason
    assert "评审量已满" in barred.shortfalls[1].reason
    nobody = assignment.propose(tasks, [])
    assert [one.reason for one in nobody.shortfalls] == [
        "没有可用专家，请先邀请专家或调整其可用状态"
    ] * 2


def test_a_lack_is_shared_out_rather_than_heaped_on_one_application():
    tasks = [Task(key, ("智能传感器",), 2) for key in range(2)]
    found = assignment.propose(tasks, [Reviewer(1, (), 1), Reviewer(2, (), 1)])
    assert sorted(one.given for one in found.shortfalls) == [1, 1]


def test_what_is_fixed_stays_and_uses_up_capacity():
    tasks = [Task(1, ("智能传感器",), 1), Task(2, ("智能传感器",), 1)]
    reviewers = [Reviewer(1, ("智能传感器",), 1), Reviewer(2, (), 5)]
    found = assignment.propose(tasks, reviewers, fixed={(2, 1)})
    assert found.pairs == ((1, 2), (2, 1))
    again = assignment.propose(tasks, reviewers, fixed=set(found.pairs))
    assert again.pairs == found.pairs


def test_the_draw_can_be_repeated_and_another_seed_draws_otherwise():
    tasks = [Task(key, ("智能传感器",), 3) for key in range(30)]
    reviewers = [Reviewer(key, ("智能传感器",), 10) for key in range(15)]
    first = assignment.propose(tasks, reviewers, seed="甲")
    assert assignment.propose(tasks, reviewers, seed="甲") == first
    assert assignment.propose(tasks, reviewers, seed="乙").pairs != first.pairs
    assert first.commitment == assignment.commitment("甲")


@pytest.mark.parametrize(
    ("topics", "fields", "least", "most"),
    [
        (("智能传感器", "声学"), ("智能传感器",), 100, 100),
        (("智能传感器", "声学"), ("声学",), 90, 90),
        (("智能传感器",), ("传感器技术",), 1, 60),
        (("智能传感器",), ("机器翻译",), 0, 0),
        (("智能传感器",), (), 0, 0),
    ],
)
def test_fields_match_in_full_in_part_or_not(topics, fields, least, most):
    assert least <= assignment.match(topics, fields) <= most


@pytest.mark.parametrize("drawn", ["", "种子"])
def test_groups_that_conflicts_break_up_still_give_the_optimum_over_all_pairs(drawn):
    """Alike applications, half of all pairs barred: dealing out fails and groups come apart."""
    for number in range(6):
        tasks, reviewers, clashes = world(number, 14, 10, wanted=3, capacity=5, clashes=60)
        found = assignment.propose(tasks, reviewers, conflicts=clashes, seed=drawn)
        alone = [Task(one.key, (*one.topics, ""), one.wanted) for one in tasks]
        apart = [Task(one.key, (*one.topics, *[""] * n), one.wanted) for n, one in enumerate(alone)]
        single = assignment.propose(apart, reviewers, conflicts=clashes)
        lost = sum(one.wanted - one.given for one in found.shortfalls)
        assert lost == sum(one.wanted - one.given for one in single.shortfalls)
        assert not set(found.pairs) & clashes
        if not drawn:
            assert found.gap == 0
            assert value(found.pairs, tasks, reviewers) == value(single.pairs, apart, reviewers)


def test_a_large_round_is_proposed_whole_with_its_gap_stated():
    draw = random.Random(5)
    tasks = [Task(key, (draw.choice(TERMS), f"细分{draw.randrange(9)}"), 5) for key in range(1000)]
    reviewers = [
        Reviewer(5000 + key, tuple(draw.sample(TERMS, 2)), 20 + draw.randrange(4))
        for key in range(300)
    ]
    clashes = {(draw.randrange(1000), 5000 + draw.randrange(300)) for _ in range(6000)}
    found = assignment.propose(tasks, reviewers, conflicts=clashes, seed="种子")
    assert len(found.pairs) == 5000
    assert not set(found.pairs) & clashes
    assert 0 <= found.gap < SCALE * 5
