"""Questions about a call: asked privately, answered, published without names, reminded of."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from calls import questions
from calls.models import Call, Question
from core.errors import Refusal
from notifications.models import Message
from office import answering
from tests import season
from tests.world import AT

pytestmark = pytest.mark.django_db
TEXT = "外资控股的企业能否作为牵头单位？"


@pytest.fixture
def played(db):
    return season.begin()


def ask(played, text: str = TEXT, *, by: str = "admin", at=AT) -> Question:
    return questions.ask(
        played.call, text=text, organisation=played.cast.company, actor=played.actor(by), at=at
    )


def answer(played, question: Question, text: str = "可以，须为境内注册的法人。") -> Question:
    return answering.answer(question, text=text, actor=played.actor("office"), at=AT)


def publish(played, question: Question, title: str = "外资企业能否牵头？", text="可以。"):
    return answering.publish(question, title=title, text=text, actor=played.actor("office"), at=AT)


def refused(code: str, act, *args, **kwargs) -> Refusal:
    before = Entry.objects.count(), Message.objects.count()
    with pytest.raises(Refusal) as said:
        act(*args, **kwargs)
    assert said.value.code == code, said.value
    assert (Entry.objects.count(), Message.objects.count()) == before
    return said.value


def test_a_question_is_kept_with_who_asked_and_for_which_unit(played):
    made = ask(played, f"  {TEXT} ")
    assert (made.text, made.state, made.organisation) == (TEXT, "waiting", played.cast.company)
    assert Entry.objects.latest("pk").action == "calls.ask"


def test_empty_endless_and_too_many_questions_are_refused(played):
    refused("question-length", ask, played, "？")
    refused("question-length", ask, played, "问" * 1001)
    for n in range(questions.MOST_PER_DAY):
        ask(played, f"第 {n} 个问题是什么")
    refused("too-many-questions", ask, played)
    assert ask(played, by="editor").pk
    assert ask(played, at=AT + timedelta(days=1, minutes=1)).pk


def test_a_closed_call_takes_no_questions(played):
    Call.objects.filter(pk=played.call.pk).update(state="closed")
    refused("call-closed", ask, played)


def test_the_answer_goes_to_the_asker_alone_by_letter(played):
    answer(played, ask(played))
    (letter,) = Message.objects.filter(key__startswith="question.answered")
    assert letter.user == played.cast.people["admin"]
    assert TEXT in letter.body and "境内注册" in letter.body


def test_a_corrected_answer_is_sent_again(played):
    question = answer(played, ask(played))
    answer(played, question, "更正：不可以。")
    assert Message.objects.filter(key__startswith="question.answered").count() == 2
    assert Question.objects.get().answer == "更正：不可以。"


def test_an_answer_with_a_password_or_a_personal_number_does_not_go_out(played):
    question = ask(played)
    refused("publish-gate", answer, played, question, "请用 账号：demo 密码：123456 登录")
    refused("publish-gate", answer, played, question, "请致电 13800000000")
    refused("answer-empty", answer, played, question, "  ")


def test_what_is_published_is_rewritten_without_names(played):
    question = ask(played)
    refused("not-answered", publish, played, question)
    answer(played, question)
    unit = played.cast.company
    for words in (unit.name, unit.code, played.cast.people["admin"].name):
        refused("names-inside", publish, played, question, f"{words}能否牵头？")
        refused("names-inside", publish, played, question, text=f"{words}可以。")
    refused("publish-gate", publish, played, question, text="初始密码：abc123")
    refused("question-empty", publish, played, question, text=" ")
    assert publish(played, question).published_at == AT


def test_a_published_answer_can_be_taken_down(played):
    question = publish(played, answer(played, ask(played)))
    actor = played.actor("office")
    assert answering.take_down(question, actor=actor, at=AT).published_at is None
    refused("not-published", answering.take_down, question, actor=actor, at=AT)
    assert Question.objects.get().answer


def test_the_office_is_reminded_once_a_day_of_what_waits(played):
    ask(played)
    assert answering.remind_unanswered(at=AT + timedelta(hours=23)) == 0
    assert answering.remind_unanswered(at=AT + timedelta(hours=25)) == 2
    assert answering.remind_unanswered(at=AT + timedelta(hours=26)) == 0
    assert answering.remind_unanswered(at=AT + timedelta(hours=50)) == 2
    letters = Message.objects.filter(key__startswith="questions.waiting")
    assert {letter.user for letter in letters} == {
        played.cast.people["office"],
        played.cast.people["chief"],
    }
    answer(played, Question.objects.get())
    assert answering.remind_unanswered(at=AT + timedelta(hours=80)) == 0


def test_a_release_set_for_later_is_gated_now_and_seen_by_nobody_before_its_moment(played):
    question = answer(played, ask(played))
    later = AT + timedelta(days=2)
    actor = played.actor("office")
    text = {"title": "外资企业能否牵头？", "text": "可以。", "actor": actor, "at": AT}
    for wrong in (AT, AT - timedelta(seconds=1), AT + answering.FARTHEST + timedelta(seconds=1)):
        refused("release-wrong", answering.publish, question, release=wrong, **text)
    gated = {**text, "text": "初始密码：abc123"}
    refused("publish-gate", answering.publish, question, release=later, **gated)
    answering.publish(question, release=later, category="eligibility", **text)
    assert Question.objects.get().published_at == later
    assert list(Question.objects.filter(published_at__lte=later - timedelta(microseconds=1))) == []
    assert answering.take_down(question, actor=actor, at=AT).published_at is None


def test_the_public_page_shows_a_release_from_its_moment_on_with_categories(played):
    now = timezone.now()
    actor = played.actor("office")
    for n, (category, release) in enumerate(
        [("dates", now + timedelta(hours=1)), ("eligibility", None), ("eligibility", None)]
    ):
        question = answer(played, ask(played, f"{TEXT}{n}"))
        answering.publish(
            question,
            title=f"第{n}个公开问题",
            text="可以。",
            category=category,
            release=release,
            actor=actor,
            at=now,
        )
    public = reverse("public:questions", args=[played.call.code])
    page = Client().get(public)
    text = page.content.decode()
    assert "第0个公开问题" not in text and "第1个公开问题" in text
    assert page.context["kinds"] == [("eligibility", "资格与限项", 2)]
    office = signed_in(played, "office")
    desk = office.get(f"{reverse('office:questions')}?state=scheduled")
    assert desk.context["counts"] == {"waiting": 0, "answered": 3, "published": 2, "scheduled": 1}
    assert desk.context["page"].paginator.count == 1
    Question.objects.filter(category="dates").update(published_at=now)
    found = Client().get(public, {"category": "dates"}).content.decode()
    assert "第0个公开问题" in found and "第1个公开问题" not in found
    unknown = Client().get(public, {"category": "odd"}).content.decode()
    assert "第1个公开问题" in unknown


# Pages ---------------------------------------------------------------------------------------


def signed_in(played, name: str) -> Client:
    client = Client()
    user = played.cast.people[name]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_from_asking_to_the_public_page(played):
    code = played.call.code
    asker = signed_in(played, "admin")
    here = reverse("public:ask", args=[code])
    assert asker.post(here, {"text": ""}).status_code == 422
    assert asker.post(here, {"text": TEXT}).status_code == 302
    question = Question.objects.get()
    office = signed_in(played, "office")
    listed = office.get(reverse("office:questions")).content.decode()
    assert TEXT in listed and played.cast.company.name in listed

    def address(name: str) -> str:
        return reverse(f"office:{name}", args=[question.public_id])

    assert office.post(address("question_answer"), {"answer": ""}).status_code == 422
    office.post(address("question_answer"), {"answer": "可以，须为境内法人。"})
    assert "境内法人" in asker.get(here).content.decode()
    bad = {
        "published_question": played.cast.company.name,
        "published_answer": "可以",
        "category": "eligibility",
    }
    answered = office.post(address("question_publish"), bad)
    assert answered.status_code == 422 and "请改写后再公开" in answered.content.decode()
    good = {
        "published_question": "外资能否牵头",
        "published_answer": "可以，须为境内法人。",
        "category": "eligibility",
    }
    assert office.post(address("question_publish"), good).status_code == 302
    public = reverse("public:questions", args=[code])
    page = Client().get(public).content.decode()
    assert "外资能否牵头" in page and TEXT not in page and played.cast.company.name not in page
    assert "外资能否牵头" in Client().get(public, {"q": "境内 外资"}).content.decode()
    assert "没有找到" in Client().get(public, {"q": "无关"}).content.decode()
    office.post(address("question_take_down"))
    assert "外资能否牵头" not in Client().get(public).content.decode()


def test_ones_questions_are_nobody_elses(played):
    ask(played)
    here = reverse("public:ask", args=[played.call.code])
    for other in ("editor", "rival", "operator", "chief"):
        assert TEXT not in signed_in(played, other).get(here).content.decode()
    assert "login" in Client().get(here).url


def test_help_of_a_field_from_the_file_stands_on_its_page(played):
    """The help text of the programme file is shown where the field is asked."""
    spec = played.call.programme
    asked = [(s, f) for s, f in spec.fields() if f.help and not f.show_if]
    assert asked
    made = season.draft(played, "帮助", unit=played.cast.company, user=played.cast.people["admin"])
    client = signed_in(played, "admin")
    for section, field in asked:
        page = reverse("applications:section", args=[made.public_id, section.key])
        assert field.help in client.get(page).content.decode()
