"""The pages over HTTP: what each role sees and can do, and what stays hidden."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from documents import scans as reading
from recommenders import queries, services
from recommenders.models import OverQuotaRequest, SealedScan
from tests.recommenders import scene
from tests.recommenders.test_lists import ready
from tests.world import AT

pytestmark = pytest.mark.django_db


def open_recommendation(cast):
    """The present lies between filing and the recommenders' deadline."""
    cast.call = scene.move_dates(
        cast.call,
        filing_from=AT - timedelta(days=20),
        filing_until=AT - timedelta(days=1),
        recommendation_until=AT + timedelta(days=9),
    )
    return cast


@pytest.fixture
def listed(cast):
    found = scene.filings(cast, 4)
    open_recommendation(cast)
    scene.recommend(cast, *found[:2], at=AT)
    services.reserve(found[2], actor=cast.actor("operator"), at=AT)
    cast.found = found
    return cast


def as_(client, cast, name):
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name, *args):
    return reverse(f"recommenders:{name}", args=args)


def test_home_names_the_call_what_is_next_and_until_when(client, listed):
    page = as_(client, listed, "operator").get(url("workspace"))
    text = page.content.decode()
    assert listed.call.title in text and "排序并确认名单" in text and "已推荐 2／15" in text


def test_the_list_shows_ranks_reserve_meter_and_the_clause(client, listed):
    page = as_(client, listed, "operator").get(url("list", listed.call.code))
    text = page.content.decode()
    for words in (
        "示例项目1号",
        "备1",
        "以上 2 项推荐",
        "已用 2，共 15",
        scene.CLAUSE,
        "查看未列入的 1 项",
        "确认推荐 2 项",
    ):
        assert words in text, words
    assert "示例项目4号" not in text
    rest = client.get(url("list", listed.call.code), {"show": "rest"}).content.decode()
    assert "示例项目4号" in rest


def test_filters_keep_the_true_ranks(client, listed):
    page = as_(client, listed, "operator").get(url("list", listed.call.code), {"q": "示例项目2号"})
    text = page.content.decode()
    assert "示例项目1号" not in text and '<span class="jb-rank">2</span>' in text


@pytest.mark.parametrize("name", ["list", "confirm", "history", "scan", "sheet"])
def test_the_units_own_pages_are_hidden_from_others(client, listed, name):
    assert as_(client, listed, "admin").get(url(name, listed.call.code)).status_code == 403
    assert as_(client, listed, "city").get(url(name, listed.call.code)).status_code == 404
    assert as_(client, listed, "operator").get(url(name, "no-such-call")).status_code == 404


def test_a_filing_of_another_province_does_not_exist(client, listed):
    hidden = listed.found[0].public_id
    as_(client, listed, "neighbour")
    assert client.get(url("application", hidden)).status_code == 404
    for act in ("recommend", "unrecommend", "reserve", "move", "note", "return", "forward"):
        assert client.post(url(act, hidden)).status_code == 404
    assert queries.live(listed.call, listed.province).count() == 2


def test_changing_pages_take_no_get(client, listed):
    as_(client, listed, "operator")
    for act in ("recommend", "reserve", "move", "promote", "return"):
        assert client.get(url(act, listed.found[3].public_id)).status_code == 405
    for act in ("submit_list", "reopen_list", "deliver", "set_rank", "upload_scan"):
        assert client.get(url(act, listed.call.code)).status_code == 405


def test_reading_writes_nothing(client, listed):
    as_(client, listed, "operator")
    before = scene.everything()
    for name in ("workspace", "scans", "levels"):
        client.get(url(name))
    for name in ("list", "confirm", "history", "scan"):
        assert client.get(url(name, listed.call.code)).status_code == 200
    client.get(url("application", listed.found[0].public_id))
    assert scene.everything() == before


def test_recommending_moving_and_ranking_by_buttons(client, listed):
    as_(client, listed, "operator")
    client.post(url("recommend", listed.found[3].public_id), {"show": "rest"})
    client.post(url("move", listed.found[3].public_id), {"direction": "up"})
    client.post(url("set_rank", listed.call.code), {"line": "3", "number": "1"})
    assert scene.order(listed) == ["示例项目2号", "示例项目1号", "示例项目4号"]


def test_letters_in_a_number_are_refused_clearly(client, listed):
    as_(client, listed, "operator")
    page = client.post(url("set_rank", listed.call.code), {"line": "三", "number": "1"})
    assert page.status_code == 422 and "整数" in page.content.decode()
    page = client.post(url("set_rank", listed.call.code), {"line": "9", "number": "1"})
    assert page.status_code == 422 and "名单现有 2 项" in page.content.decode()


