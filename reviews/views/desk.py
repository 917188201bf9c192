"""The expert's pages: the desk, the declaration, the two panes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from applications.models import Attachment
from audit.services import Actor
from core.errors import Refusal
from core.templatetags.jiebang import moment, time_of_day
from core.web import told
from reviews import access, copies, pages, progress, reading, scoring, services, showing
from reviews.access import Request
from reviews.forms import Marks
from reviews.models import Assignment, Review
from reviews.services.marking import Unfit

experts = policy(*roles.EXPERT)


@experts
@require_safe
def desk(request: Request) -> HttpResponse:
    """All that lies on the desk, round by round. What is undeclared is only counted."""
    rounds = pages.desk(access.my_tasks(request), at=request.arrived_at)
    return render(
        request,
        "reviews/desk.html",
        {
            "rounds": rounds,
            "call": rounds[0].round.call if len(rounds) == 1 else None,
            "led": access.led_rounds(request)[:20],
        },
    )


@policy(roles.Role.PANEL_LEAD)
@require_safe
def lead_progress(request: Request, public_id: str) -> HttpResponse:
    """Who is how far, for the lead: neither filings nor scores."""
    found = access.led_round(request, public_id)
    context = {
        "round": found,
        "call": found.call,
        "now": found.call.time(request.arrived_at),
        "standings": progress.standings(found),
        "sums": pages.progress(found),
    }
    return render(request, "reviews/lead_progress.html", context)


def _token(task: Assignment) -> str:
    """How a task is named on the declaration page: nothing there leads to its score page."""
    return salted_hmac("reviews.declare", str(task.pk)).hexdigest()[:20]


@experts
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: Request, public_id: str) -> HttpResponse:
    """Names of units only, in their own order: no title, no number, no content."""
    tasks = list(access.my_tasks(request).filter(round__public_id=public_id))
    if not tasks:
        raise Http404(access.HIDDEN)
    waiting = pages.undeclared(tasks)
    if not waiting:
        return redirect("reviews:desk")
    rows = [
        {
            "token": (token := _token(task)),
            "unit": task.application.organisation.name,
            "partners": partners,
            "answer": request.POST.get(f"answer-{token}", ""),
            "reason": request.POST.get(f"reason-{token}", ""),
            "task": task,
        }
        for task, partners in waiting
    ]
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        errors = _declaration_errors(rows)
        if not errors:
            _declare(request, rows)
            return redirect("reviews:desk")
    context = {
        "round": tasks[0].round,
        "call": tasks[0].round.call,
        "rows": rows,
        "errors": errors,
        "has_errors": bool(errors),
    }
    return render(request, "reviews/declare.html", context, status=422 if errors else 200)


def _declaration_errors(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    found = []
    for row in rows:
        if row["answer"] not in ("clear", "conflict"):
            row["error"] = "请选择“无回避情形”或“须回避”"
        elif row["answer"] == "conflict" and not row["reason"].strip():
            row["error"] = "请写明须回避的理由"
        elif len(row["reason"]) > 300:
            row["error"] = "理由超过 300 字，请删减"
        if row.get("error"):
            found.append({"token": row["token"], "unit": row["unit"], "message": row["error"]})
    return found


def _declare(request: Request, rows: list[dict[str, Any]]) -> None:
    by_expert: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        by_expert.setdefault(row["task"].expert, []).append(row)
    left = 0
    for expert, mine in by_expert.items():
        left += services.declare_conflicts(
            mine[0]["task"].round,
            expert,
            clear=[row["task"].pk for row in mine if row["answer"] == "clear"],
            conflicted={
                row["task"].pk: row["reason"] for row in mine if row["answer"] == "conflict"
            },
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    messages.success(request, f"回避申明已记录，{left} 项可以开始评审。")


def _opened(request: Request, public_id: str) -> tuple[Assignment, list[Any]]:
    """The task with its number, and all tasks of its round, in the order of numbers."""
    task = access.my_task(request, public_id)
    tasks = list(pages.numbered(access.my_tasks(request).filter(round=task.round_id)))
    return next(one for one in tasks if one.pk == task.pk), tasks


@experts
@require_http_methods(["GET", "HEAD", "POST"])
def score(request: Request, public_id: str) -> HttpResponse:
    """Material on the left, marks on the right. POST submits and goes to the next one."""
    task, tasks = _opened(request, public_id)
    if any(one.declared_at is None for one in tasks):
        return redirect("reviews:declare", task.round.public_id)
    review = pages.review_of(task)
    problems: list[scoring.Problem] = []
    typed: Marks | None = None
    refusal: Refusal | None = None
    if request.method == "POST":
        typed = Marks(task.round.sheet, request.POST)
        try:
            services.submit_score(
                task, **typed.as_arguments(), actor=Actor.of(request), at=request.arrived_at
            )
        except Unfit as unfit:
            problems = unfit.problems
        except Refusal as refused:
            if refused.code != "stale":
                raise
            refusal = refused
        else:
            messages.success(request, f"已提交《{task.application.title}》的评分。")
            following = pages.following(tasks, task)
            return redirect(following) if following else redirect("reviews:desk")
    context = _score_context(request, task, tasks, review, typed, problems)
    context["refusal"] = refusal
    status = 422 if problems else 409 if refusal else 200
    return render(request, "reviews/score.html", context, status=status)


def _score_context(
    request: Request,
    task: Assignment,
    tasks: list[Any],
    review: Review | None,
    typed: Marks | None,
    problems: list[scoring.Problem],
) -> dict[str, Any]:
    round = task.round
    entry = pages.entry_of(task)
    scores = typed.scores if typed else review.scores if review else {}
    comments = typed.comments if typed else review.comments if review else {}
    words = {problem.key: problem.message for problem in problems}
    form = round.sheet
    figures = {key: one for key, one in scores.items() if isinstance(one, int)}
    done = sum(1 for one in tasks if one.is_done)
    material = reading.material(
        round.call.programme, entry.version.snapshot, blind=pages.is_blind(task)
    )
    return {
        "call": round.call,
        "round": round,
        "task": task,
        "entry": entry,
        **showing.of(request, material, room="reviews", args=[task.public_id]),
        "form_rows": [
            {
                "criterion": criterion,
                "score": scores.get(criterion.key),
                "comment": comments.get(criterion.key, ""),
                "part": criterion.part(figures[criterion.key])
                if criterion.key in figures and figures[criterion.key] in criterion.scale
                else None,
                "due": form.comment.due(figures.get(criterion.key)),
                "when": form.comment.words(criterion.highest),
                "error": words.get(criterion.key, ""),
            }
            for criterion in form.criteria
        ],
        "overall": typed.overall if typed else review.overall if review else "",
        "overall_error": words.get("overall", ""),
        "comment_rule": form.comment,
        "total": review.total if review and not typed else scoring.total(form, _fit(form, figures)),
        "unscored": len(scoring.unscored(form, scores)),
        "version": review.version if review else 0,
        "review": review,
        "submitted": bool(review and review.state == Review.State.SUBMITTED),
        "problems": problems,
        "has_errors": bool(problems),
        "done": done,
        "all": len(tasks),
        "following": pages.following(tasks, task, any_state=True),
        "mark": f"{request.user.name} {moment(request.arrived_at)}",
        "nav": [],  # two panes need the height; the way back is in the bar
        "open_now": round.opens_at <= round.call.time(request.arrived_at) < round.closes_at,
    }


def _fit(form: scoring.Sheet, figures: dict[str, int]) -> dict[str, int]:
    scales = {criterion.key: criterion.scale for criterion in form.criteria}
    return {key: one for key, one in figures.items() if one in scales[key]}


@experts
@require_POST
def save(request: Request, public_id: str) -> JsonResponse:
    """Autosave: 200 with the new version, 409 when another page saved, 422 off the scale."""
    task = access.my_task(request, public_id)
    marks = Marks(task.round.sheet, request.POST)
    try:
        review = services.save_score(
            task, **marks.as_arguments(), actor=Actor.of(request), at=request.arrived_at
        )
    except Refusal as refusal:
        return JsonResponse(
            {"code": refusal.code, "message": refusal.message}, status=refusal.status
        )
    return JsonResponse(
        {
            "version": review.version,
            "total": str(review.total),
            "saved_at": time_of_day(review.saved_at),
        }
    )


@experts
@require_http_methods(["GET", "HEAD", "POST"])
def recuse(request: Request, public_id: str) -> HttpResponse:
    """A late declaration: access ends with it."""
    task = access.my_task(request, public_id)
    if task.declared_at is None:
        return redirect("reviews:declare", task.round.public_id)
    error = ""
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()
        if not reason:
            error = "请写明须回避的理由"
        elif len(reason) > 300:
            error = "理由超过 300 字，请删减"
        else:
            with told(request, success="回避已记录，该项目不再由您评审。"):
                services.recuse(task, reason=reason, actor=Actor.of(request), at=request.arrived_at)
            return redirect("reviews:desk")
    context = {
        "task": task,
        "round": task.round,
        "call": task.round.call,
        "error": error,
        "has_errors": bool(error),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "reviews/recuse.html", context, status=422 if error else 200)


@experts
@require_safe
def file(request: Request, public_id: str, file: str) -> HttpResponse:
    """A copy of a file of the frozen version, if this review shows it."""
    task = access.my_task(request, public_id)
    if _undeclared(request, task):
        return redirect("reviews:declare", task.round.public_id)
    stored, shown = _shown_file(task, file)
    return copies.stamped(request, stored.blob, shown.name)


@experts
@require_safe
def page_image(request: Request, public_id: str, file: str, page: int) -> HttpResponse:
    """The picture of one page of such a file, ``?w=`` pixels wide."""
    task = access.my_task(request, public_id)
    if _undeclared(request, task):
        return redirect("reviews:declare", task.round.public_id)
    stored, shown = _shown_file(task, file)
    if not 1 <= page <= shown.pages:
        raise Http404(access.HIDDEN)
    return copies.page_picture(request, stored.blob, page)


def _undeclared(request: Request, task: Assignment) -> bool:
    """Whether the expert still owes a declaration of conflicts in this round."""
    mine = access.my_tasks(request).filter(round=task.round_id)
    return bool(mine.filter(declared_at__isnull=True).exists())


def _shown_file(task: Assignment, public_id: str) -> tuple[Attachment, reading.Attached]:
    """A file as it is stored and as this review shows it; any other does not exist."""
    entry = pages.entry_of(task)
    shown = reading.material(
        task.round.call.programme, entry.version.snapshot, blind=pages.is_blind(task)
    ).file(public_id)
    stored = (
        Attachment.objects.filter(application=task.application_id, public_id=public_id)
        .select_related("blob")
        .first()
    )
    if shown is None or stored is None or stored.blob_id != shown.sha256:
        raise Http404(access.HIDDEN)
    return stored, shown
