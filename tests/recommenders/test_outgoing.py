"""The 报送函 with the unit's own fields, and labels for parcels and copies."""

import io

import pypdf
import pypdfium2
import pytest

from calls.programme import Recommendation
from core.errors import Refusal
from documents import services as documents
from documents.models import Document
from recommenders import coverletter, labels, services
from recommenders.models import CoverLetterText
from tests import world
from tests.documents import drawing
from tests.recommenders import scene
from tests.recommenders.test_packing import paper
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.world import AT

pytestmark = pytest.mark.django_db

FIELDS = {
    "number": "示工信函[2021]45号",
    "to": "示例部科技司：",
    "contact_name": "钱二例",
    "contact_phone": "000-00000274",
}


@pytest.fixture
def listed(cast):
    cast.found = scene.filings(cast, 3)
    open_recommendation(cast)
    scene.recommend(cast, *cast.found, at=AT)
    return cast


def set_letter(cast, **more):
    return services.set_cover_letter(
        scene.ranked(cast), **{**FIELDS, **more}, actor=cast.actor("operator"), at=AT
    )


def letters(cast):
    version = scene.ranked(cast).versions.filter(voided_at=None).first()
    return list(documents.of(version, "cover_letter").order_by("pk"))


def test_fields_set_before_the_list_is_confirmed_stand_on_its_letter(listed):
    assert set_letter(listed) is None
    scene.confirm_list(listed, at=AT)
    (letter,) = letters(listed)
    assert letter.snapshot["number"] == "示工信函〔2021〕45号"
    assert letter.snapshot["to"] == "示例部科技司"
    assert letter.snapshot["contact"] == {"name": "钱二例", "phone": "000-00000274"}
    body = "".join(letter.snapshot["paragraphs"])
    assert "现推荐3个项目" in body and listed.call.title in body and "与网上提交内容一致" in body


def test_changing_a_field_makes_the_letter_anew_and_voids_the_old(listed):
    set_letter(listed)
    scene.confirm_list(listed, at=AT)
    (first,) = letters(listed)
    set_letter(listed, number="示工信函〔2021〕46号")
    first.refresh_from_db()
    second = letters(listed)[-1]
    assert first.voided_at and first.replaced_by == second and second.voided_at is None
    assert second.snapshot["number"] == "示工信函〔2021〕46号"
    assert set_letter(listed, number="示工信函〔2021〕46号") == second
    assert len(letters(listed)) == 2


def test_another_unit_and_unprintable_characters_are_refused(listed):
    with pytest.raises(Refusal) as refused:
        services.set_cover_letter(
            scene.ranked(listed), **FIELDS, actor=listed.actor("neighbour"), at=AT
        )
    assert refused.value.code == "not-yours"
    with pytest.raises(Refusal) as refused:
        set_letter(listed, to="示例\U0002b820司")
    assert refused.value.code == "unprintable" and not CoverLetterText.objects.exists()


def test_the_classes_are_counted_where_there_are_several():
    rows = [{"class": "核心基础类"}, {"class": "重点产品类"}, {"class": "核心基础类"}]
    assert coverletter.by_class(rows) == "（核心基础类2个、重点产品类1个）"
    assert coverletter.by_class(rows[:1]) == ""
    assert coverletter.by_class([{"class": ""}, *rows]) == ""


def test_the_page_shows_the_letter_saves_it_and_draws_a_draft(client, listed):
    as_(client, listed, "operator")
    text = client.get(url("letter", listed.call.code)).content.decode()
    assert "名单还没有确认" in text and "现推荐3个项目" in text
    draft = client.get(url("letter_draft", listed.call.code))
    shown = pypdf.PdfReader(io.BytesIO(draft.content)).pages[0].extract_text()
    assert "推荐项目的函" in shown.replace("\n", "")
    assert client.post(url("set_letter", listed.call.code), FIELDS).status_code == 302
    scene.confirm_list(listed, at=AT)
    text = client.get(url("letter", listed.call.code)).content.decode()
    assert "示工信函〔2021〕45号" in text and url("cover_letter", listed.call.code) in text
    alone = client.post(url("set_letter", listed.call.code), {"contact_phone": "000-1"})
    assert alone.status_code == 422 and "请同时填写联系人" in alone.content.decode()


def read_codes(data: bytes) -> list[str]:
    import zxingcpp

    found = []
    for page in pypdfium2.PdfDocument(data):
        picture = page.render(scale=150 / 72).to_pil().convert("L")
        found += [one.text for one in zxingcpp.read_barcodes(picture)]
    return found


@pytest.mark.parametrize(("layout", "pages"), [("2x4", 2), ("3x7", 1)])
def test_each_parcel_has_a_label_with_the_code_of_the_sheet(listed, layout, pages):
    version = scene.confirm_list(listed, at=AT)
    made = labels.parcels(labels.of_list(version), count=5)
    data = labels.draw(made, layout=labels.LAYOUTS[layout], start=5)
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) == pages
    code = version.document.code
    assert read_codes(data) == [f"HTTPS://{version.document.host.upper()}/V/{code}/1"] * 5
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    assert "第 5 件，共 5 件" in text and version.letter_number in text


