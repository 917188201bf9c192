"""Statements that are built once: they give what the queryset gives, and hide nothing from it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q, Value
from django.test.utils import CaptureQueriesContext

from accounts import policy
from accounts.models import Membership, Organisation, User
from accounts.sessions import SessionStore
from applications.models import Section
from calls.models import Call, rules_digest
from core.prepared import Prepared, Slot, Texts
from tests.world import AT

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_it_gives_the_objects_of_the_queryset_with_their_relations(cast):
    held = Prepared(
        lambda: (
            Membership.objects.active(Slot("at"))
            .filter(user_id=Slot("user"))
            .select_related("organisation")
            .annotate(said=Value("词"))
        )
    )
    person = cast.people["admin"]
    for _ in range(2):  # built, then kept
        with CaptureQueriesContext(connection) as asked:
            found = held(at=AT, user=person.pk)
            names = [(one.organisation.name, one.valid_from, one.said) for one in found]
        assert len(asked) == 1
        expected = Membership.objects.active(AT).filter(user=person)
        assert names == [(one.organisation.name, one.valid_from, "词") for one in expected]
        assert found == list(expected) and found[0].organisation.pk == found[0].organisation_id
    assert held(at=AT - timedelta(days=9999), user=person.pk) == []


def test_an_absent_relation_is_none_and_a_deferred_column_is_read_when_asked(cast):
    one = Prepared(
        lambda: (
            Section.objects.filter(pk=Slot("pk"))
            .select_related("saved_by", "application")
            .defer("application__title")
        )
    )
    row = cast.application.sections.filter(saved_by=None).first()
    found = one.first(pk=row.pk)
    assert found.saved_by is None
    assert "title" not in found.application.__dict__
    assert found.application.title == cast.application.title


def test_any_number_of_texts_stand_in_one_statement(cast):
    units = Prepared(
        lambda: Organisation.objects.filter(name__in=Texts("names"), kind=Slot("kind")).order_by(
            "pk"
        )
    )
    kind = Organisation.Kind.PROVINCE
    expected = list(Organisation.objects.filter(kind=kind).order_by("pk"))
    assert len(expected) > 1
    names = {one.name for one in expected} | {"'; --", '"[引号]'}
    for wanted, found in ((names, expected), ([expected[0].name], expected[:1]), ((), [])):
        assert units(names=wanted, kind=kind) == found


def test_rows_of_values_and_slots_that_are_none(cast):
    units = Prepared(
        lambda: Organisation.objects.filter(Q(pk=Slot("one")) | Q(pk=Slot("two"))).values_list(
            "pk", "name"
        )
    )
    unit = cast.application.organisation
    assert units(one=unit.pk, two=None) == [(unit.pk, unit.name)]
    assert units(one=None, two=None) == []


def test_what_it_cannot_do_is_refused():
    with pytest.raises(KeyError):
        Prepared(lambda: User.objects.filter(pk=Slot("pk")))(other=1)
    for build in (
        lambda: User.objects.prefetch_related("memberships"),
        lambda: User.objects.values("pk"),
    ):
        with pytest.raises(TypeError):
            Prepared(build)()


# A call's rules --------------------------------------------------------------------------------


def test_rules_are_read_from_their_text_at_need_and_belong_to_one_object(cast):
    one, two = (Call.objects.get(pk=cast.call.pk) for _ in range(2))
    assert one.programme is two.programme
    one.rules["note"] = "改了"
    assert two.rules.get("note") != "改了" and one.rules["note"] == "改了"
    one.save()
    assert Call.objects.get(pk=one.pk).rules["note"] == "改了"
    assert (
        Call.objects.filter(rules__note="改了").values_list("rules__note", flat=True)[0] == "改了"
    )


def test_changed_rules_have_another_digest_and_another_programme(either_database, cast):
    def known():
        found = (
            Call.objects.defer("rules").annotate(digest=rules_digest("rules")).get(pk=cast.call.pk)
        )
        found.known_by(found.digest)
        return found

    before = known()
    assert before.programme == cast.call.programme
    with CaptureQueriesContext(connection) as asked:
        again = known()
    assert again.programme is before.programme and len(asked) == 1
    title = "另一个名称"
    Call.objects.filter(pk=cast.call.pk).update(rules={**cast.call.rules, "title": title})
    assert known().programme.title == title


# The person of a session -----------------------------------------------------------------------


@pytest.fixture
def signed_in(client, cast):
    client.force_login(cast.people["editor"], backend=BACKEND)
    return client


def entered(client) -> bool:
    return client.get("/applications/").status_code == 200


def test_the_person_and_their_memberships_are_read_with_the_session(signed_in, monkeypatch):
    monkeypatch.setattr(policy, "_held", None)  # what asks for them alone
    with CaptureQueriesContext(connection) as asked:
        assert entered(signed_in)
    assert 'JOIN "accounts_user"' in asked[0]["sql"] and "accounts_session" in asked[0]["sql"]
    assert not [one for one in asked[1:] if 'FROM "accounts_user"' in one["sql"]]


def test_a_membership_read_with_the_session_is_what_it_is_by_itself(signed_in, cast):
    person = cast.people["editor"]
    Membership.objects.create(
        user=person,
        organisation=cast.province,
        role="rec_operator",
        valid_from=AT,
        valid_until=AT + timedelta(days=1),
    )
    store = SessionStore(signed_in.session.session_key)
    store.load()
    assert store.person == person and store.held == list(person.memberships.order_by("pk"))
    for one in store.held:
        known = Membership.objects.select_related("organisation", "user").get(pk=one.pk)
        for model in ("", "organisation", "user"):
            read, itself = (getattr(it, model) if model else it for it in (one, known))
            assert {k: v for k, v in vars(read).items() if k[0] != "_"} == {
                k: v for k, v in vars(itself).items() if k[0] != "_"
            }


@pytest.mark.parametrize("seconds", [-1, 0, 1, 3599, 3600, 3601])
def test_a_membership_that_was_read_is_in_force_as_the_database_says(cast, seconds):
    one = cast.people["editor"].memberships.get()
    one.valid_from, one.valid_until = AT, AT + timedelta(hours=1)
    one.save()
    at = AT + timedelta(seconds=seconds)
    assert one.is_active(at) == Membership.objects.active(at).filter(pk=one.pk).exists()
    one.valid_until = None
    one.save()
    assert one.is_active(at) == Membership.objects.active(at).filter(pk=one.pk).exists()


def test_a_visitors_session_has_nobody(client, cast):
    session = client.session
    session["note"] = 1
    session.save()
    store = SessionStore(session.session_key)
    assert store["note"] == 1 and store.person is None and store.held == []


def test_a_person_put_away_or_with_another_password_is_signed_out(signed_in, cast):
    assert entered(signed_in)
    person = User.objects.get(pk=cast.people["editor"].pk)
    person.is_active = False
    person.save()
    assert not entered(signed_in)
    person.is_active = True
    person.save()
    assert entered(signed_in)
    person.set_password("另一个-passphrase-2026")
    person.save()
    assert not entered(signed_in)


def test_a_session_that_names_somebody_else_than_its_row_is_judged_by_what_it_names(
    signed_in, cast
):
    """The row's person is a copy for listing; the signed contents decide."""
    from accounts.models import Session

    Session.objects.update(user=cast.people["rival"])
    answer = signed_in.get("/applications/")
    assert answer.status_code == 200 and answer.wsgi_request.user.pk == cast.people["editor"].pk


def test_a_backend_that_is_no_longer_trusted_signs_nobody_in(signed_in, settings):
    settings.AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend"]
    assert not entered(signed_in)
