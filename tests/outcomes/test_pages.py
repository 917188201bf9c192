"""The office's pages and the public ones, over HTTP."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from applications.workflow import Status
from audit.models import Entry
from calls.models import Notice
from outcomes import queries, services
from outcomes.models import Decision, Objection, Publication
from tests.outcomes import helpers
from tests.world import AT

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PROGRAMME = "changsha-platform"


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    """Requests arrive at the instant the world was made for."""
    monkeypatch.setattr("portal.middleware.timezone.now", lambda: AT)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text(response) -> str:
    return response.content.decode()


def main_of(response) -> str:
    found = re.search(r"<main.*?</main>", text(response), re.S)
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", found.group(0))


def decided(code=PROGRAMME, n=3, chosen=2):
    made = helpers.stage(code, n=n)
    helpers.passed(made, *[s for s in ("site_visit", "approval") if s in made.call.steps])
    made.stage_all(chosen)
    made.apply()
    return made


def url(name, *args):
    return reverse(f"outcomes:{name}", args=args)


def test_the_whole_way_over_http_by_two_people():
    made = helpers.stage("2021-jiebang", n=3)
    code = made.call.code
    operator, chief = signed_in(made.operator), signed_in(made.chief)
    assert "示例项目1" in text(operator.get(url("call_board", code)))
    act = {"application": made.ids(0, 1), "act": "select:finalist"}
    assert operator.post(url("stage", code), act).status_code == 302
    assert (
        operator.post(url("stage", code), {"act": "rest", "place": _place(made)}).status_code == 302
    )
    assert Decision.objects.filter(outcome="decline").count() == 1

    page = text(chief.get(url("review", code)))
    shown = re.search(r'name="shown" value="(\w+)"', page).group(1)
    assert "空缺" in page
    assert operator.post(url("apply", code), {"shown": shown}).status_code == 403
    assert chief.post(url("apply", code), {"shown": shown}).status_code == 422
    stale = chief.post(url("apply", code), {"shown": "0" * 64, "vacancies": "yes"})
    assert stale.status_code == 409
    assert not Application.objects.filter(status=Status.FINALIST).exists()
    done = chief.post(url("apply", code), {"shown": shown, "vacancies": "yes"})
    assert done.status_code == 302
    assert Application.objects.filter(status=Status.FINALIST).count() == 2

    form = {"title": "入围名单", "basis": "现将名单公布。", "contacts": "", "number": ""}
    saved = operator.post(url("draft", code, "announcement"), form)
    draft = Publication.objects.get()
    assert saved.url == url("publication", draft.public_id)
    assert Client().get(draft.get_absolute_url()).status_code == 404
    page = text(chief.get(url("publication", draft.public_id)))
    shown = re.search(r'name="shown" value="(\w+)"', page).group(1)
    assert operator.post(url("publish", draft.public_id), {"shown": shown}).status_code == 403
    assert chief.post(url("publish", draft.public_id), {"shown": shown}).status_code == 302
    public = Client().get(draft.get_absolute_url())
    assert public.status_code == 200
    assert "示例项目1" in text(public)
    assert "示例项目3" not in text(public)


def _place(made):
    from outcomes import board

    return next(one.key for one in board.places(made.call) if one.waiting)


def test_an_objection_over_http_keeps_what_was_typed_and_gives_a_receipt():
    made = decided()
    published = made.publicise()
    visitor = Client()
    where = reverse("public:objection", args=[published.public_id])
    given = {
        "kind": "person",
        "name": "异议示例",
        "contact": "000-55556666",
        "row": "1",
        "text": "太短",
    }
    refused = visitor.post(where, given)
    assert refused.status_code == 422
    assert "异议示例" in text(refused)
    assert not Objection.objects.exists()
    given["text"] = "该平台与往年的认定内容相同，请予核查。"
    sent = visitor.post(where, given)
    assert sent.status_code == 302
    receipt = text(visitor.get(sent.url))
    raised = Objection.objects.get()
    assert raised.public_id in receipt
    assert "异议示例" not in receipt
    assert "55556666" not in receipt


def test_an_objection_without_a_token_is_refused():
    made = decided()
    published = made.publicise()
    careful = Client(enforce_csrf_checks=True)
    answer = careful.post(
        reverse("public:objection", args=[published.public_id]), {"kind": "person"}
    )
    assert answer.status_code == 403


def test_a_unit_without_its_letter_is_told_at_the_field():
    published = decided().publicise()
    answer = Client().post(
        reverse("public:objection", args=[published.public_id]),
        {
            "kind": "unit",
            "name": "示例单位",
            "contact": "000-00000000",
            "text": "该平台与往年的认定内容相同，请予核查。",
        },
    )
    assert answer.status_code == 422
    assert "加盖公章" in text(answer)


def test_after_the_end_the_form_is_gone(monkeypatch):
    made = decided()
    published = made.publicise()
    after = published.until - made.call.clock_offset
    monkeypatch.setattr("portal.middleware.timezone.now", lambda: after)
    where = reverse("public:objection", args=[published.public_id])
    assert Client().get(where).status_code == 410
    page = text(Client().get(published.get_absolute_url()))
    assert "不受理异议" in page


def test_who_objected_is_shown_only_after_a_press_that_is_recorded():
    made = decided()
    raised = services.raise_objection(
        made.publicise(),
        kind="person",
        name="异议示例",
        contact="000-55556666",
        text="该平台与往年的认定内容相同，请予核查。",
        row=1,
        at=AT,
    )
    operator = signed_in(made.operator)
    for page in (url("objection", raised.public_id), url("objections", made.call.code)):
        seen = text(operator.get(page))
        assert "异议示例" not in seen
        assert "55556666" not in seen
    assert not Entry.objects.filter(action="outcomes.reveal_objector").exists()
    shown = operator.post(url("reveal", raised.public_id))
    assert "异议示例" in text(shown)
    assert Entry.objects.filter(action="outcomes.reveal_objector").count() == 1


def test_the_public_sees_no_objector_no_phone_no_score_and_no_reason():
    made = decided("changsha-platform")
    published = made.publicise()
    services.raise_objection(
        published,
        kind="person",
        name="异议示例甲",
        contact="000-55556666",
        text="金丝雀异议内容，该平台与往年的认定内容相同。",
        row=1,
        at=AT,
    )
    Application.objects.update(return_note="金丝雀退回意见")
    Decision.objects.update(reason="金丝雀理由")
    raised = Objection.objects.get()
    pages = [
        "/",
        "/lists/",
        "/notices/",
        reverse("public:call", args=[made.call.code]),
        published.get_absolute_url(),
        reverse("public:list_sheet", args=[published.public_id]),
        reverse("public:objection", args=[published.public_id]),
        reverse("public:objection_received", args=[raised.public_id]),
    ]
    secrets = ("异议示例甲", "55556666", "金丝雀", "95.00", "94.00", "申报示例", "T-000001")
    for page in pages:
        answer = Client().get(page)
        assert answer.status_code == 200, page
        body = answer.content.decode("utf-8", "replace")
        assert not [word for word in secrets if word in body], page
    frozen = Publication.objects.get()
    assert set(frozen.public_rows[0]) == {
        "direction",
        "title",
        "organisation",
        "recommender",
        "tier",
        "amount",
    }


def test_public_pages_say_the_same_to_everybody():
    made = decided()
    published = made.publicise()
    Notice.objects.create(title="示例通知", body="正文", published_at=AT)
    applicant = made.applications[0].organisation.memberships.get().user
    for page in (
        "/",
        "/lists/",
        "/notices/",
        "/faq/",
        "/help/",
        "/accessibility/",
        reverse("public:call", args=[made.call.code]),
        published.get_absolute_url(),
    ):
        seen = {
            main_of(client.get(page))
            for client in (
                Client(),
                signed_in(applicant),
                signed_in(made.operator),
                signed_in(made.chief),
            )
        }
        assert len(seen) == 1, page


def test_nothing_is_public_before_it_is_published():
    made = helpers.stage(PROGRAMME)
    helpers.passed(made, "site_visit", "approval")
    made.stage_all(2)
    Notice.objects.create(title="未发布的通知", body="正文")
    Notice.objects.create(title="明天的通知", body="正文", published_at=AT + timedelta(seconds=1))
    draft = services.draft(
        made.call, kind="publicity", title="拟稿标题", basis="拟稿正文。", actor=made.op, at=AT
    )
    for page in ("/", "/lists/", "/notices/", reverse("public:call", args=[made.call.code])):
        body = text(Client().get(page))
        for word in ("未发布的通知", "明天的通知", "拟稿标题", "示例项目1"):
            assert word not in body, (page, word)
    for notice in Notice.objects.all():
        assert Client().get(reverse("public:notice", args=[notice.pk])).status_code == 404
    assert Client().get(draft.get_absolute_url()).status_code == 404
    assert Client().get(reverse("public:list_pdf", args=[draft.public_id])).status_code == 404


def test_a_withdrawn_list_says_so_and_names_nobody():
    made = decided("2021-jiebang")
    published = made.publicise(kind="announcement")
    services.withdraw(published, reason="单位名称有误", actor=made.boss, at=AT)
    body = text(Client().get(published.get_absolute_url()))
    assert "单位名称有误" in body
    assert "示例项目1" not in body
    assert Client().get(reverse("public:list_sheet", args=[published.public_id])).status_code == 404


def test_a_list_as_workbook_holds_text_only():
    import io

    from openpyxl import load_workbook

    made = helpers.stage("2021-jiebang", n=1)
    Application.objects.update(title='=HYPERLINK("http://x")')
    made.stage_all(1)
    made.apply()
    published = made.publicise(kind="announcement")
    answer = Client().get(reverse("public:list_sheet", args=[published.public_id]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == '=HYPERLINK("http://x")' for cell in cells)
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


def test_the_desk_is_the_offices_alone():
    made = decided()
    published = made.publicise()
    applicant = made.applications[0].organisation.memberships.get().user
    pages = [
        url("board"),
        url("announcements"),
        *(
            url(name, made.call.code)
            for name in (
                "call_board",
                "review",
                "formal_check",
                "steps",
                "publications",
                "objections",
            )
        ),
        url("publication", published.public_id),
    ]
    for page in pages:
        assert Client().get(page).status_code == 302, page
        assert signed_in(applicant).get(page).status_code == 403, page
        assert signed_in(made.operator).get(page).status_code == 200, page
    assert signed_in(made.operator).get(url("call_board", "no-such-call")).status_code == 404


def test_changing_pages_take_no_get():
    made = decided()
    published = made.publicise()
    chief = signed_in(made.chief)
    code, pid = made.call.code, published.public_id
    for page in (
        *(url(name, code) for name in ("stage", "apply", "request_more", "check")),
        *(url(name, pid) for name in ("publish", "end_publicity", "discard", "withdraw")),
    ):
        assert chief.get(page).status_code == 405, page


def test_get_writes_nothing():
    made = decided()
    published = made.publicise()
    chief = signed_in(made.chief)
    chief.get(url("board"))
    for client, page in (
        *(
            (chief, url(name, made.call.code))
            for name in (
                "call_board",
                "review",
                "formal_check",
                "steps",
                "publications",
                "objections",
            )
        ),
        (chief, url("publication", published.public_id)),
        (Client(), "/"),
        (Client(), published.get_absolute_url()),
    ):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(page)
        written = [
            q["sql"]
            for q in asked
            if not q["sql"].lstrip().upper().startswith(("SELECT", "SAVEPOINT", "RELEASE", "BEGIN"))
        ]
        assert written == [], page


def test_a_wrong_sum_comes_back_with_words():
    made = helpers.stage("wuhan-claims", n=1)
    helpers.passed(made, "approval")
    pid = made.ids()[0]
    operator = signed_in(made.operator)
    act = {"application": [pid], "act": "select:finalist"}
    wrong = operator.post(url("stage", made.call.code), {**act, f"amount-{pid}": "二十万"})
    assert wrong.status_code == 422
    assert "金额须大于 0" in text(wrong)
    assert "二十万" in text(wrong)
    folded = operator.post(url("stage", made.call.code), {**act, f"amount-{pid}": "１，２００．５"})
    assert folded.status_code == 302
    assert str(Decision.objects.get().amount) == "1200.50"


@pytest.mark.parametrize("code", ["2021-jiebang", "2018-jiebang", "wuhan-claims", PROGRAMME])
def test_every_page_of_the_desk_opens_for_every_kind_of_programme(code):
    made = helpers.stage(code, n=2)
    operator = signed_in(made.operator)
    for name in ("call_board", "review", "formal_check", "steps", "publications", "objections"):
        assert operator.get(url(name, made.call.code)).status_code == 200, name
    for kind in ("publicity", "announcement"):
        assert operator.get(url("draft", made.call.code, kind)).status_code == 200
    assert Client().get(reverse("public:call", args=[made.call.code])).status_code == 200


def test_the_cap_line_and_ties_are_shown():
    made = helpers.stage(n=7, ranked=False)
    helpers.rank(made, ["92", "91", "90", "89", "88", "88", "80"])
    page = text(signed_in(made.operator).get(url("call_board", made.call.code)))
    assert page.count("jb-tie") == 2
    assert "并列跨线" in page


def counted(client, page) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200, page
    return len(asked)


def test_queries_do_not_grow_with_rows_on_the_desk():
    few, many = {}, {}
    for n, found in ((1, few), (30, many)):
        Entry.objects.all()
        made = helpers.stage("2018-jiebang" if False else "2021-jiebang", n=n)
        operator = signed_in(made.operator)
        code = made.call.code
        Application.objects.filter(call=made.call).update(status=Status.RECOMMENDED)
        found["check"] = counted(operator, url("formal_check", code))
        Application.objects.filter(call=made.call).update(status=Status.IN_REVIEW)
        made.stage_all(1)
        for name in ("call_board", "review", "steps", "publications", "objections"):
            found[name] = counted(operator, url(name, code))
        found["index"] = counted(operator, url("board"))
        made.apply()
        draft = services.draft(
            made.call, kind="announcement", title="名单", basis="公布。", actor=made.op, at=AT
        )
        found["draft"] = counted(operator, url("publication", draft.public_id))
        _clear(made)
    assert few == many


def _clear(made):
    """Everything of a stage out of the way of the next."""
    from django.apps import apps

    with connection.constraint_checks_disabled():
        for model in apps.get_models():
            model._default_manager.all()._raw_delete(using="default")


def test_queries_do_not_grow_with_rows_on_public_pages():
    made = decided("2021-jiebang", n=3, chosen=1)
    published = made.publicise(kind="announcement")
    pages = [
        "/",
        "/lists/",
        "/notices/",
        published.get_absolute_url(),
        reverse("public:call", args=[made.call.code]),
        reverse("public:list_sheet", args=[published.public_id]),
    ]
    Notice.objects.create(call=made.call, title="通知", body="正文", published_at=AT)
    few = {page: counted(Client(), page) for page in pages}
    for n in range(29):
        Notice.objects.create(call=made.call, title=f"通知{n}", body="正文", published_at=AT)
        copy = Publication.objects.get(pk=published.pk)
        copy.pk, copy.public_id, copy.document = None, f"copy{n}", None
        copy.rows = published.rows * 10
        copy.save()
    Publication.objects.filter(pk=published.pk).update(rows=published.rows * 30)
    assert few == {page: counted(Client(), page) for page in pages}
    assert max(few.values()) <= 8


def test_the_call_page_names_each_rule_with_its_clause():
    made = helpers.stage("2021-jiebang", n=0)
    page = text(Client().get(reverse("public:call", args=[made.call.code])))
    for words in (
        "每个单位申报不超过 3 项",
        "三（二）",
        "原则上不超过 15 项",
        "不占属地指标",
        "原则上不超过 5 个",
        "指南未公开",
        "方向清单不完整",
    ):
        assert words in page, words


def test_the_front_page_shows_open_calls_with_what_is_left():
    from tests import world

    world.open_call(at=AT, code="open-now", title="正在申报的示例批次")
    page = text(Client().get("/"))
    assert "正在申报的示例批次" in page
    assert "申报还有" in page
    assert queries.calls_at_work().count() == 1
