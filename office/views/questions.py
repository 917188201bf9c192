"""Questions about calls: who waits, answering, publishing."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call, Question
from core.web import refused_into, told
from office import answering
from office.forms_questions import AnswerForm, PublishForm

PER_PAGE = 30


@require_safe
@policy(*roles.OFFICE)
def index(request):
    """Those that wait first, the oldest on top; every number leads to its filtered list."""
    at = request.arrived_at
    found = Question.objects.select_related("call", "asked_by", "organisation")
    calls = list(Call.objects.filter(questions__isnull=False).distinct().order_by("-created_at"))
    call = next((one for one in calls if one.code == request.GET.get("call")), None)
    if call is not None:
        found = found.filter(call=call)
    counts = {
        "waiting": found.filter(state=Question.State.WAITING).count(),
        "answered": found.filter(state=Question.State.ANSWERED).count(),
        "published": found.filter(published_at__lte=at).count(),
        "scheduled": found.filter(published_at__gt=at).count(),
    }
    state = request.GET.get("state", "")
    if state == "published":
        found = found.filter(published_at__lte=at)
    elif state == "scheduled":
        found = found.filter(published_at__gt=at)
    elif state in Question.State.values:
        found = found.filter(state=state)
    page = Paginator(found.order_by("-state", "asked_at", "pk"), PER_PAGE)
    return render(
        request,
        "office/questions.html",
        {
            "page": page.get_page(request.GET.get("page")),
            "calls": calls,
            "chosen": call,
            "state": state,
            "counts": counts,
        },
    )


def _question(public_id: str) -> Question:
    found = (
        Question.objects.select_related(
            "call", "asked_by", "organisation", "answered_by", "published_by"
        )
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404("没有这个提问。")
    return found


@require_safe
@policy(*roles.OFFICE)
def page(request, public_id):
    return _page(request, _question(public_id))


def _page(request, question, *, status=200, **forms):
    return render(
        request,
        "office/question.html",
        {
            "question": question,
            "call": question.call,
            "answer_form": AnswerForm(initial={"answer": question.answer}),
            "publish_form": PublishForm(
                initial={
                    "published_question": question.published_question or question.text,
                    "published_answer": question.published_answer or question.answer,
                    "category": question.category,
                }
            ),
            **forms,
        },
        status=status,
    )


@require_POST
@policy(*roles.OFFICE)
def answer(request, public_id):
    question = _question(public_id)
    form = AnswerForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="已答复，提问人会收到通知。"):
            answering.answer(
                question,
                text=form.cleaned_data["answer"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:question", public_id)
    return _page(request, question, status=422, answer_form=form)


@require_POST
@policy(*roles.OFFICE)
def publish(request, public_id):
    question = _question(public_id)
    form = PublishForm(request.POST)
    if form.is_valid():
        release = form.cleaned_data["release"]
        said = "已定时，到时自动公开。" if release else "已公开。"
        with refused_into(form), told(request, success=said):
            answering.publish(
                question,
                title=form.cleaned_data["published_question"],
                text=form.cleaned_data["published_answer"],
                category=form.cleaned_data["category"],
                release=release,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:question", public_id)
    return _page(request, question, status=422, publish_form=form)


@require_POST
@policy(*roles.OFFICE)
def take_down(request, public_id):
    with told(request, success="已撤下，公众看不到这条问答。"):
        answering.take_down(_question(public_id), actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:question", public_id)
