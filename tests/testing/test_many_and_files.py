"""Many commissions at once; and every file of a test goes through the one safe door."""

import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.models import Blob, VirusCheck
from notifications.models import Message
from testing import services
from testing.models import Commission, Dispute, Evidence, Result
from tests import kept
from tests.applications.filling import pdf
from tests.testing import scene
from tests.testing.test_pages import browser, url
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(lambda: scene.build("甲一", "乙二", "丙三"))


def proposed(played) -> list[Commission]:
    return [scene.propose(played, n, n % 2) for n in range(3)]


def states() -> list[str]:
    return list(Commission.objects.order_by("pk").values_list("state", flat=True))


def told():
    """The letters to the units about who tests them."""
    return Message.objects.filter(key__startswith="testing.unit:")


# Many at once ------------------------------------------------------------------------------------


def test_the_second_person_approves_many_at_once_and_everybody_is_told_once(client, played):
    chosen = [one.public_id for one in proposed(played)]
    where = url("decide", played.season.call.code)
    page = browser(client, played, "chief").post(where, {"commission": chosen, "act": "approve"})
    assert page.status_code == 302
    assert states() == ["offered"] * 3
    assert told().count() == len({one.user_id for one in told()}) == 3
    again = client.post(where, {"commission": chosen, "act": "approve"})
    assert again.status_code == 409
    assert states() == ["offered"] * 3 and told().count() == 3


def test_one_that_may_not_be_approved_stops_all_of_them(client, played):
    """A tie was declared after the proposal: none is approved, the refusal says which."""
    made = proposed(played)
    unit = played.season.filed[2].organisation
    services.declare(
        made[2].agency, name=unit.name, reason="刚刚参股该单位", actor=played.tester(), at=AT
    )
    chosen = [one.public_id for one in made]
    answer = browser(client, played, "chief").post(
        url("decide", played.season.call.code), {"commission": chosen, "act": "approve"}
    )
    assert answer.status_code == 409
    assert unit.name in answer.content.decode()
    assert states() == ["proposed"] * 3
    assert not told().exists()


def test_an_approver_who_proposed_one_of_them_approves_none(client, played):
    made = [scene.propose(played, n) for n in range(2)]
    made += services.propose(
        [services.Proposal(played.task(2), played.agencies[1])],
        due=scene.due(played),
        actor=played.actor("chief"),
        at=AT,
    )
    where = url("decide", played.season.call.code)
    body = {"commission": [one.public_id for one in made], "act": "approve"}
    assert browser(client, played, "chief").post(where, body).status_code == 403
    assert browser(client, played, "office").post(where, body).status_code == 403
    assert states() == ["proposed"] * 3


def test_many_are_rejected_together_or_none(client, played):
    made = proposed(played)
    services.withdraw(made[2], reason="另行安排", actor=played.actor("office"), at=AT)
    where = url("decide", played.season.call.code)
    body = {
        "commission": [one.public_id for one in made],
        "act": "reject",
        "reason": "机构负荷已满",
    }
    assert browser(client, played, "chief").post(where, body).status_code == 409
    assert states()[:2] == ["proposed", "proposed"], "none, because the third had ended"
    body["commission"] = body["commission"][:2]
    assert client.post(where, body).status_code == 302
    assert states()[:2] == ["rejected", "rejected"]


def test_many_results_are_released_at_once_or_none(client, played):
    results = [scene.sealed(played, scene.accepted(played, n, n), n) for n in range(2)]
    open_one = scene.accepted(played, 2, 0)
    where = url("release", played.season.call.code)
    chief = browser(client, played, "chief")
    every = [one.public_id for one in (*results, open_one)]
    assert chief.post(where, {"result": every}).status_code == 409
    assert not Result.objects.filter(state="released").exists()
    assert chief.post(where, {"result": every[:2]}).status_code == 302
    assert Result.objects.filter(state="released").count() == 2


# Files -------------------------------------------------------------------------------------------

BAD = {
    "empty": ("空.pdf", b"", "空"),
    "not what it says": ("测试.pdf", b"MZ\x90\x00" + b"\x00" * 400, ""),
    "a page": ("测试.html", b"<html><script>alert(1)</script></html>", ""),
    "locked": ("加密.pdf", pdf(1, password="geheim"), ""),
    "drawing": ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
}


def evidence_of(client, played):
    result = scene.accepted(played)
    browser(client, played, "tester0")
    where = url("attach", result.commission.public_id)
    return lambda name, data: client.post(where, {"file": SimpleUploadedFile(name, data)}), Evidence


def dispute_of(client, played):
    result = scene.released(played)
    unit = scene.unit_person(played)
    client.force_login(unit, backend="django.contrib.auth.backends.ModelBackend")
    where = url("raise_dispute", result.public_id)
    key = result.rows.select_related("target").first().target.key
    said = {"keys": [key], "reason": "测试所用样品不是申报的版本，结果偏低。"}
    return (
        lambda name, data: client.post(where, {**said, "evidence": SimpleUploadedFile(name, data)}),
        Dispute,
    )


@pytest.mark.parametrize("door", [evidence_of, dispute_of])
@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_honest_file_is_refused_at_every_door_and_nothing_is_kept(
    client, played, door, bad
):
    put, table = door(client, played)
    name, data, word = BAD[bad]
    before = (table.objects.count(), Blob.objects.count())
    answer = put(name, data)
    assert answer.status_code in (409, 422), answer.status_code
    assert word in answer.content.decode()
    assert (table.objects.count(), Blob.objects.count()) == before
    assert put("检测记录.pdf", pdf(1, mark="good")).status_code == 302
    assert table.objects.count() == before[0] + 1


@pytest.mark.parametrize("door", [evidence_of, dispute_of])
def test_an_infected_file_is_refused_by_name_at_every_door(
    client, played, door, settings, tmp_path
):
    script = tmp_path / "scanner.py"
    script.write_text(
        "import sys\nif b'EICAR' in sys.stdin.buffer.read():\n"
        "    print('stream: Eicar-Test FOUND')\n    sys.exit(1)\n"
    )
    put, table = door(client, played)
    settings.JIEBANG_SCANNER = f"{sys.executable} {script}"
    before = (table.objects.count(), Blob.objects.count())
    answer = put("毒.pdf", pdf(1, mark="EICAR"))
    assert answer.status_code == 422 and "Eicar-Test" in answer.content.decode()
    assert (table.objects.count(), Blob.objects.count()) == before
    assert put("好.pdf", pdf(1, mark="good")).status_code == 302
    assert VirusCheck.objects.filter(found="").exists()
