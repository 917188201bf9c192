"""Each act that fails half way leaves nothing behind: audit, letter or document row missing."""

import pytest

from documents import services as documents
from recommenders import services
from recommenders.models import PaperResult, PaperSelection
from tests.halfway import AUDIT, LETTER, NUMBER, PAPER, leaves_nothing
from tests.recommenders import scene
from tests.recommenders.scene import LATER
from tests.world import AT

pytestmark = pytest.mark.django_db(transaction=True)


def _recommend(cast):
    application = scene.filing(cast, 1)
    return lambda: services.recommend(application, actor=cast.actor("operator"), at=LATER)


def _unrecommend(cast):
    application = scene.filing(cast, 1)
    scene.recommend(cast, application)
    return lambda: services.unrecommend(
        application, reason="材料不全", actor=cast.actor("operator"), at=LATER
    )


def _submit_list(cast):
    scene.recommend(cast, scene.filing(cast, 1))
    seen = scene.shown(cast)
    return lambda: services.submit_list(
        scene.ranked(cast), shown=seen, actor=cast.actor("approver"), at=LATER
    )


def _reopen(cast):
    _submit_list(cast)()
    return lambda: services.reopen_list(
        scene.ranked(cast), reason="需要调整顺序", actor=cast.actor("approver"), at=LATER
    )


def _request(cast):
    scene.limit(cast, 0)
    application = scene.filing(cast, 1)
    return lambda: services.request_over_quota(
        application, reason="填补省内空白，水平领先", actor=cast.actor("operator"), at=LATER
    )


def _decide(cast):
    request = _request(cast)()
    return lambda: services.decide_over_quota(
        request, approve=True, note="同意", actor=cast.actor("chief"), at=LATER
    )


def _change_limit(cast):
    found = scene.allotment(cast)
    return lambda: services.change_limit(
        found, limit=3, reason="名额统筹考虑", actor=cast.actor("chief"), at=LATER
    )


def _deliver(cast):
    rules = {key: value for key, value in cast.call.rules.items() if key != "documents"}
    scene.move_dates(cast.call, rules=rules)
    _submit_list(cast)()
    return lambda: services.deliver(scene.ranked(cast), actor=cast.actor("operator"), at=LATER)


def _order_by_score(cast):
    found = scene.filings(cast, 2)
    scene.recommend(cast, *found)
    made = PaperSelection.objects.create(
        call=cast.call,
        organisation=cast.province,
        held_on=AT.date(),
        participants="示例专家",
        minutes=documents.store(b"%PDF-", media_type="application/pdf", at=AT),
        minutes_name="纪要.pdf",
        by=cast.people["operator"],
        at=AT,
    )
    PaperResult.objects.create(selection=made, application=found[1], score=90)
    return lambda: services.order_by_score(
        scene.ranked(cast), actor=cast.actor("operator"), at=LATER
    )


def _undo(cast):
    scene.recommend(cast, scene.filing(cast, 1))
    return lambda: services.undo(scene.ranked(cast), actor=cast.actor("operator"), at=LATER)


def _tag(cast):
    actor, filing = cast.actor("operator"), scene.filing(cast, 1)
    tag = services.make_tag(name="重点", tone="ink", actor=actor, at=LATER)
    return lambda: services.tag_filings(tag, [filing.pk], put=True, actor=actor, at=LATER)


def _revoke(cast):
    return lambda: services.revoke_unit(
        cast.province, reason="账号疑似泄露", actor=cast.actor("office"), at=LATER
    )


def _transfer(cast):
    moved = services.propose_transfer(
        cast.city,
        parent=cast.other_province,
        day=LATER.date(),
        reason="区划调整文件",
        today=LATER.date(),
        actor=cast.actor("office"),
        at=LATER,
    )
    return lambda: services.approve_transfer(
        moved, today=LATER.date(), actor=cast.actor("chief"), at=LATER
    )


@pytest.mark.parametrize(
    ("prepare", "fails"),
    [
        (_order_by_score, AUDIT),
        (_undo, AUDIT),
        (_tag, AUDIT),
        (_revoke, AUDIT),
        (_transfer, AUDIT),
        (_transfer, LETTER),
        (_recommend, AUDIT),
        (_recommend, LETTER),
        (_unrecommend, AUDIT),
        (_submit_list, AUDIT),
        (_submit_list, LETTER),
        (_submit_list, PAPER),
        (_submit_list, NUMBER),
        (_reopen, AUDIT),
        (_reopen, LETTER),
        (_request, AUDIT),
        (_request, LETTER),
        (_decide, AUDIT),
        (_decide, LETTER),
        (_change_limit, AUDIT),
        (_change_limit, LETTER),
        (_deliver, AUDIT),
        (_deliver, LETTER),
    ],
)
def test_an_act_that_fails_half_way_leaves_nothing(cast, monkeypatch, prepare, fails):
    leaves_nothing(prepare(cast), fails, scene.everything, monkeypatch)
