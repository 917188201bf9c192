"""The list is confirmed as it was shown, or not at all: 409 for each way in which it can change."""

import pytest

from accounts import services as accounts
from applications import services as applications
from applications import snapshot
from applications.models import Version
from documents.fingerprints import fingerprint
from recommenders import services
from tests import world
from tests.recommenders import scene
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.recommenders.test_recommending import REASON
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(client, cast):
    """Two on the list, two more beside it; the approver has the confirming page open."""
    cast.found = scene.filings(cast, 4)
    open_recommendation(cast)
    scene.limit(cast, 2, at=AT)
    scene.recommend(cast, *cast.found[:2], at=AT)
    as_(client, cast, "approver")
    cast.hash = client.get(url("confirm", cast.call.code)).context["hash"]
    return cast


def rank(cast, actor):
    services.set_rank(cast.found[1], number=1, actor=actor, at=AT)


def add(cast, actor):
    scene.limit(cast, 3, at=AT)
    services.recommend(cast.found[2], actor=actor, at=AT)


def drop(cast, actor):
    services.unrecommend(cast.found[0], actor=actor, at=AT, reason="企业放弃")


def replace(cast, actor):
    services.unrecommend(cast.found[0], actor=actor, at=AT, reason="企业放弃")
    services.recommend(cast.found[2], actor=actor, at=AT)


def remark(cast, actor):
    services.set_note(cast.found[0], note="填补空白", actor=actor, at=AT)


def condition(cast, actor):
    services.set_condition(cast.found[0], condition="补交材料", actor=actor, at=AT)


def withdraw(cast, actor):
    gone = cast.found[0]
    applications.withdraw(gone, actor=world.actor(gone.created_by), at=AT, reason="企业放弃申报")


def over_quota(cast, actor):
    asked = services.request_over_quota(cast.found[2], reason=REASON, actor=actor, at=AT)
    services.decide_over_quota(asked, approve=True, note="同意", actor=cast.actor("chief"), at=AT)


def title(cast, actor):
    """The company corrects the title of its filing after a return, and submits again."""
    one = cast.found[0]
    version = Version.objects.get(application=one, number=one.version_number)
    one.title = "改了名称的项目"
    one.save(update_fields=["title"])
    from applications import queries as reading

    frozen = snapshot.build(reading.material(one))
    Version.objects.filter(pk=version.pk).update(snapshot=frozen, fingerprint=fingerprint(frozen))


def contact(cast, actor):
    """A new version of a filing changes what is printed of it, though its title stays."""
    one = cast.found[0]
    version = Version.objects.get(application=one, number=one.version_number)
    frozen = {**version.snapshot, "contact": {"name": "新联系人", "phone": "000-11112222"}}
    Version.objects.filter(pk=version.pk).update(snapshot=frozen, fingerprint=fingerprint(frozen))


WAYS = [rank, add, drop, replace, remark, condition, withdraw, over_quota, title, contact]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_list_that_changed_since_it_was_shown_gets_409_and_stays_open(client, shown, way):
    way(shown, shown.actor("operator"))
    before = scene.everything()
    said = client.post(url("submit_list", shown.call.code), {"hash": shown.hash})
    assert said.status_code == 409
    assert "名单在您查看之后有改动" in said.content.decode()
    assert scene.everything() == before
    again = client.get(url("confirm", shown.call.code)).context["hash"]
    assert again != shown.hash
    assert client.post(url("submit_list", shown.call.code), {"hash": again}).status_code == 302
    assert scene.ranked(shown).state == "frozen"


def test_a_quota_that_changed_since_it_was_shown_gets_409_too(client, shown):
    page = client.get(url("confirm", shown.call.code))
    carried = {"hash": shown.hash, "limits": page.context["limits"]}
    assert f'value="{carried["limits"]}"' in page.content.decode()
    scene.limit(shown, 5, at=AT)
    said = client.post(url("submit_list", shown.call.code), carried)
    assert said.status_code == 409 and "名额在您查看之后有调整" in said.content.decode()
    assert scene.ranked(shown).state == "open"
    carried["limits"] = client.get(url("confirm", shown.call.code)).context["limits"]
    assert client.post(url("submit_list", shown.call.code), carried).status_code == 302


def test_what_changes_beside_the_list_does_not_stand_in_its_way(client, shown):
    actor = shown.actor("operator")
    services.reserve(shown.found[2], actor=actor, at=AT)
    services.add_note(shown.found[0], text="内部看法", actor=actor, at=AT)
    tag = services.make_tag(name="重点", tone="ink", actor=actor, at=AT)
    services.tag_filings(tag, [shown.found[0].pk], put=True, actor=actor, at=AT)
    accounts.update_profile(shown.found[0].organisation, profile={"staff": 100}, actor=actor, at=AT)
    assert client.post(url("submit_list", shown.call.code), {"hash": shown.hash}).status_code == 302


@pytest.mark.parametrize("odd", ["", "0" * 64, "x", None])
def test_without_the_hash_that_was_shown_nothing_is_confirmed(client, shown, odd):
    data = {} if odd is None else {"hash": odd}
    assert client.post(url("submit_list", shown.call.code), data).status_code == 409
    assert scene.ranked(shown).state == "open"


def test_a_list_handed_over_for_approval_carries_the_hash_too(client, shown):
    rank(shown, shown.actor("operator"))
    as_(client, shown, "operator")
    said = client.post(url("propose_list", shown.call.code), {"hash": shown.hash})
    assert said.status_code == 409
