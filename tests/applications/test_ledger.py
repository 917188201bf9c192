"""The indicator table through its page, with the reference figures of a programme that has them."""

import pytest
from django.test import Client

from applications.models import IndicatorRow
from calls import programme as programmes
from tests import world
from tests.applications.filling import save, submit, upload, url


@pytest.fixture
def cast(db):
    return world.build(programmes.read(programmes.catalogue()["2018-jiebang"]))


@pytest.fixture
def admin(cast):
    client = Client()
    client.force_login(cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def application(cast, admin):
    sensor = cast.call.directions.get(title="智能传感器")
    answer = admin.post(
        f"/applications/new/{cast.call.code}/",
        {
            "title": "低噪声麦克风",
            "subfield": sensor.subfields.get(key="all").pk,
            "recommender": cast.province.pk,
        },
    )
    return type(cast.application).objects.get(public_id=answer.url.split("/")[2])


def key(application) -> str:
    return next(
        section.key
        for section in application.call.programme.sections
        if any(field.type == "indicators" for field in section.fields)
    )


def test_reference_rows_are_laid_out_locked_and_compared(admin, application):
    row = next(
        row for row in application.indicator_rows.all() if "信噪比" in row.indicator.spec.name
    )
    prefix = f"ref-{row.indicator.spec.key}"
    answer = save(
        admin,
        application,
        key(application),
        {
            f"{prefix}-current": "６８",
            f"{prefix}-target": "74",
            f"{prefix}-method": "消声室",
            f"{prefix}-reference": "1",
        },
    )
    assert answer.status_code == 302
    page = admin.get(answer.url).content.decode()
    assert "≥ 70 dB" in page and "超过 4" in page
    row.refresh_from_db()
    assert (row.current, row.target) == ("68", "74")


def test_an_autosave_answers_the_comparison(admin, application):
    row = application.indicator_rows.first()
    prefix = f"ref-{row.indicator.spec.key}"
    answer = admin.post(
        url("autosave", application, key(application)),
        {"version": "0", f"{prefix}-target": "1", f"{prefix}-current": "很好"},
    )
    told = answer.json()
    assert told["compared"][f"{prefix}-compared"]["standing"] in ("over", "met", "under")
    assert any(problem["name"] == f"{prefix}-current" for problem in told["problems"])


def test_evidence_is_pinned_to_a_page_of_a_file(admin, application):
    kind = application.call.programme.attachments[0].key
    admin.post(url("attach", application, kind), {"file": upload("检测报告.pdf")})
    file = application.attachments.get()
    own = {
        "own-0-name": "芯片温漂",
        "own-0-unit": "%",
        "own-0-current": "0.05",
        "own-0-target": "0.02",
        "own-0-method": "恒温箱",
        "own-0-evidence": file.public_id,
        "own-0-page": "9",
    }
    answer = save(admin, application, key(application), own, action="done")
    assert answer.status_code == 422
    assert "这份文件共 2 页，没有第 9 页" in answer.content.decode()
    answer = save(admin, application, key(application), {**own, "own-0-page": "2"}, action="done")
    assert answer.status_code == 302
    row = IndicatorRow.objects.get(application=application, indicator=None)
    assert (row.evidence, row.evidence_page) == (file, 2)


def test_another_filings_file_cannot_be_evidence(cast, admin, application):
    admin.post(
        url("attach", cast.application, cast.call.programme.attachments[0].key),
        {"file": upload("别的申报.pdf")},
    )
    foreign = cast.application.attachments.get()
    save(
        admin,
        application,
        key(application),
        {"own-0-name": "甲", "own-0-evidence": foreign.public_id, "own-0-page": "1"},
    )
    assert IndicatorRow.objects.get(application=application, indicator=None).evidence is None


def test_changing_the_direction_changes_the_reference_rows_and_keeps_ones_own(
    cast, admin, application
):
    save(admin, application, key(application), {"own-0-name": "芯片温漂", "own-0-target": "1"})
    other = cast.call.directions.exclude(pk=application.direction_id).first()
    answer = admin.post(
        url("basics", application),
        {
            "title": application.title,
            "subfield": other.subfields.get(key="all").pk,
            "recommender": cast.province.pk,
        },
    )
    assert answer.status_code == 302
    rows = IndicatorRow.objects.filter(application=application)
    assert {row.indicator.direction for row in rows.exclude(indicator=None)} == {other}
    assert rows.get(indicator=None).name == "芯片温漂"


def test_a_national_goal_is_context_and_no_row(cast, admin, application):
    robots = cast.call.directions.get(title="智能服务机器人")
    admin.post(
        url("basics", application),
        {
            "title": application.title,
            "subfield": robots.subfields.get(key="all").pk,
            "recommender": cast.province.pk,
        },
    )
    scopes = {row.indicator.spec.scope for row in application.indicator_rows.all()}
    assert "national" not in scopes
    page = admin.get(url("section", application, key(application))).content.decode()
    assert "全国目标，仅供参考" in page


def test_a_row_is_deleted_by_its_tick(admin, application):
    rows = {"own-0-name": "甲", "own-0-delete": "1", "own-1-name": "乙"}
    save(admin, application, key(application), rows)
    names = IndicatorRow.objects.filter(application=application, indicator=None)
    assert [row.name for row in names] == ["乙"]


def test_the_draft_pdf_is_a_pdf_without_number_or_code(admin, application):
    answer = admin.get(url("draft_pdf", application))
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert submit(admin, application).status_code == 422


@pytest.mark.parametrize(
    ("typed", "held", "words"),
    [
        ("0.08 kPa", "80", "0.08kPa＝80 Pa"),
        ("≤80", "≤80", "不用填写比较符号，请只填一个数：80"),
        ("80-90", "80-90", "填的是范围"),
        ("约80", "约80", "“约”不能用来比较，请填一个确定的数，如 80"),
        ("80 dB", "80 dB", "dB 是声级的单位，这里按 Pa（压强）填写"),
        ("9" * 20, "9" * 20, "数字过大"),
    ],
)
def test_a_figure_is_converted_and_told_or_named_with_the_way_out(
    admin, application, typed, held, words
):
    row = next(r for r in application.indicator_rows.all() if r.indicator.spec.unit == "Pa")
    prefix = f"ref-{row.indicator.spec.key}"
    cells = {f"{prefix}-current": "90", f"{prefix}-target": typed, f"{prefix}-method": "实测"}
    answer = save(admin, application, key(application), cells)
    page = admin.get(answer.url).content.decode()
    assert words in page
    row.refresh_from_db()
    assert row.target == held


def test_an_autosave_tells_a_conversion_in_place(admin, application):
    row = next(r for r in application.indicator_rows.all() if r.indicator.spec.unit == "Pa")
    prefix = f"ref-{row.indicator.spec.key}"
    answer = admin.post(
        url("autosave", application, key(application)),
        {"version": "0", f"{prefix}-target": "0.05 kPa", f"{prefix}-current": "0.1 kPa"},
    )
    assert "0.05kPa＝50 Pa" in answer.json()["compared"][f"{prefix}-compared"]["text"]


def test_a_bare_fraction_where_percent_are_asked_is_doubted(cast, admin):
    recognition = cast.call.directions.get(title__contains="语音")
    answer = admin.post(
        f"/applications/new/{cast.call.code}/",
        {
            "title": "远场识别",
            "subfield": recognition.subfields.get(key="all").pk,
            "recommender": cast.province.pk,
        },
    )
    application = type(cast.application).objects.get(public_id=answer.url.split("/")[2])
    row = application.indicator_rows.first()
    prefix = f"ref-{row.indicator.spec.key}"
    cells = {f"{prefix}-current": "90%", f"{prefix}-target": "0.97", f"{prefix}-method": "实测"}
    page = admin.get(save(admin, application, key(application), cells).url).content.decode()
    assert "如为 97%，请填 97；确为 0.97%，请写成“0.97%”" in page
    row.refresh_from_db()
    assert (row.current, row.target) == ("90", "0.97")


def test_the_pinned_page_stands_beside_its_row(admin, application):
    kind = application.call.programme.attachments[0].key
    admin.post(url("attach", application, kind), {"file": upload("检测报告.pdf")})
    file = application.attachments.get()
    row = application.indicator_rows.first()
    prefix = f"ref-{row.indicator.spec.key}"
    pinned = {f"{prefix}-current": "1", f"{prefix}-evidence": file.public_id}
    for page, shown in (("第2页", True), ("3", False)):
        answer = save(admin, application, key(application), {**pinned, f"{prefix}-page": page})
        content = admin.get(answer.url).content.decode()
        assert (url("page_image", application, file.public_id, 2) in content) is shown
    assert "这份文件共 2 页，没有第 3 页" in content


def test_a_custom_row_with_a_unit_of_another_kind_is_named(admin, application):
    own = {
        "own-0-name": "功耗",
        "own-0-unit": "kWh",
        "own-0-current": "3 kW",
        "own-0-target": "2000 Wh",
        "own-0-method": "实测",
    }
    page = admin.get(save(admin, application, key(application), own).url).content.decode()
    assert "kW 是功率的单位，这里按 kWh（能量）填写" in page
    assert "2000Wh＝2 kWh" in page
    row = IndicatorRow.objects.get(application=application, indicator=None)
    assert (row.current, row.target) == ("3 kW", "2")


def test_a_blank_row_between_own_ones_moves_no_message_to_another_row(admin, application):
    own = {
        f"own-{n}-{column}": value
        for n, name in ((0, "甲"), (2, "乙"))
        for column, value in (("name", name), ("unit", "kWh"), ("current", "1"), ("method", "实测"))
    }
    own |= {"own-1-name": "", "own-0-target": "1", "own-2-target": "3 kW"}
    answer = admin.post(
        url("autosave", application, key(application)), {"version": "0"} | own
    ).json()
    assert [p["name"] for p in answer["problems"]] == ["own-2-target"]
    page = admin.get(url("section", application, key(application))).content.decode()
    assert 'id="id_own-2-target_error"' in page and 'id="own-3"' in page
