"""Rehearsals of a call: asked for, followed, their reports read and printed."""

from django.core.paginator import Paginator
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import told
from office.models import Rehearsal
from office.rehearsal import keeping, report
from office.views.calls import READERS, call_or_404

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*READERS)
def page(request, code):
    """The newest report and what is under way; the office asks for another play."""
    call = call_or_404(code)
    if request.method == "POST":
        if request.acting.role not in roles.OFFICE:
            raise Refusal("read-only", "只有主管部门可以发起演练。", status=403)
        with told(request, success="演练已排队，由后台进行，完成后报告留在本页。"):
            keeping.ask(call, actor=Actor.of(request), at=request.arrived_at)
        return redirect("office:call_rehearsal", call.code)
    return _page(request, call, keeping.latest(call))


@require_safe
@policy(*READERS)
def one(request, code, pk):
    """An earlier report, as it was kept."""
    found = _rehearsal(code, pk)
    return _page(request, found.call, found)


def _rehearsal(code: str, pk: int) -> Rehearsal:
    found = Rehearsal.objects.select_related("call").filter(call__code=code, pk=pk).first()
    if found is None:
        raise Http404("没有这次演练。")
    return found


def _page(request, call, found):
    past = call.rehearsals.filter(ended_at__isnull=False).defer("report")
    running = call.rehearsals.filter(state__in=Rehearsal.OPEN).first()
    return render(
        request,
        "office/rehearsal.html",
        {
            "call": call,
            "one": found,
            "shown": report.shown(found.report) if found and found.report else None,
            "results": report.RESULTS,
            "stale": bool(found and found.basis and keeping.is_stale(found, call)),
            "running": running,
            "words": words(running) if running else "",
            "page": Paginator(past, PER_PAGE).get_page(request.GET.get("page")),
            "may_write": request.acting.role in roles.OFFICE,
        },
    )


def words(one: Rehearsal) -> str:
    """Where it stands, in one sentence."""
    if one.state == Rehearsal.State.WAITING:
        return "已排队，很快开始。"
    if not one.total:
        return "正在准备沙箱：建一个只供这次演练的数据库。"
    return f"第 {min(one.done + 1, one.total)} 步，共 {one.total} 步：{one.step}。"


@require_safe
@policy(*READERS)
def progress(request, code, pk):
    """The same for the page's script."""
    found = _rehearsal(code, pk)
    response = JsonResponse(
        {
            "state": found.state,
            "open": found.is_open,
            "done": found.done,
            "total": found.total,
            "words": words(found),
        }
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@policy(*roles.OFFICE)
def cancel(request, code, pk):
    found = _rehearsal(code, pk)
    with told(request, success="演练已取消。"):
        keeping.cancel(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:call_rehearsal", code)
