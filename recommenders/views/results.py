"""Letters to recommended and not recommended applicants: previewed, edited, sent once."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.web import form_status, refused_into, told
from documents import services as documents
from documents.web import pdf_response
from recommenders import access, resultletters, services
from recommenders.forms_paper import ResultTextForm
from recommenders.models import RankedList
from recommenders.resultletters import Recipient
from recommenders.views.outgoing import pdf
from recommenders.views.request import Request


@require_safe
@policy(*roles.RECOMMENDER)
def index(request: Request, code: str) -> HttpResponse:
    """Everybody who gets a letter, in which words, sent or not."""
    ranked = access.unit_list(request, code)
    found = resultletters.recipients(ranked)
    waiting = [one for one in found if not one.sent]
    return render(
        request,
        "recommenders/paper_results.html",
        {
            "call": ranked.call,
            "ranked": ranked,
            "groups": [
                ("列入推荐名单", [one for one in found if one.recommended]),
                ("未列入推荐名单", [one for one in found if not one.recommended]),
            ],
            "found": found,
            "waiting": waiting,
            "shown": resultletters.shown(waiting),
            "unfit": sum(bool(one.problems) for one in waiting),
            "unread": sum(not one.people for one in waiting),
        },
    )


def _one(request: Request, code: str, public_id: str) -> tuple[RankedList, Recipient]:
    ranked = access.unit_list(request, code)
    for one in resultletters.recipients(ranked):
        if one.application.public_id == public_id:
            return ranked, one
    raise Http404("没有这封通知。")


@require_safe
@policy(*roles.RECOMMENDER)
def letter(request: Request, code: str, public_id: str) -> HttpResponse:
    """One letter as its reader will see it."""
    ranked, one = _one(request, code, public_id)
    return _letter_page(request, ranked, one, ResultTextForm(initial={"text": one.text}))


def _letter_page(
    request: Request, ranked: RankedList, one: Recipient, form: ResultTextForm
) -> HttpResponse:
    return render(
        request,
        "recommenders/paper_result.html",
        {
            "call": ranked.call,
            "ranked": ranked,
            "one": one,
            "shown": resultletters.shown([one]),
            "paragraphs": [line for line in one.text.splitlines() if line.strip()],
            "form": form,
        },
        status=form_status(form),
    )


@require_POST
@policy(*roles.RECOMMENDER)
def set_text(request: Request, code: str, public_id: str) -> HttpResponse:
    ranked, one = _one(request, code, public_id)
    form = ResultTextForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="通知内容已保存，尚未发出"):
            services.set_result_text(
                ranked,
                one.application,
                text=form.cleaned_data["text"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("recommenders:result", code, public_id)
    return _letter_page(request, ranked, one, form)


@require_POST
@policy(*roles.RECOMMENDER)
def send_one(request: Request, code: str, public_id: str) -> HttpResponse:
    ranked, one = _one(request, code, public_id)
    with told(request, success="通知已发出"):
        services.send_results(
            ranked,
            shown=request.POST.get("shown", ""),
            only=one.application,
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:results", code)


@require_POST
@policy(*roles.RECOMMENDER)
def send_all(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    sent = services.send_results(
        ranked,
        shown=request.POST.get("shown", ""),
        actor=Actor.of(request),
        at=request.arrived_at,
    )
    with told(request, success=f"已发出 {sent} 封通知"):
        return redirect("recommenders:results", code)


@require_safe
@policy(*roles.RECOMMENDER)
def draft(request: Request, code: str, public_id: str) -> HttpResponse:
    """The 通知 drawn now, marked 草稿, before it is sent."""
    ranked, one = _one(request, code, public_id)
    shown = resultletters.snapshot(ranked, one, day=None)
    return pdf(documents.draft(kind="result_letter", snapshot=shown), "result-letter-draft.pdf")


@require_safe
@policy(*roles.FILING, roles.Role.VIEWER, *roles.RECOMMENDER)
def result_pdf(request: Request, public_id: str) -> HttpResponse:
    """The 通知 as it was sent: for its applicant and for the unit that wrote it."""
    found = access.result_letter(request, public_id)
    if found.document is None:
        raise Http404("没有这份通知。")
    return pdf_response(request, found.document)
