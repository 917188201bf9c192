"""Questions and answers of a call: those before the public, and asking one's own."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import policy
from audit.services import Actor
from calls import questions as asking
from calls.models import Question
from core.web import form_status, refused_into, told
from outcomes import access

PAGE = 20


class AskForm(forms.Form):
    text = forms.CharField(
        label="您的问题",
        max_length=asking.MOST,
        help_text="请不要写账号、密码、身份证号；涉及具体申报的，写明编号即可",
        widget=forms.Textarea(attrs={"rows": 4, "data-max-chars": str(asking.MOST)}),
        error_messages={"required": "请写明问题"},
    )


@require_safe
@policy.public
def questions(request: HttpRequest, code: str) -> HttpResponse:
    """What the office has answered for everybody, the newest first, with search."""
    call = access.public_call(code)
    now = request.arrived_at  # type: ignore[attr-defined]
    found = call.questions.filter(published_at__lte=now).order_by("-published_at", "-pk")
    kinds = _kinds(found)
    category = request.GET.get("category", "")
    if category in [key for key, _, _ in kinds]:
        found = found.filter(category=category)
    words = request.GET.get("q", "").strip()[:40]
    for word in words.split():
        found = found.filter(
            Q(published_question__icontains=word) | Q(published_answer__icontains=word)
        )
    page = Paginator(
        found.values("published_question", "published_answer", "published_at", "category"), PAGE
    ).get_page(request.GET.get("page"))
    titles = dict(Question.Category.choices)
    rows = [{**one, "kind": titles[one["category"]]} for one in page]
    return render(
        request,
        "public/questions.html",
        {
            "call": call,
            "page": page,
            "rows": rows,
            "words": words,
            "kinds": kinds,
            "category": category,
        },
    )


def _kinds(found: QuerySet[Question]) -> list[tuple[str, str, int]]:
    """The categories that hold something: key, title, how many."""
    counts = dict(found.order_by().values_list("category").annotate(n=Count("pk")))
    return [(key, title, counts[key]) for key, title in Question.Category.choices if key in counts]


@require_http_methods(["GET", "HEAD", "POST"])
@policy.signed_in
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask privately; below, one's own questions with their answers."""
    call = access.public_call(code)
    acting = request.acting  # type: ignore[attr-defined]
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            with told(request, success="问题已送达主管部门，答复后会通知您。"):
                asking.ask(
                    call,
                    text=form.cleaned_data["text"],
                    organisation=acting.organisation if acting else None,
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
            return redirect("public:ask", code)
    mine = Question.objects.filter(call=call, asked_by=request.user.pk).order_by("-asked_at", "-pk")
    return render(
        request,
        "public/ask.html",
        {"call": call, "form": form, "mine": mine},
        status=form_status(form),
    )
