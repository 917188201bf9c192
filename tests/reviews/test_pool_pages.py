"""The pages of the pool over HTTP: lists in and out, invitations, leaving."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.models import Link
from core.errors import Refusal
from notifications.models import Message
from reviews import poolfile
from reviews.models import Expert
from tests import world
from tests.reviews import scene
from tests.reviews.opening import office, signed_in
from tests.world import AT

pytestmark = pytest.mark.django_db


# The pool ---------------------------------------------------------------------------------------


def sheet(*rows, head=poolfile.COLUMNS) -> BytesIO:
    book = Workbook()
    book.active.append(list(head))
    for row in rows:
        book.active.append(list(row))
    target = BytesIO()
    book.save(target)
    target.seek(0)
    target.name = "experts.xlsx"
    return target


GOOD = (
    "张示例",
    "zhang@example.org",
    "000-12345678",
    "教授",
    "智能传感器；机器翻译系统",
    "示例研究院",
    world.uscc(5),
    f"示例大学 {world.uscc(6)}",
    "110000",
    12,
)


def test_a_sheet_is_imported_whole_and_everybody_gets_a_link():
    s = scene.Scene(world.build())
    other = ("李示例", "LI@example.org", "", "", "机器翻译系统", "示例大学", "", "", "", "")
    response = office(s).post(reverse("reviews:import_experts"), {"sheet": sheet(GOOD, other)})
    assert response.status_code == 302
    zhang, li = Expert.objects.order_by("pk")
    assert zhang.fields == ["智能传感器", "机器翻译系统"]
    assert zhang.past_employers == [{"name": "示例大学", "code": world.uscc(6)}]
    assert (zhang.capacity, li.email, li.user) == (12, "li@example.org", None)
    assert Link.objects.filter(purpose="activate").count() == 2
    assert Message.objects.filter(kind="activate").count() == 2


def test_one_bad_row_and_nobody_is_imported():
    s = scene.Scene(world.build())
    bad = ("王示例", "不是邮箱", "", "", "机器翻译系统", "", "91110000MADEMO0000", "", "北京", "零")
    response = office(s).post(reverse("reviews:import_experts"), {"sheet": sheet(GOOD, bad, GOOD)})
    page = response.content.decode()
    assert response.status_code == 422
    for words in (
        "不是有效的邮箱地址",
        "校验正确",
        "必填",
        "6 位行政区划",
        "1 至 200",
        "与第 2 行重复",
    ):
        assert words in page
    assert Expert.objects.count() == 0
    assert Message.objects.filter(kind="activate").count() == 0


def test_a_person_already_in_the_pool_stops_the_whole_import():
    s = scene.Scene(world.build())
    client = office(s)
    client.post(reverse("reviews:import_experts"), {"sheet": sheet(GOOD)})
    other = ("李示例", "li@example.org", "", "", "机器翻译系统", "示例大学", "", "", "", "")
    response = client.post(reverse("reviews:import_experts"), {"sheet": sheet(other, GOOD)})
    assert response.status_code == 422
    assert "zhang@example.org 已在专家库中" in response.content.decode()
    assert Expert.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"not a workbook", "a.xlsx", "不是有效的 xlsx"),
        (b"PK\x03\x04broken", "a.xlsx", "不是有效的 xlsx"),
        (b"name,mail", "a.csv", "只接受 .xlsx"),
        (b"", "a.xlsx", "文件是空的"),
    ],
)
def test_a_wrong_file_is_422_with_its_reason(data, name, words):
    s = scene.Scene(world.build())
    upload = BytesIO(data)
    upload.name = name
    response = office(s).post(reverse("reviews:import_experts"), {"sheet": upload})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_sheet_with_other_columns_names_what_is_missing():
    s = scene.Scene(world.build())
    response = office(s).post(
        reverse("reviews:import_experts"), {"sheet": sheet(("甲",), head=("姓名",))}
    )
    assert response.status_code == 422
    assert "表头缺少“邮箱”" in response.content.decode()


def test_more_rows_than_a_file_may_have_are_refused(monkeypatch):
    monkeypatch.setattr(poolfile, "MOST_ROWS", 1)
    entries, wrong = poolfile.read(sheet(GOOD).getvalue(), "名单.xlsx")
    assert len(entries) == 1 and not wrong
    for more in ([GOOD, GOOD], [("", "")] * 3 + [GOOD]):
        with pytest.raises(Refusal) as said:
            poolfile.read(sheet(*more).getvalue(), "名单.xlsx")
        assert said.value.message == "一次最多导入 1 行，请分批导入。"
        assert (said.value.code, said.value.status) == ("too-large", 422)


def test_a_list_that_unpacks_to_a_flood_or_declares_entities_is_refused():
    def changed(content):
        out = BytesIO()
        with ZipFile(sheet(GOOD)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
            for one in old.namelist():
                new.writestr(one, content(one, old.read(one)))
        return out.getvalue()

    def flood(name, data):
        return data + b" " * 20_000_000 if name == "xl/worksheets/sheet1.xml" else data

    def bomb(name, data):
        return b'<!DOCTYPE x [<!ENTITY a "a">]>' + data if name.endswith("sheet1.xml") else data

    for content, words in ((flood, "解压后过大"), (bomb, "不是有效的 xlsx")):
        with pytest.raises(Refusal) as said:
            poolfile.read(changed(content), "名单.xlsx")
        assert words in said.value.message and said.value.status == 422


def test_what_was_written_is_read_back_as_it_was():
    cells = [str(one) for one in GOOD]
    cells[2], cells[3] = "+86 00012345", "=1+1"
    entries, wrong = poolfile.read(poolfile.write([cells], note="说明"), "名单.xlsx")
    assert not wrong and [(one.phone, one.title) for one in entries] == [("+86 00012345", "=1+1")]
    assert entries[0].region == "110000"


def test_the_export_masks_phones_and_holds_no_formula():
    s = scene.Scene(world.build())
    scene.expert(1, actor=s.office, phone="000-12345678", employer_name="=1+1有限公司")
    client = office(s)
    response = client.get(reverse("reviews:export_experts"))
    book = load_workbook(BytesIO(response.content))
    cells = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert "000-12345678" not in cells
    assert "000*****5678" in cells
    assert "=1+1有限公司" in cells
    assert all(cell.data_type != "f" for row in book.worksheets[0].iter_rows() for cell in row)
    assert "000-12345678" not in client.get(reverse("reviews:experts")).content.decode()
    assert client.get(reverse("reviews:template_sheet")).status_code == 200


def test_the_pool_is_filtered_by_field_and_state():
    s = scene.Scene(world.build())
    scene.expert(1, actor=s.office)
    scene.expert(2, actor=s.office, fields=("机器翻译系统",))
    client = office(s)
    page = client.get(reverse("reviews:experts"), {"q": "机器翻译"}).content.decode()
    assert "专家2" in page
    assert "专家1<" not in page
    page = client.get(reverse("reviews:experts"), {"state": "waiting"}).content.decode()
    assert "没有符合条件的专家" in page


def test_an_invited_expert_activates_and_is_recognised():
    from accounts import links
    from accounts import services as accounts

    s = scene.Scene(world.build())
    office(s).post(
        reverse("reviews:add_expert"),
        {
            "name": "新专家",
            "email": "New@Example.org",
            "fields_text": "智能传感器",
            "employer_name": "示例研究院",
            "capacity": "9",
        },
    )
    expert = Expert.objects.get()
    assert expert.user is None
    token = links.token(Link.objects.get(email="new@example.org"))
    user = accounts.activate(token, at=AT, name="新专家", password="一个够长的密码-2021")
    expert.refresh_from_db()
    assert expert.user == user
    assert signed_in(user).get(reverse("reviews:desk")).status_code == 200


def test_a_wrong_expert_form_is_422_and_names_each_field():
    s = scene.Scene(world.build())
    response = office(s).post(
        reverse("reviews:add_expert"),
        {
            "name": "新专家",
            "email": "不是邮箱",
            "fields_text": "",
            "employer_name": "某院",
            "employer_code": "123",
            "capacity": "很多",
            "region": "北京",
        },
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("invalid-feedback") >= 5
    assert Expert.objects.count() == 0


def test_an_expert_is_edited_and_leaves_the_pool():
    s = scene.build(filed=1, experts=2, wanted=1, made=False)
    client = office(s)
    expert = s.experts[0]
    url = reverse("reviews:edit_expert", args=[expert.pk])
    assert client.get(url).status_code == 200
    client.post(
        url,
        {
            "name": "改名",
            "fields_text": "智能传感器",
            "employer_name": "新单位",
            "capacity": "7",
            "available": "on",
        },
    )
    expert.refresh_from_db()
    assert (expert.name, expert.employer_name, expert.capacity) == ("改名", "新单位", 7)
    assert client.post(reverse("reviews:leave_pool", args=[expert.pk])).status_code == 302
    assert signed_in(expert.user).get(reverse("reviews:desk")).status_code == 403
