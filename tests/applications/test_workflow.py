from itertools import product

import pytest

from applications import workflow
from applications.workflow import Role, Status
from calls import programme as programmes
from calls.phases import Phase
from calls.programme import Step
from core.errors import Refusal

CATALOGUE = sorted(programmes.catalogue())


def steps_of(code):
    return programmes.read(programmes.catalogue()[code]).steps


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_programme_has_a_way_from_draft_to_finalist(code):
    moves = workflow.moves(steps_of(code))
    reached, grown = {Status.DRAFT}, True
    while grown:
        more = {m.target for m in moves.values() if set(m.sources) & reached} - reached
        reached |= more
        grown = bool(more)
    assert {Status.FINALIST, Status.NOT_SELECTED, Status.WITHDRAWN, Status.LAPSED} <= reached


@pytest.mark.parametrize("code", CATALOGUE)
def test_nothing_leaves_a_final_status_but_what_an_upheld_objection_takes_back(code):
    leaving = {
        name
        for name, move in workflow.moves(steps_of(code)).items()
        if set(move.sources) & set(workflow.FINAL)
    }
    assert leaving == ({"revoke"} if Step.PUBLICITY in steps_of(code) else set())


@pytest.mark.parametrize("code", CATALOGUE)
def test_whatever_is_not_in_the_table_is_refused(code):
    steps = steps_of(code)
    moves = workflow.moves(steps)
    for name, status, role, phase in product(workflow.WORDS, Status, Role, Phase):
        move = moves.get(name)
        allowed = (
            move is not None and status in move.sources and role in move.by and phase in move.during
        )
        if allowed:
            assert workflow.find(steps, name, status=status, roles={role}, phase=phase) is move
        else:
            with pytest.raises(Refusal):
                workflow.find(steps, name, status=status, roles={role}, phase=phase)


def test_without_recommendation_the_office_decides_on_what_was_submitted():
    assert workflow.decided_from((Step.FILING, Step.ANNOUNCEMENT)) == Status.SUBMITTED


def test_with_everything_the_office_decides_on_what_was_reviewed():
    steps = (Step.FILING, Step.RECOMMENDATION, Step.FORMAL_CHECK, Step.REVIEW)
    assert workflow.decided_from(steps) == Status.IN_REVIEW


def test_lapse_takes_only_what_was_never_submitted():
    for code in CATALOGUE:
        assert workflow.moves(steps_of(code))["lapse"].sources == (Status.DRAFT,)
