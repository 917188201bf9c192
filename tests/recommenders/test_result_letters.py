"""Letters to recommended and not recommended applicants: previewed, edited, sent once."""

import io

import pypdf
import pytest

from applications.models import Application
from core.errors import Refusal
from documents import services as documents
from documents.models import Document
from notifications.models import Message
from recommenders import resultletters, services
from recommenders.models import RankedList, ResultLetter
from tests.recommenders import scene
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.world import AT

pytestmark = pytest.mark.django_db

OWN = "贵单位申报的项目已列入我单位推荐名单，请于下周五前把申报书送到我单位科技处。"


@pytest.fixture
def listed(cast):
    cast.found = scene.filings(cast, 4)
    open_recommendation(cast)
    scene.recommend(cast, *cast.found[:2], at=AT)
    scene.confirm_list(cast, at=AT)
    return cast


@pytest.fixture
def delivered(listed):
    RankedList.objects.filter(pk=scene.ranked(listed).pk).update(state="sealed")
    services.deliver(scene.ranked(listed), actor=listed.actor("operator"), at=AT)
    Message.objects.all().delete()
    return listed


def found(cast):
    return resultletters.recipients(scene.ranked(cast))


def waiting(cast):
    return [one for one in found(cast) if not one.sent]


def send(cast, *, shown=None, by="operator", **more):
    return services.send_results(
        scene.ranked(cast),
        shown=resultletters.shown(waiting(cast)) if shown is None else shown,
        actor=cast.actor(by),
        at=AT,
        **more,
    )


def set_text(cast, number, text=OWN, by="operator"):
    return services.set_result_text(
        scene.ranked(cast), cast.found[number], text=text, actor=cast.actor(by), at=AT
    )


def test_nobody_is_told_before_the_list_is_delivered(listed):
    assert found(listed) == []
    for act in (lambda: send(listed, shown=""), lambda: set_text(listed, 0)):
        before = scene.everything()
        with pytest.raises(Refusal):
            act()
        assert scene.everything() == before


def test_everybody_of_the_area_gets_a_letter_the_listed_in_their_order_first(delivered):
    said = [(one.application.title, one.recommended) for one in found(delivered)]
    assert said == [
        ("示例项目1号", True),
        ("示例项目2号", True),
        ("示例项目3号", False),
        ("示例项目4号", False),
    ]
    assert {one.people for one in found(delivered)} == {1}


def test_a_letter_says_nothing_of_anybody_else(delivered):
    for one in found(delivered):
        others = {
            word
            for other in delivered.found
            if other.pk != one.application.pk
            for word in (other.title, other.number, other.organisation.name)
        }
        assert not [word for word in others if word in one.text]
    no = next(one for one in found(delivered) if not one.recommended)
    assert "感谢" in no.text and "未列入" in no.text and "不影响贵单位参加今后的申报" in no.text


def test_all_letters_go_out_once_with_a_paper_each(delivered):
    assert send(delivered) == 4
    assert Message.objects.filter(kind="result").count() == 4
    assert Document.objects.filter(kind="result_letter").count() == 4
    before = scene.everything()
    with pytest.raises(Refusal) as refused:
        send(delivered, shown="")
    assert refused.value.code == "sent-already" and scene.everything() == before
    message = Message.objects.get(user__name="企业3", kind="result")
    assert "未列入我单位本次推荐名单" in message.body and "/result.pdf" in message.body


def test_one_letter_may_go_before_the_others(delivered):
    one = found(delivered)[2]
    assert send(delivered, shown=resultletters.shown([one]), only=one.application) == 1
    assert Message.objects.filter(kind="result").get().user.name == "企业3"
    assert send(delivered) == 3 and ResultLetter.objects.count() == 4


def test_what_changed_after_it_was_shown_is_not_sent(delivered):
    shown = resultletters.shown(waiting(delivered))
    set_text(delivered, 0)
    with pytest.raises(Refusal) as refused:
        send(delivered, shown=shown)
    assert refused.value.code == "letters-changed" and not Message.objects.exists()


def test_the_units_own_words_are_what_goes_out(delivered):
    set_text(delivered, 0)
    send(delivered)
    assert OWN in Message.objects.get(user__name="企业1", kind="result").body
    assert ResultLetter.objects.get(application=delivered.found[0]).document.snapshot[
        "paragraphs"
    ] == [OWN]
    with pytest.raises(Refusal) as refused:
        set_text(delivered, 0, text=OWN + "补充一句说明。")
    assert refused.value.code == "sent-already"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("太短", "letter-length"),
        ("长" * 601, "letter-length"),
        (OWN + "另，示例项目2号也已列入。", "names-others"),
        (OWN + "示例企业3号有限公司未列入。", "names-others"),
        (OWN + "\U0002b820", "unprintable"),
        (OWN + "登录账号：demo，密码：123456。", "publish-gate"),
        (OWN + "请致电 13800000000。", "publish-gate"),
        (OWN + "经办人 11010119900101001X。", "publish-gate"),
    ],
)
def test_words_out_of_bounds_or_about_others_are_refused(delivered, text, code):
    before = scene.everything()
    with pytest.raises(Refusal) as refused:
        set_text(delivered, 0, text=text)
    assert refused.value.code == code and scene.everything() == before


