"""No two calls give numbers under one prefix: calls of one file, clones, rehearsals, races."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from applications.models import Application
from calls import cloning, numbering, services
from calls.models import Call
from documents.models import Counter
from portal import invariants
from tests import season, world
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_database")]


@pytest.mark.parametrize(
    ("wanted", "rehearsal", "taken", "found"),
    [
        ("JB-2021", False, (), "JB-2021"),
        ("JB-2021", False, ("JB-2018", "JB-2021-YL"), "JB-2021"),
        ("JB-2021", False, ("JB-2021",), "JB-2021-2"),
        ("JB-2021", False, ("JB-2021", "JB-2021-2"), "JB-2021-3"),
        ("JB-2021", True, (), "JB-2021-YL"),
        ("JB-2021", True, ("JB-2021", "JB-2021-YL"), "JB-2021-YL-2"),
    ],
)
def test_a_prefix_is_the_files_where_it_is_free(wanted, rehearsal, taken, found):
    assert numbering.free(wanted, rehearsal=rehearsal, taken=taken) == found


@pytest.mark.parametrize(
    ("prefix", "years", "later"),
    [("JB-2021", 1, "JB-2022"), ("CS-PT", 3, "CS-PT"), ("A-20211", 1, "A-20211")],
)
def test_a_year_in_the_prefix_moves_with_the_dates_of_a_clone(prefix, years, later):
    assert numbering.moved(prefix, years) == later


def opened_clone(played: season.Season, code: str, *, years: int = 0) -> season.Season:
    """A clone of the season's call, opened beside it, its dates those of the first."""
    made = cloning.clone(
        played.call,
        code=code,
        title="同一方案的另一批次",
        interval=cloning.Interval(years=years),
        actor=played.actor("office"),
        at=AT,
    )
    services.open_call(made, actor=played.actor("chief"), at=AT)
    return season.Season(world.Cast(**{**vars(played.cast), "call": made}))


def numbers(played: season.Season) -> list[str]:
    found = Application.objects.filter(call=played.call).exclude(number="").order_by("number")
    return list(found.values_list("number", flat=True))


def test_a_call_and_its_clone_both_take_filings_each_numbered_from_one_without_gaps():
    first = season.begin()
    season.file(first, "甲一", "乙二")
    again = opened_clone(first, "again")
    season.file(again, "丙三", "丁四")
    season.file(first, "戊五")
    prefix = first.call.programme.number_prefix
    assert numbers(first) == [f"{prefix}-{n:06d}" for n in (1, 2, 3)]
    assert numbers(again) == [f"{prefix}-2-{n:06d}" for n in (1, 2)]
    assert list(invariants.CHECKS["R6.numbers_are_unique_and_without_gaps"]()) == []


def test_the_next_years_clone_carries_the_next_year_in_its_numbers():
    first = season.begin(world.programme())
    later = opened_clone(first, "later", years=1)
    assert (first.call.number_prefix, later.call.number_prefix) == ("JB-2021", "JB-2022")
    assert later.call.programme.number_prefix == "JB-2022"


def test_a_rehearsal_leaves_the_prefix_to_the_real_call():
    world.open_call(code="trial", rehearsal=True)
    real = world.open_call(code="real")
    assert real.number_prefix == real.programme.number_prefix


def test_the_page_of_a_call_says_which_prefix_it_will_have_and_the_way_out():
    first = season.begin()
    draft = cloning.clone(
        first.call,
        code="again",
        title="同一方案的另一批次",
        interval=cloning.Interval(),
        actor=first.actor("office"),
        at=AT,
    )
    assert draft.number_prefix == ""
    client = Client()
    client.force_login(first.cast.people["office"])
    page = client.get(reverse("office:call", args=["again"])).content.decode()
    prefix = first.call.programme.number_prefix
    assert f"{prefix}-2</span>" in page and "请在开放前换方案文件" in page


def test_the_database_keeps_a_prefix_to_one_call():
    first = world.open_call(code="one")
    second = world.open_call(code="two")
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=second.pk).update(number_prefix=first.number_prefix)


def test_who_opens_at_once_with_another_takes_the_next_prefix(monkeypatch):
    """The other one's row is there only when ours is written: as a race looks to the second."""
    first = world.open_call(code="one")
    seen = [first.number_prefix]
    honest = services.prefix_of
    monkeypatch.setattr(services, "prefix_of", lambda call: seen.pop() if seen else honest(call))
    second = world.open_call(code="two")
    assert second.number_prefix == f"{first.number_prefix}-2"


def test_calls_from_before_keep_the_prefix_under_which_they_gave_numbers():
    migration = import_module("calls.migrations.0005_number_prefix")
    idle = world.open_call(code="idle")
    used = world.open_call(code="used")
    Call.objects.update(number_prefix="")
    Counter.objects.create(series=f"application:{used.pk}", value=7)
    migration.take(apps, None)
    prefix = used.programme.number_prefix
    found = dict(Call.objects.values_list("code", "number_prefix"))
    assert found == {used.code: prefix, idle.code: f"{prefix}-2"}
