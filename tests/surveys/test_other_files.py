"""A survey unlike the shipped one runs from its file; filings are compared for their own unit."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts import links
from applications.models import Application, Section
from surveys import queries, reading, services
from surveys.models import Request
from tests import world
from tests.surveys import scene
from tests.world import AT

pytestmark = pytest.mark.django_db

UNLIKE = """
code = "robots"
title = "示例机器人密度调查"
short_title = "示例机器人调查"
organiser = "示例市主管部门"
sheet_title = "机器人密度表"
levels = ["city"]

[asked]
kinds = ["enterprise"]

[[sections]]
key = "base"
title = "基本情况"
fields = [
    { key = "code", label = "统一社会信用代码", type = "uscc", required = true, prefill = "code" },
    { key = "staff", label = "职工数", type = "integer", unit = "人", required = true },
    { key = "kind", label = "类型", type = "choice", choices = [
        { key = "a", title = "离散" },
        { key = "b", title = "流程" },
    ] },
]

[[sections]]
key = "lines"
title = "产线"
fields = [
    { key = "robots", label = "机器人", type = "rows", required = true, columns = [
        { key = "model", label = "型号", type = "text", required = true, max_chars = 30 },
        { key = "count", label = "台数", type = "integer", unit = "台", required = true },
    ] },
]

[[columns]]
title = "信用代码"
field = "base.code"

[[columns]]
title = "职工"
field = "base.staff"

[[columns]]
title = "类型"
field = "base.kind"
"""


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr("portal.middleware.timezone.now", lambda: AT)


def test_a_survey_unlike_the_shipped_one_runs_from_its_file(tmp_path):
    path = tmp_path / "robots.toml"
    path.write_text(UNLIKE, "utf-8")
    made = scene.build(n=2, spec=reading.read(path))
    assert [check.unit.name for check in made.request(1).checks.all()] == ["示例市局"]
    page = reverse("surveys:by_link", args=[links.token(made.request(1).link)])
    client = Client()
    code = made.companies[1].code
    assert code in client.get(page).content.decode()
    typed = {
        "version": "0",
        "code": code,
        "staff": "１，２００",
        "kind": "a",
        "robots-0-model": "R1",
        "robots-0-count": "2",
        "action": "add-robots",
    }
    added = client.post(page, typed)
    assert added.url.endswith("?more=robots#robots")
    assert 'name="robots-1-count"' in client.get(f"{page}?more=robots").content.decode()
    wrong = {**typed, "version": "1", "robots-1-model": "R2", "action": "submit"}
    assert client.post(page, wrong).status_code == 422
    right = {**wrong, "version": "2", "robots-1-count": "3"}
    assert client.post(page, right).status_code == 302
    assert made.request(1).state == "answered"
    city = made.client("city")
    area = city.get(reverse("surveys:area", args=["demo-survey"])).content.decode()
    assert "<b>1,200</b>" in area
    table = city.get(reverse("surveys:table", args=["demo-survey"])).content
    rows = list(load_workbook(io.BytesIO(table))["调查表"].iter_rows(min_row=2, values_only=True))
    assert rows == [("信用代码", "职工（人）", "类型"), (code, 1200, "离散")]


def test_what_was_filed_is_compared_for_the_unit_and_not_for_who_holds_the_link():
    cast = world.build()
    survey = services.create(
        scene.rules(),
        code="beside",
        owner=cast.office,
        regions_asked=["430000"],
        answer_until=scene.UNTIL,
        actor=cast.actor("office"),
        at=AT,
    )
    services.open_survey(survey, actor=cast.actor("chief"), at=AT)
    request = Request.objects.get(survey=survey, organisation=cast.company)
    Section.objects.filter(application=cast.application, key="operation").update(
        data={"finance": {"2017": {"revenue": "12.00"}}}
    )
    data = scene.filled(name=cast.company.name, revenue="120000.00")

    def said(*, filings):
        return [str(hint) for hint in queries.hints_of(request, data, filings=filings)]

    assert said(filings=True) == []  # a draft is no filing
    Application.objects.filter(pk=cast.application.pk).update(version_number=1, submitted_at=AT)
    assert "10,000 倍" in said(filings=True)[0] and "申报书" in said(filings=True)[0]
    assert said(filings=False) == []
