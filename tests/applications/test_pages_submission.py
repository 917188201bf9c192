"""Submitting, the deadline, returning, withdrawing, and what others may read: through HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client

from applications import letters, services
from applications.models import Application, Version
from calls.models import Call
from documents.models import Document
from notifications.models import Message
from tests import world
from tests.applications import filling
from tests.applications.filling import complete, save, submit, url

HEADER = "HTTP_X_ARRIVED"


def signed_in(cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def application(cast) -> Application:
    return cast.application


@pytest.fixture
def admin(cast):
    return signed_in(cast, "admin")


@pytest.fixture
def ready(admin, application) -> Application:
    complete(admin, application)
    return application


@pytest.fixture
def submitted(admin, ready) -> Application:
    assert submit(admin, ready).status_code == 302
    ready.refresh_from_db()
    return ready


# Submitting -----------------------------------------------------------------------------------


def test_an_incomplete_filing_is_refused_and_every_blocker_is_listed(admin, application):
    answer = submit(admin, application)
    assert answer.status_code == 422
    text = answer.content.decode()
    for words in ("没有提交", "项目简介：请填写", "营业执照或法人证书：缺这份材料", "攻关指标"):
        assert words in text
    assert not Version.objects.exists()
    application.refresh_from_db()
    assert (application.status, application.number) == ("draft", "")


def test_without_the_declaration_nothing_is_submitted(admin, ready):
    answer = submit(admin, ready, agree=False)
    assert answer.status_code == 422
    assert "请先勾选承诺" in answer.content.decode()
    assert not Version.objects.exists()


def test_the_same_key_twice_gives_one_number_and_one_version(admin, ready):
    page = admin.get(url("check", ready))
    posted = {"key": page.context["key"], "seen": page.context["seen"], "agree": "1"}
    first = admin.post(url("submit", ready), posted)
    second = admin.post(url("submit", ready), posted)
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert Version.objects.count() == 1
    assert Application.objects.exclude(number="").count() == 1


def test_reloading_the_receipt_submits_nothing(admin, submitted):
    receipt = url("receipt", submitted, 1)
    for _ in range(3):
        page = admin.get(receipt)
        assert page.status_code == 200
        assert submitted.number in page.content.decode()
    assert Version.objects.count() == 1


def test_what_changed_after_the_check_page_was_shown_is_not_submitted_unseen(cast, admin, ready):
    page = admin.get(url("check", ready))
    save(signed_in(cast, "editor"), ready, "benefit", {"economic": "刚改的", "social": "有"})
    answer = admin.post(
        url("submit", ready),
        {"key": page.context["key"], "seen": page.context["seen"], "agree": "1"},
    )
    assert answer.status_code == 409
    assert "请核对现在的内容" in answer.content.decode()
    assert not Version.objects.exists()


def test_an_editor_without_the_right_to_submit_is_refused(cast, ready):
    answer = submit(signed_in(cast, "editor"), ready)
    assert answer.status_code == 403
    assert "提交需要单位授权" in answer.content.decode()
    assert not Version.objects.exists()


def test_submitting_again_makes_a_second_version_under_the_same_number(admin, submitted):
    number = submitted.number
    save(admin, submitted, "benefit", {"economic": "又改了", "social": "有"})
    assert submit(admin, submitted).status_code == 302
    submitted.refresh_from_db()
    assert (submitted.number, submitted.version_number) == (number, 2)
    page = admin.get(url("compare", submitted) + "?a=1&b=2").content.decode()
    assert "又改了" in page and "经济效益" in page
    assert "技术方案" not in page


@pytest.mark.parametrize(
    ("late", "status"),
    [(timedelta(microseconds=-1), 302), (timedelta(), 409), (timedelta(microseconds=1), 409)],
)
def test_the_deadline_is_judged_by_the_instant_of_arrival(admin, ready, settings, late, status):
    seen = admin.get(url("check", ready)).context
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=2)
    Call.objects.filter(pk=ready.call_id).update(filing_until=end)
    settings.JIEBANG_TRUSTED_ARRIVAL_HEADER = HEADER
    answer = admin.post(
        url("submit", ready),
        {"key": seen["key"], "seen": seen["seen"], "agree": "1"},
        **{HEADER: f"{(end + late).timestamp():.6f}"},
    )
    assert answer.status_code == status
    assert Version.objects.count() == (1 if status == 302 else 0)
    if status == 409:
        assert "申报已经截止" in answer.content.decode()


def test_after_the_deadline_every_page_reads_and_no_page_writes(admin, application):
    Call.objects.filter(pk=application.call_id).update(
        filing_until=datetime.now(UTC) - timedelta(minutes=1)
    )
    page = admin.get(url("section", application, "benefit"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "申报已经截止（服务器时间" in text
    assert "data-autosave" not in text
    assert save(admin, application, "benefit", {"economic": "晚了"}).status_code == 409
    autosave = admin.post(
        url("autosave", application, "benefit"), {"version": "0", "economic": "晚了"}
    )
    assert autosave.status_code == 409
    assert "申报已经截止" in autosave.json()["message"]
    upload = admin.post(url("attach", application, "licence"), {"file": filling.upload()})
    assert upload.status_code == 409
    assert application.sections.get(key="benefit").data == {}
    assert not application.attachments.exists()


# Papers ---------------------------------------------------------------------------------------


def test_the_final_form_exists_only_after_submission_and_is_made_by_the_worker(admin, submitted):
    answer = admin.get(url("form_pdf", submitted, 1))
    assert answer.status_code == 409
    assert Document.objects.get(kind="application_form").number == submitted.number
    assert admin.get(url("form_pdf", submitted, 2)).status_code == 404


def test_the_frozen_snapshot_has_the_shape_the_layouts_draw(submitted):
    from documents import layout, typography

    version = Version.objects.get()
    for document, template in (
        (version.form, "documents/application_form.html"),
        (version.receipt, "documents/receipt.html"),
    ):
        assert layout.prepare(template, document.snapshot)
        assert typography.unprintable(document.snapshot) == []
        assert document.shown_fingerprint == version.fingerprint


# Files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("空.pdf", b"", "是空的"),
        ("说明.docx", b"PK\x03\x04", "类型不能上传"),
        ("照片.pdf", b"\xff\xd8\xff\xe0junk", "扩展名与内容不符"),
        ("加密.pdf", filling.pdf(password="secret"), "密码"),
        ("坏.pdf", b"%PDF-1.7\nnothing", "无法打开"),
        ("大.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024 + 1), "超过 20 MB"),
    ],
)
def test_a_file_that_cannot_be_kept_is_refused_with_its_own_words(
    admin, application, name, data, told
):
    answer = admin.post(url("attach", application, "licence"), {"file": filling.upload(name, data)})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not application.attachments.exists()


def test_no_file_chosen_and_one_too_many_are_said(admin, application):
    empty = admin.post(url("attach", application, "licence"), {})
    assert empty.status_code == 422
    assert "没有选择文件" in empty.content.decode()
    first = admin.post(url("attach", application, "licence"), {"file": filling.upload("甲.pdf")})
    assert first.status_code == 302
    other = filling.upload("乙.pdf", filling.pdf(3))
    second = admin.post(url("attach", application, "licence"), {"file": other})
    assert second.status_code == 422
    assert "最多 1 份" in second.content.decode()


def test_a_file_is_replaced_removed_and_put_back(admin, application):
    admin.post(url("attach", application, "licence"), {"file": filling.upload("甲.pdf")})
    old = application.attachments.get()
    new = filling.upload("乙.pdf", filling.pdf(3))
    answer = admin.post(
        url("attach", application, "licence"), {"file": new, "replaces": old.public_id}
    )
    assert answer.status_code == 302
    here = application.attachments.get(removed_at=None)
    assert (here.name, here.pages) == ("乙.pdf", 3)
    assert admin.post(url("detach", application, here.public_id)).status_code == 302
    assert not application.attachments.filter(removed_at=None).exists()
    assert admin.post(url("reattach", application, here.public_id)).status_code == 302
    assert application.attachments.get(removed_at=None) == here


def test_an_upload_that_was_reached_from_the_check_page_leads_back_to_it(admin, application):
    check, here = url("check", application), url("files", application) + "?back=check"
    assert f'href="{here}"' in admin.get(check).content.decode()
    assert f'href="{check}">返回核对' in admin.get(here).content.decode()
    door = url("attach", application, "licence") + "?back=check"
    assert f'action="{door}"' in admin.get(here).content.decode()
    wrong = admin.post(door, {})
    assert wrong.status_code == 422 and f'action="{door}"' in wrong.content.decode()
    assert admin.post(door, {"file": filling.upload("甲.pdf")}).url == check
    item = application.attachments.get()
    gone = admin.post(url("detach", application, item.public_id) + "?back=check")
    assert gone.url == f"{here}#id_file-licence"
    plain = admin.post(url("attach", application, "licence"), {"file": filling.upload("乙.pdf")})
    assert plain.url == url("files", application) + "#id_file-licence"


def test_files_are_downloads_that_no_browser_runs(admin, application):
    admin.post(url("attach", application, "licence"), {"file": filling.upload("甲.pdf")})
    item = application.attachments.get()
    answer = admin.get(url("attachment", application, item.public_id))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def filing_is_over(cast) -> None:
    cast.call.filing_from -= timedelta(days=1)
    cast.call.filing_until = world.AT - timedelta(hours=1)
    cast.call.save(update_fields=["filing_from", "filing_until"])


def test_others_get_only_files_that_were_submitted(cast, admin, submitted):
    frozen = submitted.attachments.get()
    admin.post(url("attach", submitted, "contract"), {"file": filling.upload("合同.pdf")})
    fresh = submitted.attachments.get(key="contract")
    filing_is_over(cast)
    for name, expected in (("operator", 200), ("office", 200), ("neighbour", 404), ("rival", 404)):
        client = signed_in(cast, name)
        answer = client.get(url("attachment", submitted, frozen.public_id))
        assert answer.status_code == expected, name
        later = client.get(url("attachment", submitted, fresh.public_id))
        assert later.status_code == 404, name


def test_the_recommender_reads_the_submitted_version_and_never_the_working_copy(
    cast, admin, submitted
):
    save(admin, submitted, "benefit", {"economic": "还没提交的话", "social": "有"})
    filing_is_over(cast)
    operator = signed_in(cast, "operator")
    page = operator.get(url("detail", submitted), follow=True)
    assert page.status_code == 200
    assert "还没提交的话" not in page.content.decode()
    assert "示例经济效益" in page.content.decode()
    assert operator.get(url("compare", submitted) + "?a=1&b=draft").status_code == 404


# Return and correction ------------------------------------------------------------------------


def give_back(cast, application, *fields, by: str = "operator") -> None:
    client = signed_in(cast, by)
    posted = {
        "note": "请补充经济效益的依据",
        "until": (datetime.now(UTC) + timedelta(days=5)).strftime("%Y-%m-%d"),
    }
    for name in fields:
        posted[f"open-{name}"] = "1"
        posted[f"comment-{name}"] = "写明测算依据"
    answer = client.post(url("give_back", application), posted)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    application.refresh_from_db()


def test_after_a_return_only_the_named_fields_can_be_written(cast, admin, submitted):
    give_back(cast, submitted, "benefit.economic")
    assert submitted.status == "returned"
    page = admin.get(url("detail", submitted)).content.decode()
    assert "请补充经济效益的依据" in page and "写明测算依据" in page
    open_one = {"economic": "补充了依据", "social": "示例社会效益"}
    assert save(admin, submitted, "benefit", open_one).status_code == 302
    shut = {"economic": "补充了依据", "social": "偷偷改的"}
    answer = save(admin, submitted, "benefit", shut)
    assert answer.status_code == 409
    assert "点名的栏目" in answer.content.decode()
    assert save(admin, submitted, "project", {"summary": "改别处"}).status_code == 409
    data = submitted.sections.get(key="benefit").data
    assert data == {"economic": "补充了依据", "social": "示例社会效益"}
    upload = admin.post(url("attach", submitted, "contract"), {"file": filling.upload()})
    assert upload.status_code == 409


def test_a_correction_submitted_in_time_is_the_next_version(cast, admin, submitted):
    give_back(cast, submitted, "benefit.economic")
    section = admin.get(url("section", submitted, "benefit")).content.decode()
    assert "<strong>退回意见：写明测算依据</strong>" in section
    unit = admin.get(url("section", submitted, "unit")).content.decode()
    assert '<option value="state" selected>' in unit, "a locked choice shows what was chosen"
    save(admin, submitted, "benefit", {"economic": "补充了依据", "social": "示例社会效益"})
    assert submit(admin, submitted).status_code == 302
    submitted.refresh_from_db()
    assert (submitted.status, submitted.version_number) == ("submitted", 2)
    assert submitted.returned_fields == []


def test_a_return_without_a_named_field_is_refused(cast, submitted):
    operator = signed_in(cast, "operator")
    posted = {"note": "请改", "until": "2199-01-01"}
    answer = operator.post(url("give_back", submitted), posted)
    assert answer.status_code == 422
    assert "至少点名一处" in answer.content.decode()
    submitted.refresh_from_db()
    assert submitted.status == "submitted"


# Withdrawing ----------------------------------------------------------------------------------


def test_withdrawing_needs_the_typed_word(admin, submitted):
    wrong = admin.post(url("withdraw", submitted), {"reason": "换报", "word": "撤销"})
    assert wrong.status_code == 422
    submitted.refresh_from_db()
    assert submitted.status == "submitted"
    right = admin.post(url("withdraw", submitted), {"reason": "换报", "word": "撤回"})
    assert right.status_code == 302
    submitted.refresh_from_db()
    assert submitted.status == "withdrawn"


def test_a_withdrawn_filing_frees_the_limit_and_stays_readable(cast, admin, submitted):
    for number in range(2):
        world.draft(cast, title=f"项目{number}")
    services.withdraw(submitted, reason="换报", actor=cast.actor("admin"), at=world.AT)
    world.draft(cast, title="换报的项目")
    page = admin.get(url("section", submitted, "benefit"))
    assert page.status_code == 200
    assert "内容不能再改" in page.content.decode()


# Letters, experts, papers of the unit ---------------------------------------------------------


@pytest.mark.parametrize("move", sorted(letters.TO_APPLICANT))
def test_every_move_has_its_letter_with_title_and_text(submitted, move):
    submitted.returned_fields = [{"section": "benefit", "field": "", "comment": "写明依据"}]
    text = render_to_string(
        f"applications/letters/{move}.txt", {"application": submitted, "note": "换报 & <b>"}
    )
    subject, _, body = text.strip().partition("\n")
    assert submitted.title in subject
    assert submitted.organisation.name in body
    assert "&amp;" not in text and "&lt;" not in text


def test_submitting_queues_a_letter_for_each_person_who_files(submitted):
    letters_sent = Message.objects.filter(kind="submit")
    assert letters_sent.count() == 2
    assert submitted.number in letters_sent.first().body


def test_an_expert_never_comes_through_this_door(cast, admin, submitted):
    pool = world.unit(world.K.POOL, "示例专家库")
    cast.people["expert"] = world.person(pool, "expert", "何示例")
    file = submitted.attachments.get()
    door = url("attachment", submitted, file.public_id)
    assert signed_in(cast, "expert").get(door).status_code == 403


def test_while_filing_runs_a_recommender_reads_the_name_and_no_contents(cast, submitted):
    client = signed_in(cast, "operator")
    file = submitted.attachments.get()
    for door in (
        url("version", submitted, 1),
        url("compare", submitted),
        url("form_pdf", submitted, 1),
        url("attachment", submitted, file.public_id),
    ):
        page = client.get(door)
        assert page.status_code == 403, door
        assert "申报截止后开放" in page.content.decode()
    office = signed_in(cast, "office")
    assert office.get(url("version", submitted, 1)).status_code == 200


def test_the_units_papers_are_listed(cast, admin, submitted):
    page = admin.get("/applications/documents/")
    assert page.status_code == 200
    assert submitted.number in page.content.decode()
    rival = signed_in(cast, "rival").get("/applications/documents/")
    assert submitted.number not in rival.content.decode()


def test_when_the_letter_cannot_be_written_nothing_is_submitted(admin, ready, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no letter")

    seen = admin.get(url("check", ready)).context
    monkeypatch.setattr("applications.letters.notifications.enqueue", broken)
    with pytest.raises(RuntimeError):
        admin.post(url("submit", ready), {"key": seen["key"], "seen": seen["seen"], "agree": "1"})
    ready.refresh_from_db()
    assert (ready.status, ready.number, ready.version_number) == ("draft", "", 0)
    assert not Version.objects.exists() and not Document.objects.exists()