def test_during_filing_contents_are_closed_and_names_are_shown(client, cast):
    application = scene.filing(cast, 1)
    as_(client, cast, "operator")
    text = client.get(url("application", application.public_id)).content.decode()
    assert "申报截止前只显示名称和状态" in text and "000-00000001" not in text
    assert client.get(url("form_pdf", application.public_id)).status_code == 404
    listing = client.get(url("list", cast.call.code), {"show": "rest"}).content.decode()
    assert application.title in listing and "填写中 1" in listing
    assert cast.application.title not in listing


def test_after_filing_the_frozen_contents_are_shown(client, listed):
    as_(client, listed, "operator")
    text = client.get(url("application", listed.found[0].public_id)).content.decode()
    assert "000-00000001" in text and "下载申报书" in text


def test_over_quota_from_request_to_decision(client, listed):
    scene.limit(listed, 2)
    wanted = listed.found[3]
    as_(client, listed, "operator")
    said = client.post(url("recommend", wanted.public_id))
    assert said.status_code == 409 and "名额 2 项已全部使用" in said.content.decode()
    assert "提交超额申请" in client.get(url("application", wanted.public_id)).content.decode()
    short = client.post(url("request_over_quota", wanted.public_id), {"reason": "很好"})
    assert short.status_code == 422
    reason = "该项目填补省内空白，指标领先。"
    client.post(url("request_over_quota", wanted.public_id), {"reason": reason})
    request = OverQuotaRequest.objects.get()
    as_(client, listed, "office")
    assert reason in client.get(url("over_quota")).content.decode()
    assert client.post(url("decide_over_quota", request.public_id)).status_code == 403
    as_(client, listed, "chief")
    client.post(url("decide_over_quota", request.public_id), {"act": "approve", "note": "同意"})
    assert scene.order(listed)[-1] == wanted.title


def test_confirming_over_http_carries_the_hash_and_a_changed_list_gets_409(client, listed):
    as_(client, listed, "approver")
    page = client.get(url("confirm", listed.call.code))
    shown = page.context["hash"]
    assert shown in page.content.decode()
    services.set_note(listed.found[0], note="改过", actor=listed.actor("operator"), at=AT)
    said = client.post(url("submit_list", listed.call.code), {"hash": shown})
    assert said.status_code == 409 and "名单在您查看之后有改动" in said.content.decode()
    shown = client.get(url("confirm", listed.call.code)).context["hash"]
    done = client.post(url("submit_list", listed.call.code), {"hash": shown})
    assert done.status_code == 302
    assert scene.ranked(listed).state == "frozen"
    assert "内容已锁定" in client.get(url("list", listed.call.code)).content.decode()


def test_an_operator_sees_how_to_hand_the_list_over(client, listed):
    as_(client, listed, "operator")
    page = client.get(url("confirm", listed.call.code))
    assert "提请审批" in page.content.decode()
    client.post(url("propose_list", listed.call.code), {"hash": page.context["hash"]})
    assert scene.ranked(listed).changed_by == listed.people["operator"]
    said = client.post(url("submit_list", listed.call.code), {"hash": page.context["hash"]})
    assert said.status_code == 403


def test_a_scan_is_compared_and_shown_page_by_page(client, listed, monkeypatch):
    as_(client, listed, "operator")
    version = scene.confirm_list(listed, at=AT)
    sheet = ready(version)
    wrong = client.post(
        url("upload_scan", listed.call.code),
        {"pages": SimpleUploadedFile("a.txt", b"hello", "text/plain")},
    )
    assert wrong.status_code == 422 and "类型不能上传" in wrong.content.decode()
    none = client.post(url("upload_scan", listed.call.code), {})
    assert none.status_code == 422 and "请选择" in none.content.decode()

    pages = [((sheet.code, 1),), (("ZZZZ9999YY", 2),)]
    upload(client, listed, monkeypatch, pages)
    text = client.get(url("scan", listed.call.code)).content.decode()
    assert "还不能报送：3 页中 1 页相符，1 页不是本文件，1 页未找到" in text
    upload(client, listed, monkeypatch, [((sheet.code, n),) for n in (1, 2, 3)])
    assert scene.ranked(listed).state == "sealed"
    scan = SealedScan.objects.order_by("-pk").first()
    got = client.get(url("scan_file", scan.public_id, 1))
    assert got.content == b"%PDF-1.7 scan" and "attachment" in got["Content-Disposition"]
    as_(client, listed, "neighbour")
    assert client.get(url("scan_file", scan.public_id, 1)).status_code == 404
    as_(client, listed, "operator")
    assert client.post(url("deliver", listed.call.code)).status_code == 302
    assert scene.ranked(listed).state == "delivered"


