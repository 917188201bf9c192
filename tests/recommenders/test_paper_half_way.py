"""Letters, the register of paper and packages: an act that fails half way leaves nothing behind."""

import pytest

from documents.models import Document, Package
from documents.packages import services as packages
from recommenders import resultletters, services
from recommenders.models import RankedList
from tests.halfway import AUDIT, LETTER, PAPER, broken, leaves_nothing
from tests.recommenders import scene
from tests.recommenders.test_packing import paper, soon
from tests.recommenders.test_pages import open_recommendation
from tests.recommenders.test_paper_register import build, form, receive, today
from tests.world import AT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("either_database"),
]


def _set_letter(cast):
    return lambda: services.set_cover_letter(
        scene.ranked(cast),
        number="示工信函〔2021〕45号",
        to="",
        contact_name="",
        contact_phone="",
        actor=cast.actor("operator"),
        at=AT,
    )


def _receive(cast):
    code = form(cast).code
    return lambda: receive(cast, code)


def _receive_rest(cast):
    return lambda: services.receive_rest(
        cast.call,
        cast.office,
        sender=cast.province,
        token="rest-token",
        received_on=today(),
        actor=cast.actor("office"),
        at=AT,
    )


def _correct(cast):
    receipt, _ = receive(cast, form(cast).code)
    return lambda: services.correct_paper(
        receipt,
        copies=2,
        received_on=today(),
        reason="份数登记有误",
        actor=cast.actor("office"),
        at=AT,
    )


def _remind(cast):
    return lambda: services.remind_paper(cast.call, cast.office, actor=cast.actor("office"), at=AT)


def _send(cast):
    RankedList.objects.filter(pk=scene.ranked(cast).pk).update(state="sealed")
    services.deliver(scene.ranked(cast), actor=cast.actor("operator"), at=AT)
    shown = resultletters.shown(resultletters.recipients(scene.ranked(cast)))
    return lambda: services.send_results(
        scene.ranked(cast), shown=shown, actor=cast.actor("operator"), at=AT
    )


@pytest.mark.parametrize(
    ("prepare", "where"),
    [
        (_set_letter, AUDIT),
        (_set_letter, PAPER),
        (_receive, AUDIT),
        (_receive_rest, AUDIT),
        (_correct, AUDIT),
        (_remind, LETTER),
        (_remind, AUDIT),
        (_send, PAPER),
        (_send, LETTER),
        (_send, AUDIT),
    ],
)
def test_a_failure_half_way_changes_nothing_and_the_act_can_be_done_after(
    prepare, where, monkeypatch
):
    leaves_nothing(prepare(build()), where, scene.everything, monkeypatch)


def test_a_package_that_breaks_at_its_last_file_shows_nothing_of_itself(cast, monkeypatch):
    from documents.packages import work

    found = scene.filings(cast, 3)
    open_recommendation(cast)
    scene.recommend(cast, *found, at=AT)
    for number, one in enumerate(found):
        paper(one, b"%PDF " + bytes([number]))
    membership = cast.people["operator"].memberships.get()
    package = packages.request(
        kind="list-forms",
        subject=scene.ranked(cast),
        title="示例打包",
        acting=membership,
        actor=cast.actor("operator"),
        at=AT,
    )
    Document.objects.exclude(kind="application_form").delete()
    with monkeypatch.context() as patch:
        count = iter(range(100))
        whole = work.services.read
        patch.setattr(
            work.services, "read", lambda blob: whole(blob) if next(count) < 2 else broken()
        )
        assert packages.build_waiting(at=soon()) == 0
    package.refresh_from_db()
    assert (package.state, package.path, package.size) == ("waiting", "", 0)
    later = package.not_before
    assert packages.build_waiting(at=later) == 1
    assert Package.objects.get().state == "ready"
