"""Many at once: the last copy is counted once, letters go out once, a package is asked for once."""

import pytest

from accounts.models import Membership
from documents.models import Package
from documents.packages import services as packages
from notifications.models import Message
from recommenders import resultletters, services
from recommenders.models import PaperReceipt, RankedList
from tests.racing import together
from tests.recommenders import scene
from tests.recommenders.test_paper_register import build, items, receive, sheet_code
from tests.world import AT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

CLIENTS = 12


def test_the_last_copy_is_counted_once():
    cast = build()
    code = sheet_code(cast)
    said = together(
        *(lambda n=n: receive(cast, code, token=f"race-token-{n}") for n in range(CLIENTS))
    )
    assert said.count("") == 1 and said.count("too-many-copies") == CLIENTS - 1
    assert PaperReceipt.objects.count() == 1 and items(cast)[0].state == "complete"


def test_letters_go_out_once_however_often_the_button_is_pressed():
    cast = build()
    RankedList.objects.filter(pk=scene.ranked(cast).pk).update(state="sealed")
    services.deliver(scene.ranked(cast), actor=cast.actor("operator"), at=AT)
    shown = resultletters.shown(resultletters.recipients(scene.ranked(cast)))
    actor, ranked = cast.actor("operator"), scene.ranked(cast)
    said = together(
        *[lambda: services.send_results(ranked, shown=shown, actor=actor, at=AT)] * CLIENTS
    )
    assert said.count("") == 1 and said.count("sent-already") == CLIENTS - 1
    assert Message.objects.filter(kind="result").count() == 3


def test_one_package_for_twelve_presses_and_one_builder_for_it():
    cast = build()
    acting = Membership.objects.select_related("organisation").get(user=cast.people["operator"])
    ranked, actor = scene.ranked(cast), cast.actor("operator")
    together(
        *[
            lambda: packages.request(
                kind="list-forms", subject=ranked, title="打包", acting=acting, actor=actor, at=AT
            )
        ]
        * CLIENTS
    )
    assert Package.objects.count() == 1
    built = []
    late = AT + packages.WAIT_AT_MOST
    together(*[lambda: built.append(packages.build_waiting(at=late))] * CLIENTS)
    assert sum(built) == 1 and Package.objects.get().attempts == 1
