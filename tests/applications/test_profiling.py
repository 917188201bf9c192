"""A filing beside its unit's profile: started from it, compared with it, never overwritten."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import figures
from accounts import services as accounts
from applications import filing, prefill, profiling
from applications import services as applications
from core.errors import Refusal
from tests import world
from tests.world import AT

pytestmark = pytest.mark.django_db
YEARS = {
    "2020": {"revenue": "12480.00", "research": "1500.50", "employees": "120", "researchers": "40"},
    "2019": {"revenue": "9000.00"},
    "2024": {"employees": "300"},
}
PROFILE = {"legal_person": "甲示例", "capital": "5000.00", "industry": "3983", "figures": YEARS}


@pytest.fixture
def cast():
    found = world.build()
    accounts.update_profile(
        found.company, profile=PROFILE, actor=found.actor("admin"), at=AT, address="示例路 1 号"
    )
    found.company.refresh_from_db()
    return found


def start(cast, **more):
    direction = cast.call.directions.first()
    return filing.start(
        call=cast.call,
        organisation=cast.company,
        title="声学传感器",
        direction=direction,
        subfield=direction.subfields.first(),
        recommender=cast.province,
        user=cast.people["admin"],
        actor=cast.actor("admin"),
        at=AT,
        **more,
    )


def data(application, key):
    return application.sections.get(key=key).data


def change(cast, application, key, **changes):
    row = application.sections.get(key=key)
    applications.save_section(
        application,
        key,
        data={**row.data, **changes},
        version=row.version,
        actor=cast.actor("editor"),
        at=AT,
    )


def named(application):
    return {line.name: line for line in profiling.lines(application)}


def act(way, cast, application, *names, shown=None):
    found = profiling.lines(application)
    return way(
        application,
        names,
        shown=profiling.seen(application, found) if shown is None else shown,
        actor=cast.actor("editor"),
        at=AT,
    )


def test_a_new_filing_starts_with_the_figures_of_its_years(cast):
    application = start(cast)
    operation = data(application, "operation")
    assert operation["finance"]["2020"] == {"revenue": "12480.00", "research": "1500.50"}
    assert operation["finance"]["2019"] == {"revenue": "9000.00"}
    assert "2024" not in operation["finance"]
    assert (operation["employees"], operation["researchers"]) == (120, 40)  # of the last year
    assert data(application, "unit")["industry"] == "3983"


def test_a_figure_that_cannot_be_read_stands_as_typed():
    class Asking:
        def fields(self):
            return iter(world.programme().fields())

    found = prefill.sections(Asking(), {"figures": {"2020": {"revenue": "很多", "profit": "1"}}})
    assert found["operation"]["_raw"] == {"finance-2020-revenue": "很多"}
    assert found["operation"]["finance"] == {"2020": {"profit": "1.00"}}


def test_only_what_differs_is_listed(cast):
    application = start(cast)
    there = {line.entry for line in profiling.lines(application)}
    assert there <= {"contact_name", "contact_phone", "contact_email"}
    change(cast, application, "unit", legal_person="乙示例")
    line = named(application)["unit.legal_person"]
    assert (line.ours_words, line.theirs_words) == ("乙示例", "甲示例")


def test_a_changed_profile_leaves_an_existing_draft_alone_until_somebody_chooses(cast):
    application = start(cast)
    accounts.update_profile(
        cast.company,
        profile={"legal_person": "丙示例"},
        years={"2020": {"revenue": "20000.00"}},
        actor=cast.actor("admin"),
        at=AT,
    )
    application.refresh_from_db()
    assert data(application, "unit")["legal_person"] == "甲示例"
    assert act(profiling.take_in, cast, application, "operation.finance-2020-revenue") == 1
    finance = data(application, "operation")["finance"]["2020"]
    assert finance == {"revenue": "20000.00", "research": "1500.50"}
    assert data(application, "unit")["legal_person"] == "甲示例"  # it was not ticked


def test_what_was_typed_goes_to_the_profile_only_when_ticked(cast):
    application = start(cast)
    table = {"2020": {"revenue": "1.00"}, "2018": {"revenue": "7.00"}}
    change(cast, application, "operation", employees=130, finance=table)
    change(cast, application, "unit", legal_person="乙示例", address="示例路 9 号")
    names = ("operation.employees", "operation.finance-2018-revenue", "unit.address")
    assert act(profiling.give_out, cast, application, *names) == 3
    cast.company.refresh_from_db()
    kept = figures.of(cast.company.profile)
    assert kept["2020"]["employees"] == "130"
    assert kept["2020"]["revenue"] == "12480.00"
    assert kept["2018"] == {"revenue": "7.00"}
    assert cast.company.address == "示例路 9 号"
    assert cast.company.profile["legal_person"] == "甲示例"


def test_the_register_is_not_changed_from_a_filing(cast):
    application = start(cast)
    change(cast, application, "unit", name="示例改名有限公司", region="440300")
    assert act(profiling.give_out, cast, application, "unit.name", "unit.region") == 0
    cast.company.refresh_from_db()
    assert (cast.company.name, cast.company.region) == ("示例科技（甲）有限公司", "430100")
    assert act(profiling.take_in, cast, application, "unit.name", "unit.region") == 2
    assert data(application, "unit")["name"] == "示例科技（甲）有限公司"


def test_typed_text_that_could_not_be_read_is_replaced_and_the_rest_of_it_stays(cast):
    application = start(cast)
    row = application.sections.get(key="unit")
    kept = {k: v for k, v in row.data.items() if k not in ("capital", "founded")}
    raw = {"capital": "五千万", "founded": "去年"}
    applications.save_section(
        application,
        "unit",
        data={**kept, "_raw": raw},
        version=row.version,
        actor=cast.actor("editor"),
        at=AT,
    )
    assert named(application)["unit.capital"].ours_words == "五千万"
    assert act(profiling.take_in, cast, application, "unit.capital") == 1
    assert data(application, "unit")["capital"] == "5000.00"
    assert data(application, "unit")["_raw"] == {"founded": "去年"}


def test_a_page_that_no_longer_says_the_truth_moves_nothing(cast):
    application = start(cast)
    change(cast, application, "unit", legal_person="乙示例")
    shown = profiling.seen(application, profiling.lines(application))
    change(cast, application, "unit", legal_person="丁示例")
    for way in (profiling.take_in, profiling.give_out):
        with pytest.raises(Refusal) as told:
            act(way, cast, application, "unit.legal_person", shown=shown)
        assert told.value.code == "changed-since-shown"
        with pytest.raises(Refusal) as told:
            act(way, cast, application)
        assert told.value.code == "nothing-chosen"
    assert data(application, "unit")["legal_person"] == "丁示例"
    cast.company.refresh_from_db()
    assert cast.company.profile["legal_person"] == "甲示例"


def test_the_page_takes_in_what_is_ticked_and_says_how_much(cast):
    application = start(cast)
    change(cast, application, "unit", legal_person="乙示例")
    client = Client()
    client.force_login(cast.people["editor"], backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("applications:profile", args=[application.public_id])
    page = client.get(url)
    assert "乙示例" in page.content.decode() and "甲示例" in page.content.decode()
    body = {"shown": page.context["shown"], "way": "in"}
    assert client.post(url, body).status_code == 422
    answer = client.post(url, {**body, "line": "unit.legal_person"}, follow=True)
    assert "1 处已写入申报书" in answer.content.decode()
    assert data(application, "unit")["legal_person"] == "甲示例"
    again = client.post(url, {**body, "line": "unit.legal_person"})
    assert again.status_code == 409
