"""A unit's papers: sent, checked, sent back; and calls that ask for them."""

import pytest

from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from tests import world
from tests.applications.filling import pdf
from tests.world import AT
from units import services
from units.models import Proof, Verification

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return world.build()


def send(cast, *, name="营业执照.pdf", data=None, by="admin"):
    return services.add_proof(
        cast.company,
        name=name,
        data=pdf(1) if data is None else data,
        actor=cast.actor(by),
        at=AT,
    )


def refused(why, act, *args, **kwargs):
    with pytest.raises(Refusal) as told:
        act(*args, **kwargs)
    assert told.value.code == why


def test_a_paper_waits_until_the_office_has_checked_it(cast):
    assert services.state_of(cast.company) == "none"
    proof = send(cast)
    assert services.state_of(cast.company) == "waiting"
    services.verify(cast.company, proof=proof.pk, actor=cast.actor("office"), at=AT)
    assert services.state_of(cast.company) == "verified"
    standing = Verification.objects.get()
    assert standing.decided_by == cast.people["office"]
    assert Message.objects.filter(user=cast.people["admin"], kind="verified").count() == 1
    assert [one.action for one in Entry.objects.filter(action__startswith="units.")] == [
        "units.add_proof",
        "units.verify",
    ]


def test_what_is_sent_back_says_why_and_can_be_sent_again(cast):
    first = send(cast)
    services.send_back(
        cast.company, proof=first.pk, reason="名称与证照不一致", actor=cast.actor("chief"), at=AT
    )
    letter = Message.objects.get(user=cast.people["admin"], kind="returned")
    assert "名称与证照不一致" in letter.body
    second = send(cast, data=pdf(2))
    standing = Verification.objects.get()
    assert (standing.state, standing.proof, standing.reason) == ("waiting", second, "")
    assert standing.decided_by is None
    assert Proof.objects.count() == 2


def test_a_paper_replaced_meanwhile_is_not_decided_by_the_look_at_the_old_one(cast):
    first = send(cast)
    send(cast, data=pdf(2))
    refused(
        "newer-proof",
        services.verify,
        cast.company,
        proof=first.pk,
        actor=cast.actor("office"),
        at=AT,
    )
    assert services.state_of(cast.company) == "waiting"


def test_a_decision_is_made_once_and_with_a_reason(cast):
    proof = send(cast)
    office = {"actor": cast.actor("office"), "at": AT}
    refused(
        "reason-short", services.send_back, cast.company, proof=proof.pk, reason="不行", **office
    )
    services.verify(cast.company, proof=proof.pk, **office)
    refused("decided", services.verify, cast.company, proof=proof.pk, **office)
    refused(
        "decided", services.send_back, cast.company, proof=proof.pk, reason="再想一想", **office
    )
    refused("no-proof", services.verify, cast.rival, proof=proof.pk, **office)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("执照.exe", b"MZ123", "wrong-type"),
        ("执照.pdf", b"", "empty-file"),
        ("执照.pdf", b"not a pdf", "type-mismatch"),
        ("执照.pdf", pdf(11), "too-many-pages"),
        ("执照.pdf", pdf(1, password="x"), "encrypted-file"),
    ],
)
def test_a_file_that_cannot_be_a_scan_is_refused_and_nothing_is_kept(cast, name, data, code):
    refused(code, send, cast, name=name, data=data)
    assert not Proof.objects.exists()
    assert services.state_of(cast.company) == "none"


def test_the_same_file_again_is_refused(cast):
    data = pdf(1, mark="同一份")
    send(cast, data=data)
    refused("already-there", send, cast, data=data)


def test_only_a_call_that_asks_for_it_needs_a_checked_unit(cast):
    for state, words in (("none", "上传营业执照"), ("waiting", "正在核验"), ("returned", "退回")):
        if state == "waiting":
            proof = send(cast)
        if state == "returned":
            services.send_back(
                cast.company,
                proof=proof.pk,
                reason="字迹不清，看不出代码",
                actor=cast.actor("office"),
                at=AT,
            )
        with pytest.raises(Refusal) as told:
            services.must_be_verified(cast.company, rule="通知 二")
        assert words in told.value.message
        assert told.value.rule == "通知 二"
    proof = send(cast, data=pdf(3))
    services.verify(cast.company, proof=proof.pk, actor=cast.actor("office"), at=AT)
    services.must_be_verified(cast.company)
