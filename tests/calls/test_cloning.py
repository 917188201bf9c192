"""A cloned call has the rules, directions and moved dates of the first, and nobody's work."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from calls import cloning, directionrows, services, standing
from calls import programme as programmes
from calls.cloning import Interval
from calls.models import Call, Indicator, Opening, RulesVersion
from calls.programme.writing import to_toml
from core.errors import Refusal
from tests import season
from tests.calls.test_programme_faults import SMALL
from tests.world import AT

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
YEAR = Interval(years=1)


def clone(call, cast, *, code="next", interval=YEAR):
    return cloning.clone(
        call, code=code, title="下一批次", interval=interval, actor=cast.actor("office"), at=AT
    )


def days(call):
    return {
        name: services.day_of(getattr(call, name), starts=name == "filing_from")
        for name in services.DATES
        if getattr(call, name)
    }


@pytest.mark.parametrize(
    ("interval", "day", "moved"),
    [
        (Interval(1), date(2021, 11, 15), date(2022, 11, 15)),
        (Interval(1), date(2024, 2, 29), date(2025, 2, 28)),
        (Interval(4), date(2024, 2, 29), date(2028, 2, 29)),
        (Interval(0, 7), date(2021, 12, 28), date(2022, 1, 4)),
        (Interval(1, -1), date(2021, 3, 1), date(2022, 2, 28)),
    ],
)
def test_a_day_moves_by_years_and_then_by_days(interval, day, moved):
    assert interval.move(day) == moved


@pytest.mark.parametrize("code", sorted(programmes.catalogue()))
def test_every_shipped_programme_is_written_and_read_back_the_same(code):
    programme = programmes.read(programmes.catalogue()[code])
    assert programmes.read_text(to_toml(programme, head="复制"), name=f"{code}.toml") == programme


@pytest.mark.parametrize("code", sorted(programmes.catalogue()))
def test_every_shipped_programme_can_be_cloned(cast, code):
    source = services.create(
        programmes.read(programmes.catalogue()[code]),
        code=f"s-{code[:40]}",
        actor=cast.actor("office"),
        at=AT,
    )
    made = clone(source, cast)
    assert made.state == Call.State.PREPARING
    assert days(made) == {name: YEAR.move(day) for name, day in days(source).items()}
    assert made.programme.dates.sources == {} and made.programme.dates.note == cloning.NOTE
    assert made.programme.quota == source.programme.quota
    assert made.programme.directions == source.programme.directions
    version = RulesVersion.objects.get(call=made)
    assert (version.origin, version.name) == ("clone", f"{source.code}.toml")
    assert programmes.read_text(version.text, name="x.toml") == made.programme


def test_the_dates_the_office_set_are_moved_not_those_of_the_file(cast):
    source = services.create(
        programmes.read_text(SMALL, name="s.toml"), code="s", actor=cast.actor("office"), at=AT
    )
    services.set_dates(
        source,
        dates={"filing_until": programmes.closing(date(2030, 2, 10))},
        actor=cast.actor("office"),
        at=AT,
    )
    source.refresh_from_db()
    made = clone(source, cast, interval=Interval(1, 7))
    assert days(made)["filing_until"] == date(2031, 2, 17)
    assert made.programme.dates.filing_until == date(2031, 2, 17)


def test_a_direction_that_was_added_and_changed_indicators_go_along(cast):
    call = cast.call
    directionrows.add_direction(
        call, key="added", title="补录方向", class_title="", actor=cast.actor("office"), at=AT
    )
    directionrows.add_direction(
        call, key="other", title="另一", class_title="新类别", actor=cast.actor("office"), at=AT
    )
    row = call.directions.get(key="added")
    Indicator.objects.create(
        direction=row,
        key="speed",
        rule={"key": "speed", "name": "速率", "operator": "ge", "value": "5", "unit": "米/秒"},
    )
    made = clone(call, cast)
    spec = made.programme.direction("added")
    assert (spec.title, made.programme.class_title(spec.class_key)) == ("补录方向", "未注明")
    other = made.programme.direction("other")
    assert made.programme.class_title(other.class_key) == "新类别"
    assert [one.reference for one in spec.indicators] == ["≥ 5 米/秒"]
    assert len(made.programme.directions) == call.directions.count()
    services.open_call(made, actor=cast.actor("chief"), at=AT)
    assert [one.title for one in made.directions.all()] == [
        one.title for one in call.directions.all()
    ]
    assert standing.directions(made) == made.programme.directions


def test_nothing_of_people_s_work_goes_along():
    played = season.play(season.begin())
    source = played.call
    made = clone(source, played.cast)
    held = {}
    for model in apps.get_models():
        for field in model._meta.fields:
            if field.related_model is Call:
                count = model._default_manager.filter(**{field.name: made}).count()
                held[model._meta.label] = count
                if model._default_manager.filter(**{field.name: source}).exists():
                    held.setdefault("source has", 0)
                    held["source has"] += 1
    assert held.pop("source has") > 6, "the source is too empty to prove anything"
    assert {label: count for label, count in held.items() if count} == {
        "calls.RulesVersion": 1,
        "calls.Opening": 1,
    }


def test_who_cloned_it_cannot_open_it(cast):
    made = clone(cast.call, cast)
    assert Opening.objects.get(call=made).proposed_by == cast.people["office"]
    with pytest.raises(Refusal, match="由另一人开放"):
        services.open_call(made, actor=cast.actor("office"), at=AT)


def test_when_the_trail_cannot_be_written_no_call_is_made(cast, monkeypatch):
    def away(**kwargs):
        if kwargs["action"] == "calls.clone":
            raise OSError("no trail")

    monkeypatch.setattr("audit.services.record", away)
    before = Call.objects.count()
    with pytest.raises(OSError):
        clone(cast.call, cast)
    assert (Call.objects.count(), RulesVersion.objects.filter(call__code="next").count()) == (
        before,
        0,
    )


def test_a_taken_code_and_too_far_a_date_are_refused(cast):
    with pytest.raises(Refusal, match="请换一个代号"):
        clone(cast.call, cast, code=cast.call.code)
    with pytest.raises(Refusal, match="超出范围"):
        clone(cast.call, cast, interval=Interval(0, 9999))


# The page ----------------------------------------------------------------------------------------


@pytest.fixture
def office(cast):
    client = Client()
    client.force_login(cast.people["office"], backend=BACKEND)
    return client


def test_the_page_shows_the_moved_dates_with_weekends_and_makes_nothing(office, cast):
    source = services.create(
        programmes.read(programmes.catalogue()["2018-ronghe"]),
        code="s",
        actor=cast.actor("office"),
        at=AT,
    )
    address = reverse("office:call_clone", args=[source.code])
    before = Call.objects.count()
    form = {"code": "later", "title": "后一批", "years": "1", "days": "0", "act": "preview"}
    text = office.post(address, form).content.decode()
    assert "2019年6月30日 星期日" in text and "星期日</span>" in text
    text = office.post(address, {**form, "days": "2"}).content.decode()
    assert "2019年7月2日 星期二" in text
    assert Call.objects.count() == before


def test_the_page_makes_the_call_and_leads_to_it(office, cast):
    address = reverse("office:call_clone", args=[cast.call.code])
    form = {"code": "later", "title": "后一批", "years": "1", "days": "0", "act": "make"}
    answer = office.post(address, form)
    assert answer.url == reverse("office:call", args=["later"])
    made = Call.objects.get(code="later")
    assert days(made) == {name: YEAR.move(day) for name, day in days(cast.call).items()}
    assert Entry.objects.filter(action="calls.clone", subject=f"calls.call:{made.pk}").exists()
    again = office.post(address, form)
    assert again.status_code == 422 and "请换一个代号" in again.content.decode()
    assert "后一批" in again.content.decode()


@pytest.mark.parametrize("days", ["", "九", "9" * 30, "²", "-9999"])
def test_an_odd_number_of_days_is_refused_in_words(office, cast, days):
    address = reverse("office:call_clone", args=[cast.call.code])
    form = {"code": "later", "title": "后一批", "years": "1", "days": days, "act": "make"}
    assert office.post(address, form).status_code == 422
    assert not Call.objects.filter(code="later").exists()


def test_a_moved_date_keeps_its_time_of_day_in_china():
    assert cloning.instants({"filing_until": date(2031, 2, 17)})[
        "filing_until"
    ] - programmes.opening(date(2031, 2, 17)) == timedelta(days=1)
