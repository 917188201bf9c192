"""A table out as a workbook and in again: preview, errors by row and column, all or nothing."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from calls import programme as programmes
from tests import world
from tests.applications.filling import save, upload, url

BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE, FIRST = "填写", 6


@pytest.fixture
def cast(db):
    return world.build(programmes.read(programmes.catalogue()["2018-jiebang"]))


@pytest.fixture
def admin(cast):
    client = Client()
    client.force_login(cast.people["admin"], backend=BACKEND)
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


def template(client, application, section, field):
    answer = client.get(url("grid_template", application, section, field))
    assert answer.status_code == 200
    return load_workbook(BytesIO(answer.content))


def sent(book) -> SimpleUploadedFile:
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("表.xlsx", out.getvalue())


def bring(client, application, section, field, book):
    file = book if isinstance(book, SimpleUploadedFile) else sent(book)
    return client.post(url("grid_import", application, section, field), {"file": file})


def apply(client, application, section, field, answer):
    return client.post(
        url("grid_apply", application, section, field), {"preview": answer.context["preview"]}
    )


def put(page, row, /, **cells):
    places = {page.cell(3, n).value: n for n in range(1, page.max_column + 1)}
    for key, value in cells.items():
        page.cell(row, places[key]).value = value


def data_of(application, section):
    return application.sections.get(key=section).data


def wrong(answer) -> list[str]:
    return [str(fault) for fault in answer.context["found"].faults]


TEAM = {
    "leader": "示例负责人",
    "leader_phone": "000-00000000",
    "members-0-name": "甲",
    "members-0-work": "算法",
    "members-1-name": "乙",
    "members-1-work": "=1+1",
}


def test_the_template_holds_the_rows_as_text_with_hidden_ids_and_lists(admin, application):
    save(admin, application, "team", TEAM)
    page = template(admin, application, "team", "members")[PAGE]
    assert page.column_dimensions["A"].hidden and page.row_dimensions[3].hidden
    assert [page.cell(3, n).value for n in range(1, 6)] == ["id", "name", "title", "field", "work"]
    assert page.cell(4, 2).value == "姓名 *"
    assert page.cell(FIRST, 2).value == "甲" and page.cell(FIRST, 1).value.startswith("r0.")
    formula = page.cell(FIRST + 1, 5)
    assert (formula.value, formula.data_type, formula.number_format) == ("=1+1", "s", "@")
    rights = template(admin, application, "property", "rights")
    lists = [one for one in rights[PAGE].data_validations.dataValidation if one.type == "list"]
    assert len(lists) == 2
    assert rights["_jb"].sheet_state == "veryHidden"


def test_a_filled_template_is_previewed_and_then_saved_whole(admin, application):
    save(admin, application, "team", TEAM)
    book = template(admin, application, "team", "members")
    put(book[PAGE], FIRST, work="芯片")
    put(book[PAGE], FIRST + 3, name="丙", work="测试")
    book[PAGE].delete_rows(FIRST + 1)
    version = application.sections.get(key="team").version
    answer = bring(admin, application, "team", "members", book)
    assert answer.status_code == 200, wrong(answer)
    found = answer.context["found"]
    assert [(c.kind, c.row) for c in found.changes] == [("changed", 6), ("new", 8), ("removed", 0)]
    assert application.sections.get(key="team").version == version
    words = answer.content.decode()
    assert "算法" in words and "芯片" in words and "新增 1 行，修改 1 行，删除 1 行" in words
    assert apply(admin, application, "team", "members", answer).status_code == 302
    data = data_of(application, "team")
    assert [row["name"] for row in data["members"]] == ["甲", "丙"]
    assert data["members"][0]["work"] == "芯片" and data["leader"] == "示例负责人"
    assert application.sections.get(key="team").version == version + 1


def test_errors_name_row_and_column_and_nothing_is_taken(admin, application):
    save(admin, application, "team", TEAM)
    book = template(admin, application, "property", "rights")
    page = book[PAGE]
    put(page, 6, kind="发明专利", title="甲", number="ZL1", state="已授权", date="2021-13-40")
    put(page, 7, kind="新型", title="乙" * 101, number=1234567890123456789, state="申请中")
    put(page, 9, title="=A1+1")
    before = data_of(application, "property")
    answer = bring(admin, application, "property", "rights", book)
    assert answer.status_code == 422
    said = wrong(answer)
    assert any(one.startswith("第 6 行“日期”：没有这一天") for one in said), said
    assert any("第 6 行“状态”" in one for one in said)
    assert any("第 7 行“类型”：“新型”不在可选项中" in one for one in said)
    assert any("第 7 行“名称”：超出 1 字" in one for one in said)
    assert any("第 7 行“编号”：数字过长" in one for one in said)
    assert any("第 9 行“名称”：公式还没有算出结果" in one for one in said)
    refused = apply(admin, application, "property", "rights", answer)
    assert refused.status_code == 422 and data_of(application, "property") == before
    copy = admin.post(
        url("grid_errors", application, "property", "rights"),
        {"preview": answer.context["preview"]},
    )
    marked = load_workbook(BytesIO(copy.content))
    cell = marked[PAGE].cell(7, 3)
    assert "超出 1 字" in cell.comment.text and cell.fill.fgColor.rgb.endswith("FBE3E1")
    assert "没有这一天" in marked[PAGE].cell(6, 6).comment.text
    assert any("第 9 行" in str(row[0].value) for row in marked["需改正"].iter_rows(min_row=2))
    put(marked[PAGE], 6, state="已授权或已发布", date="2021-11-15")
    put(marked[PAGE], 7, kind="标准", title="乙", number="GB/T 1")
    marked[PAGE].delete_rows(9)
    again = bring(admin, application, "property", "rights", marked)
    assert again.status_code == 200, wrong(again)
    assert apply(admin, application, "property", "rights", again).status_code == 302
    rights = data_of(application, "property")["rights"]
    assert [(r["kind"], r["number"]) for r in rights] == [
        ("invention", "ZL1"),
        ("standard", "GB/T 1"),
    ]


def test_missing_cells_are_told_and_do_not_stop_an_import(admin, application):
    book = template(admin, application, "team", "members")
    put(book[PAGE], 8, name="甲")
    answer = bring(admin, application, "team", "members", book)
    assert answer.status_code == 200
    assert [str(note) for note in answer.context["found"].notes] == ["第 8 行“项目分工”：请填写"]


def test_more_rows_than_allowed_are_refused_at_the_first_one_too_many(admin, application):
    book = template(admin, application, "team", "members")
    for row in range(6, 6 + 17):
        put(book[PAGE], row, name=f"成员{row}", work="分工")
    answer = bring(admin, application, "team", "members", book)
    assert answer.status_code == 422
    assert "第 21 行：最多 15 行，文件有 17 行，请删去 2 行" in wrong(answer)


def test_a_year_table_comes_back_with_percent_and_separators(admin, application):
    field = application.call.programme.section("operation").field("finance")
    save(
        admin,
        application,
        "operation",
        {"employees": "12", f"finance-{field.years[0]}-revenue": "坏"},
    )
    book = template(admin, application, "operation", "finance")
    page = book[PAGE]
    assert page.cell(6, 2).value == "营业收入（万元） *"
    assert page.cell(6, 3).value == "坏"
    years = [str(year) for year in field.years]
    put(page, 6, **dict(zip(years, [12480.5, "１２，４８０", 3], strict=True)))
    answer = bring(admin, application, "operation", "finance", book)
    assert answer.status_code == 200, wrong(answer)
    assert apply(admin, application, "operation", "finance", answer).status_code == 302
    data = data_of(application, "operation")
    assert [data["finance"][year]["revenue"] for year in years] == ["12480.50", "12480.00", "3.00"]
    assert data["employees"] == 12 and "_raw" not in data
    page.delete_rows(7)
    page.cell(6, 3).value = "很多"
    again = bring(admin, application, "operation", "finance", book)
    assert any(f"第 6 行“{years[0]} 年”：只能填数字" in one for one in wrong(again))
    assert any("缺少“净利润”这一行" in one for one in wrong(again))


def test_the_indicator_table_goes_out_and_in_with_its_evidence(admin, application):
    kind = application.call.programme.attachments[0].key
    admin.post(url("attach", application, kind), {"file": upload("报告.pdf")})
    book = template(admin, application, "indicators", "rows")
    page = book[PAGE]
    assert page.cell(6, 1).value.startswith("ref-") and page.cell(6, 4).value.startswith("≥ 70")
    put(page, 6, current=68, target="74", method="消声室", evidence="报告.pdf", page=2)
    put(page, 20, name="温漂", unit="%", current="0.05", target="0.02", method="恒温箱")
    answer = bring(admin, application, "indicators", "rows", book)
    assert answer.status_code == 200, wrong(answer)
    assert apply(admin, application, "indicators", "rows", answer).status_code == 302
    rows = list(application.indicator_rows.all())
    assert (rows[0].current, rows[0].target, rows[0].evidence_page) == ("68", "74", 2)
    assert rows[0].evidence.name == "报告.pdf"
    assert (rows[-1].name, rows[-1].target) == ("温漂", "0.02")
    again = template(admin, application, "indicators", "rows")
    put(again[PAGE], 6, target="很好", evidence="没有.pdf", page=9)
    refused = bring(admin, application, "indicators", "rows", again)
    said = wrong(refused)
    assert any("第 6 行“目标”：" in one for one in said), said
    assert any("第 6 行“证据文件”：“没有.pdf”不在可选项中" in one for one in said)


def test_a_wrong_template_is_named(admin, cast, application):
    other = template(admin, cast.application, "team", "members")
    answer = bring(admin, application, "team", "members", other)
    assert answer.status_code == 422 and "另一份申报" in answer.content.decode()
    rights = template(admin, application, "property", "rights")
    answer = bring(admin, application, "team", "members", rights)
    assert "这是“知识产权清单”的模板，现在要导入的是“团队成员”" in answer.content.decode()
    plain = Workbook()
    plain.active["A1"] = "姓名"
    answer = bring(admin, application, "team", "members", plain)
    assert "这不是本系统下载的模板" in answer.content.decode()
    gone = template(admin, application, "team", "members")
    gone[PAGE].delete_cols(3)
    answer = bring(admin, application, "team", "members", gone)
    assert "缺少列“职务职称”" in answer.content.decode()
    for name, data in (("a.xlsx", b"PK\x03\x04nothing"), ("a.xls", b"x"), ("a.xlsx", b"")):
        answer = bring(admin, application, "team", "members", SimpleUploadedFile(name, data))
        assert answer.status_code == 422 and answer.context["wrong"]
    assert admin.post(url("grid_import", application, "team", "members"), {}).status_code == 422


def test_a_save_between_preview_and_apply_is_not_overwritten(admin, application):
    book = template(admin, application, "team", "members")
    put(book[PAGE], 6, name="甲", work="算法")
    answer = bring(admin, application, "team", "members", book)
    save(admin, application, "team", {"leader": "后来的人"})
    refused = apply(admin, application, "team", "members", answer)
    assert refused.status_code == 409
    assert "members" not in data_of(application, "team")
    again = bring(admin, application, "team", "members", book)
    assert again.context["found"].since
    assert apply(admin, application, "team", "members", again).status_code == 302
    data = data_of(application, "team")
    assert data["leader"] == "后来的人" and data["members"][0]["name"] == "甲"


def test_a_preview_of_another_table_or_a_made_up_one_is_over(admin, application):
    book = template(admin, application, "team", "members")
    put(book[PAGE], 6, name="甲", work="算法")
    answer = bring(admin, application, "team", "members", book)
    for preview in ("", "x", answer.context["preview"] + "x"):
        posted = {"preview": preview}
        refused = admin.post(url("grid_apply", application, "team", "members"), posted)
        assert refused.status_code == 410
    other = admin.post(
        url("grid_apply", application, "property", "rights"),
        {"preview": answer.context["preview"]},
    )
    assert other.status_code == 410
    assert admin.get(url("grid_import", application, "team", "leader")).status_code == 404
    assert admin.get(url("grid_template", application, "team", "none")).status_code == 404


def test_a_viewer_takes_the_template_and_may_not_import(cast, application):
    viewer = Client()
    viewer.force_login(cast.people["viewer"], backend=BACKEND)
    assert viewer.get(url("grid_template", application, "team", "members")).status_code == 200
    assert viewer.get(url("grid_import", application, "team", "members")).status_code == 403


def test_after_a_return_only_named_tables_can_be_imported(admin, application):
    book = template(admin, application, "team", "members")
    put(book[PAGE], 6, name="甲", work="算法")
    for named, status in (("leader", 409), ("members", 302)):
        type(application).objects.filter(pk=application.pk).update(
            status="returned",
            submitted_at=application.created_at,
            version_number=1,
            returned_fields=[{"section": "team", "field": named, "comment": "请改"}],
            correction_until=application.call.filing_until,
        )
        answer = bring(admin, application, "team", "members", book)
        if status == 409:
            assert answer.status_code == 409
        else:
            assert apply(admin, application, "team", "members", answer).status_code == 302
    assert data_of(application, "team")["members"] == [{"name": "甲", "work": "算法"}]