def upload(client, cast, monkeypatch, pages):
    """Upload a file whose pages carry these codes, as the reader would find them."""
    from documents import scanfiles as scans

    checked = scans.uploads.Checked("扫描.pdf", "application/pdf", 13, len(pages), "0" * 64)
    monkeypatch.setattr(scans.uploads, "check_upload", lambda data, name: checked)
    found = [
        reading.ScannedPage(n, tuple(codes), 0, True) for n, codes in enumerate(pages, start=1)
    ]
    monkeypatch.setattr(reading, "read_codes", lambda data, media_type, **more: found)
    file = SimpleUploadedFile("扫描.pdf", b"%PDF-1.7 scan", "application/pdf")
    return client.post(url("upload_scan", cast.call.code), {"pages": file})


def test_returning_names_single_fields_each_with_its_comment_and_a_date(client, listed):
    as_(client, listed, "operator")
    wanted = listed.found[3]
    page = client.post(url("return", wanted.public_id), {})
    assert page.status_code == 422 and "请写明退回意见" in page.content.decode()
    section = listed.call.programme.sections[0]
    field = section.fields[0].key
    until = (AT + timedelta(days=4)).date().isoformat()
    name = f"{section.key}.{field}"
    data = {f"open-{name}": "1", "note": "请尽快修改", "until": until}
    page = client.post(url("return", wanted.public_id), data)
    assert page.status_code == 422 and "的修改意见" in page.content.decode()
    data[f"comment-{name}"] = "请核对电话"
    assert client.post(url("return", wanted.public_id), data).status_code == 302
    wanted = Application.objects.get(pk=wanted.pk)
    assert wanted.status == "returned"
    assert wanted.returned_fields == [
        {"section": section.key, "field": field, "comment": "请核对电话"}
    ]


def test_the_office_sees_every_list_and_changes_a_limit(client, listed):
    as_(client, listed, "office")
    assert client.get(url("office")).status_code == 302
    text = client.get(url("office_lists", listed.call.code)).content.decode()
    assert "示例省工业和信息化厅" in text and "示例邻省工业和信息化厅" in text
    one = client.get(url("office_list", scene.ranked(listed).pk))
    assert one.status_code == 200
    allotment = scene.allotment(listed)
    page = client.post(url("change_limit", allotment.pk), {"limit": "1", "reason": "统筹考虑"})
    assert page.status_code == 403
    as_(client, listed, "chief")
    page = client.post(url("change_limit", allotment.pk), {"limit": "1", "reason": "统筹考虑一下"})
    assert page.status_code == 422 and "已推荐 2 项" in page.content.decode()
    page = client.post(url("change_limit", allotment.pk), {"limit": "十", "reason": "统筹"})
    assert page.status_code == 422 and "请填整数" in page.content.decode()
    client.post(url("change_limit", allotment.pk), {"limit": "18", "reason": "增加名额三项"})
    assert scene.allotment(listed).limit == 18


def test_office_pages_are_closed_to_recommenders(client, listed):
    as_(client, listed, "operator")
    for name, args in (
        ("office", []),
        ("over_quota", []),
        ("office_lists", [listed.call.code]),
        ("office_allotments", [listed.call.code]),
        ("office_list", [scene.ranked(listed).pk]),
    ):
        assert client.get(url(name, *args)).status_code == 403


def test_a_level_sets_an_earlier_date_and_no_later_one(client, listed):
    as_(client, listed, "operator")
    day = (AT + timedelta(days=3)).date().isoformat()
    data = {"call": listed.call.code, "key": "recommendation", "until": day, "copies": "5"}
    assert client.post(url("set_level_date"), data).status_code == 302
    assert "5" in client.get(url("levels")).content.decode()
    late = (AT + timedelta(days=40)).date().isoformat()
    page = client.post(url("set_level_date"), {**data, "until": late})
    assert page.status_code == 422 and "不能晚于" in page.content.decode()


@pytest.mark.parametrize("name", ["list", "confirm", "history", "office_lists", "office_list"])
def test_queries_do_not_grow_with_rows(client, cast, name):
    scene.limit(cast, 40)
    first = scene.filing(cast, 1)
    spare = scene.filing(cast, 2)
    rest = scene.filing(cast, 3)
    more = [scene.filing(cast, n) for n in range(4, 34)]
    assert rest
    open_recommendation(cast)
    scene.recommend(cast, first, at=AT)
    services.reserve(spare, actor=cast.actor("operator"), at=AT)
    who = "office" if name.startswith("office") else "operator"
    where = url(name, scene.ranked(cast).pk if name == "office_list" else cast.call.code)
    as_(client, cast, who).get(where)

    def count():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(where).status_code == 200
        return len(caught), [query["sql"][:150] for query in caught]

    one, said = count()
    scene.recommend(cast, *more[:20], at=AT)
    for spare in more[20:]:
        services.reserve(spare, actor=cast.actor("operator"), at=AT)
    many, said_then = count()
    assert many == one, set(said_then) ^ set(said)