def test_no_letter_goes_out_with_a_personal_number_in_its_proposed_words(client, delivered):
    """A title may hold one; the letter is then put into other words, and all go out."""
    first = delivered.found[0]
    Application.objects.filter(pk=first.pk).update(title="示例项目（联系 13800000000）")
    before = scene.everything()
    with pytest.raises(Refusal) as refused:
        send(delivered)
    assert refused.value.code == "publish-gate" and first.organisation.name in str(refused.value)
    assert scene.everything() == before
    as_(client, delivered, "operator")
    text = client.get(url("results", delivered.call.code)).content.decode()
    assert "有 1 封须先修改" in text and "发出 4 封通知" not in text
    page = client.get(url("result", delivered.call.code, first.public_id)).content.decode()
    assert "个人手机号码" in page and "发出通知</button>" not in page
    set_text(delivered, 0)
    assert send(delivered) == 4


def test_ones_own_title_may_stand_in_the_letter(delivered):
    assert set_text(delivered, 0, text=f"《示例项目1号》{OWN}").text.startswith("《示例项目1号》")


def test_another_unit_sends_nothing(delivered):
    with pytest.raises(Refusal) as refused:
        send(delivered, by="neighbour")
    assert refused.value.code == "not-yours" and not Message.objects.exists()


def test_a_filing_that_was_withdrawn_meanwhile_gets_no_letter(delivered):
    Application.objects.filter(pk=delivered.found[3].pk).update(status="withdrawn")
    assert len(found(delivered)) == 3


def test_the_paper_is_one_page_with_code_and_seal_place(delivered):
    one = found(delivered)[2]
    data = documents.draft(
        kind="result_letter",
        snapshot=resultletters.snapshot(scene.ranked(delivered), one, day=AT.date()),
    )
    reader = pypdf.PdfReader(io.BytesIO(data))
    text = reader.pages[0].extract_text().replace("\n", "")
    assert len(reader.pages) == 1
    assert "推荐结果的通知" in text and one.application.organisation.name in text


def test_the_pages_preview_edit_and_send(client, delivered):
    as_(client, delivered, "operator")
    code = delivered.call.code
    page = client.get(url("results", code))
    text = page.content.decode()
    assert "发出 4 封通知" in text and "未列入推荐名单" in text
    mine = delivered.found[0].public_id
    one = client.get(url("result", code, mine))
    assert "已列入我单位推荐名单" in one.content.decode()
    draft = client.get(url("result_draft", code, mine))
    assert draft.content.startswith(b"%PDF")
    short = client.post(url("set_result", code, mine), {"text": "短"})
    assert short.status_code == 422 and "30 至 600 字" in short.content.decode()
    assert client.post(url("set_result", code, mine), {"text": OWN}).status_code == 302
    stale = client.post(url("send_results", code), {"shown": page.context["shown"]})
    assert stale.status_code == 409 and not Message.objects.exists()
    shown = client.get(url("result", code, mine)).context["shown"]
    assert client.post(url("send_result", code, mine), {"shown": shown}).status_code == 302
    shown = client.get(url("results", code)).context["shown"]
    assert client.post(url("send_results", code), {"shown": shown}).status_code == 302
    assert "通知已全部发出" in client.get(url("results", code)).content.decode()
    assert Message.objects.filter(kind="result").count() == 4


def test_the_applicant_and_its_recommender_fetch_the_paper_and_nobody_else(client, delivered):
    send(delivered)
    mine = delivered.found[0]
    where = url("result_pdf", mine.public_id)
    for name in ("operator",):
        assert as_(client, delivered, name).get(where).status_code == 409  # still being drawn
    delivered.people["mine"] = mine.organisation.memberships.first().user
    assert as_(client, delivered, "mine").get(where).status_code == 409
    for name in ("neighbour", "rival", "city"):
        assert as_(client, delivered, name).get(where).status_code == 404
    assert as_(client, delivered, "office").get(where).status_code == 403


def test_a_unit_without_people_is_named_and_gets_its_paper(delivered):
    unit = delivered.found[1].organisation
    unit.memberships.update(valid_until=AT)
    assert [one.people for one in found(delivered)] == [1, 0, 1, 1]
    assert send(delivered) == 4
    assert Message.objects.filter(kind="result").count() == 3
    assert ResultLetter.objects.get(application=delivered.found[1]).document is not None
