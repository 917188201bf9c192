"""What PostgreSQL keeps ready: planned once for a connection, and asked no differently."""

import sys

import pytest
from django.db import connection, transaction
from django.db.models import Q, Value
from django.urls import get_resolver

from accounts import roles
from accounts.models import Organisation
from applications import access
from audit import services as audit
from core.prepared import Prepared, Slot, Texts
from tests.world import AT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def ready() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements ORDER BY name")
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture(autouse=True)
def a_new_connection(cast):
    connection.close()
    yield
    connection.close()


def units() -> Prepared:
    """Constants with what SQL and Python's formatting read as signs of their own."""
    return Prepared(
        lambda: (
            Organisation.objects.filter(
                Q(name__in=Texts("names")) | Q(name__contains="100%s'"), kind=Slot("kind")
            )
            .annotate(said=Value("%s 50% 'x' $1"))
            .order_by("pk")
        )
    )


def test_a_statement_is_planned_once_for_a_connection_and_again_for_the_next(cast):
    asked, kind = units(), Organisation.Kind.PROVINCE
    expected = list(Organisation.objects.filter(kind=kind).order_by("pk"))
    names = [one.name for one in expected]
    for _ in range(2):
        for _ in range(7):  # the server makes its plan for any value at the sixth
            found = asked(names=names, kind=kind)
            assert found == expected and {one.said for one in found} == {"%s 50% 'x' $1"}
        assert [name.rpartition("_")[0] for name in ready()] == ["accounts_organisation"]
        connection.close()


def test_where_connections_are_kept_every_plan_is_for_any_value(cast):
    asked = units()
    asked(names=[cast.province.name], kind=cast.province.kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements")
        assert cursor.fetchall() == [(1, 0)]


def test_what_is_written_again_and_again_is_planned_once(cast):
    actor = cast.actor("operator")
    for _ in range(2):
        audit.record(actor=actor, action="x", subject=cast.province, at=AT)
    assert [name.rpartition("_")[0] for name in ready()] == ["audit_entry"]


def test_what_was_made_ready_in_a_transaction_that_failed_stays_ready(cast):
    asked = units()
    with pytest.raises(LookupError), transaction.atomic():
        asked(names=[], kind="x")
        raise LookupError
    assert len(ready()) == 1
    assert asked(names=[cast.province.name], kind=cast.province.kind) == [cast.province]


def test_connections_that_are_not_kept_are_given_nothing_to_keep(cast, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    found = units()(names=[cast.province.name], kind=cast.province.kind)
    assert found == [cast.province] and found[0].said == "%s 50% 'x' $1" and ready() == []


@pytest.mark.parametrize("kept", [0, 600])
def test_a_statement_of_constants_alone_means_the_same(cast, monkeypatch, kept):
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", kept)
    Organisation.objects.filter(pk=cast.province.pk).update(name="占比100%的单位")
    asked = Prepared(lambda: Organisation.objects.filter(name__contains="100%"))
    assert [one.pk for one in asked()] == [cast.province.pk]
    asked = Prepared(lambda: Organisation.objects.filter(name__contains="100_的"))
    assert asked() == []


def test_a_column_that_was_added_meanwhile_changes_nothing(cast):
    asked = units()
    given = {"names": [cast.province.name], "kind": cast.province.kind}
    assert asked(**given) == [cast.province]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_organisation ADD COLUMN later text")
    try:
        assert asked(**given) == [cast.province]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_organisation DROP COLUMN later")


def test_the_server_understands_every_statement_of_the_house(db):
    """Of which kind each slot is it has to find by itself; in an act it would be found too late."""
    get_resolver().url_patterns  # noqa: B018 - everything is imported
    house = [
        access._one_for(role, related, lock)
        for role in (*roles.APPLICANT, *roles.RECOMMENDER, *roles.OFFICE)
        for related in (access.PAGE, access.SAVING)
        for lock in (True, False)
    ]
    for name, module in list(sys.modules.items()):
        if not name.startswith("tests"):
            house += [one for one in vars(module).values() if isinstance(one, Prepared)]
    assert len(set(house)) > 40
    with transaction.atomic():  # some lock rows
        for one in house:
            one.make_ready()
    assert len(ready()) > 25