def test_each_copy_has_a_label_with_the_code_of_its_own_paper(listed):
    version = scene.confirm_list(listed, at=AT)
    papers = [paper(one, b"%PDF " + bytes([n])) for n, one in enumerate(listed.found[:2])]
    made = labels.copies(labels.of_list(version), count=2)
    assert [one["code"] for one in made] == [papers[0].code] * 2 + [papers[1].code] * 2
    read = read_codes(labels.draw(made, layout=labels.LAYOUTS["3x7"]))
    assert sorted({text.split("/")[-2] for text in read}) == sorted(one.code for one in papers)
    assert len(read) == 4


def test_labels_over_http_and_their_refusals(client, listed):
    as_(client, listed, "operator")
    asked = {"what": "parcels", "count": "2", "layout": "2x4", "start": "1"}
    assert client.get(url("label_sheets", listed.call.code), asked).status_code == 422
    scene.confirm_list(listed, at=AT)
    answer = client.get(url("label_sheets", listed.call.code), asked)
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    wrong = client.get(url("label_sheets", listed.call.code), {**asked, "start": "9"})
    assert wrong.status_code == 422 and "每页只有 8 枚" in wrong.content.decode()
    with pytest.raises(Refusal):
        labels.draw([{}] * (labels.MOST + 1), layout=labels.LAYOUTS["2x4"])


def test_a_letter_of_a_programme_that_asks_for_one_needs_no_fields():
    cast = world.build(scene_spec())
    scene.recommend(cast, scene.filing(cast, 1))
    scene.confirm_list(cast)
    (letter,) = letters(cast)
    assert letter.snapshot["number"] == "" and "contact" not in letter.snapshot
    assert letter.snapshot["to"] == cast.call.programme.organiser


def scene_spec():
    return world.programme().model_copy(update={"recommendation": Recommendation(letter=True)})


@pytest.mark.parametrize(
    "name", ["示例省工业和信息化厅", "示例自治区经济和信息化委员会某某建设兵团"]
)
def test_the_letter_stays_on_one_page(name):
    rows = [{"class": name} for name in ("核心基础类", "重点产品类", "公共支撑类")] * 5
    shown = {
        "letterhead": name,
        "number": "示工信函〔2021〕45号",
        "title": f"{name}关于报送\n人工智能揭榜推荐项目的函",
        "to": "示例部科技司",
        "paragraphs": [
            "根据《2021年人工智能产业创新任务揭榜挂帅》（示部科函〔2021〕231号）要求，经单位申报、审核研究，"
            f"现推荐15个项目{coverletter.by_class(rows)}。"
            "其中，超出限额的1个项目已报贵单位同意。",
            "所报材料与网上提交内容一致。请予审核。",
        ],
        "enclosures": ["信息报送汇总表（JB-2021-HZ-0001第3版）", "项目申报书（15份）"],
        "signed_by": name,
        "date": "2021-11-29",
        "contact": {"name": "钱二例", "phone": "000-00000274"},
        "seal": None,
    }
    data = drawing.draw("cover_letter", shown)
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) == 1


def test_a_reopened_list_voids_the_letter_too(listed):
    set_letter(listed)
    scene.confirm_list(listed, at=AT)
    (letter,) = letters(listed)
    services.reopen_list(
        scene.ranked(listed), reason="需要调整顺序", actor=listed.actor("approver"), at=AT
    )
    assert Document.objects.get(pk=letter.pk).voided_at is not None


def test_a_letter_made_anew_is_sealed_anew(client, cast):
    from datetime import timedelta

    from documents import sealing
    from documents.models import Signing
    from tests.recommenders import test_seals as seals

    cast.found = scene.filings(cast, 1)
    scene.recommend(cast, *cast.found)
    seals.registered(cast)
    set_letter(cast)
    version = scene.confirm_list(cast)
    services.set_cover_letter(
        scene.ranked(cast),
        **{**FIELDS, "number": "示工信函〔2021〕46号"},
        actor=cast.actor("operator"),
        at=scene.LATER,
    )
    (old, new) = letters(cast)
    assert old.voided_at and Signing.objects.filter(document=new).exists()
    at = scene.LATER + timedelta(minutes=1)
    documents.render_waiting(at=at)
    sealing.sign_waiting(at=at)
    as_(client, cast, "operator")
    signed = client.get(url("letter_sealed", cast.call.code))
    plain = documents.read(Document.objects.get(pk=new.pk).pdf)
    assert signed.content.startswith(plain) and len(signed.content) > len(plain)
    assert "下载电子签章件" in client.get(url("letter", cast.call.code)).content.decode()
    assert version.document_id != new.pk
