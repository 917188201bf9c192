"""The agency's desk and its item: what to do until when, figures, files, the sealed report."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import entry
from accounts.models import Membership
from accounts.roles import Role
from audit.services import Actor
from core.errors import Refusal
from core.templatetags.jiebang import time_of_day
from core.web import form_status, refused_into, told
from documents import scancards, scanfiles
from documents.web import file_response, page_image_response, pdf_response
from recommenders.forms import ScanForm
from testing import access, forms, services
from testing.models import Commission, Result
from testing.services import ground, reporting, sealing
from testing.services.measuring import HEAD, Typed
from testing.states import Commissioned, Reported
from testing.views import shown as pages
from testing.views.request import Request, item_readers, senders_back, testers

SHUT = ("not-open", "not-yours", "agency-stopped")


@testers
@require_safe
def desk(request: Request) -> HttpResponse:
    """What the agency has to do now, the nearest date first."""
    agency = access.own_agency(request)
    cards = [
        pages.card(one, person=request.user.pk, at=request.arrived_at)
        for one in access.items(request, agency)
    ]
    return render(
        request,
        "testing/desk.html",
        {
            "agency": agency,
            "cards": [one for one in cards if not one.done],
            "past": [one for one in cards if one.done],
            "next": next((one for one in cards if one.todo), None),
        },
    )


@testers
@require_http_methods(["GET", "HEAD", "POST"])
def agency(request: Request) -> HttpResponse:
    """The agency's own page: people, accreditation, ties; a tie is declared here."""
    mine = access.own_agency(request)
    form = forms.TieForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            services.declare(
                mine, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            messages.success(request, "利益关系已申报，涉及的项目即时不再可见。")
            return redirect("testing:own_agency")
    people = (
        Membership.objects.active(request.arrived_at)
        .filter(organisation=mine.organisation_id, role=Role.TESTER)
        .select_related("user")
        .order_by("pk")
    )
    return render(
        request,
        "testing/own_agency.html",
        {
            "agency": mine,
            "people": people,
            "ties": mine.ties.select_related("declared_by"),
            "form": form,
        },
        status=form_status(form),
    )


@testers
@require_safe
def item(request: Request, public_id: str) -> HttpResponse:
    return _item(request, access.item(request, public_id))


def _item(
    request: Request,
    commission: Commission,
    *,
    show: bool = False,
    status: int = 200,
    receive_form: forms.ReceiveForm | None = None,
) -> HttpResponse:
    result = getattr(commission, "result", None)
    context: dict[str, Any] = {
        "commission": commission,
        "task": commission.task,
        "application": commission.task.application,
        "call": commission.task.application.call,
        "now": commission.task.application.call.time(request.arrived_at),
        "result": result,
        "receive_form": receive_form or forms.ReceiveForm(),
        "show_problems": show,
        "steps": pages.steps(commission, result),
    }
    if result is not None:
        editable = result.state == Reported.DRAFT and commission.state == Commissioned.ACCEPTED
        rows = pages.rows(result, problems_shown=show)
        problems = reporting.problems(result, [one.row for one in rows]) if editable else []
        others = ground.testers(commission.agency, request.arrived_at) - {request.user.pk}
        context |= {
            "rows": rows,
            "editable": editable,
            "problems": pages.worded(problems, rows),
            "files": list(result.evidence.filter(removed_at=None).select_related("blob")),
            "tally": result.tally,
            "may_approve": result.state == Reported.SUBMITTED
            and (result.submitted_by_id != request.user.pk or not others),
            "alone": not others,
            "scan": result.scans.prefetch_related("files").order_by("-pk").first(),
            "person_mark": entry.person_mark(request.user),
        }
    return render(request, "testing/item.html", context, status=status)


@testers
@require_POST
def accept(request: Request, public_id: str) -> HttpResponse:
    commission = access.item(request, public_id)
    with told(request, success="已接受委托。收到样品后登记接收，即可填写结果。"):
        services.accept(commission, actor=Actor.of(request), at=request.arrived_at)
    return redirect("testing:item", public_id)


@testers
@require_POST
def refuse(request: Request, public_id: str) -> HttpResponse:
    commission = access.item(request, public_id)
    with told(request, success="已答复不接受，主管部门将另行安排。"):
        services.refuse(
            commission,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("testing:desk")


@testers
@require_POST
def receive(request: Request, public_id: str) -> HttpResponse:
    commission = access.item(request, public_id)
    form = forms.ReceiveForm(request.POST)
    if not form.is_valid():
        return _item(request, commission, status=422, receive_form=form)
    with told(request, success="样品已登记接收，并通知承担单位。"):
        services.receive(
            commission,
            on=form.cleaned_data["received_on"],
            note=form.cleaned_data["received_note"],
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("testing:item", public_id)


@testers
@require_POST
def return_sample(request: Request, public_id: str) -> HttpResponse:
    commission = access.item(request, public_id)
    with told(request, success="样品已退回，承担单位重新申报。"):
        services.give_back(
            commission,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("testing:item", public_id)


# Figures -----------------------------------------------------------------------------------------


def _result(commission: Commission) -> Result:
    found: Result | None = getattr(commission, "result", None)
    if found is None:
        raise Refusal("no-result", "委托还没有接受，没有可以填写的结果。")
    return found


def _typed(request: Request) -> Typed:
    rows: dict[int, dict[str, str]] = {}
    for name, value in request.POST.items():
        head, _, field = name.partition("-")
        if field and head[:1] == "r" and head[1:].isascii() and head[1:].isdigit():
            rows.setdefault(int(head[1:]), {})[field] = str(value)
    names = (*HEAD, "tested_from", "tested_until")
    return Typed({name: request.POST[name] for name in names if name in request.POST}, rows)


def _version(request: Request) -> int:
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else -1


@testers
@require_POST
def save(request: Request, public_id: str) -> HttpResponse:
    """Autosave: JSON as ``static/js/autosave.js`` expects it; 409 when somebody saved meanwhile."""
    commission = access.item(request, public_id)
    try:
        said = request.POST.get("person", "")
        if said and said != entry.person_mark(request.user):
            raise Refusal(
                "other-person",
                "本页由另一位用户打开，内容没有保存；请由原用户重新登录后继续。",
            )
        result, problems = services.save(
            _result(commission),
            _typed(request),
            version=_version(request),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    except Refusal as refusal:
        return JsonResponse(
            {
                "code": refusal.code,
                "message": str(refusal),
                "shut": refusal.code in SHUT,
                "server_time": time_of_day(request.arrived_at),
            },
            status=refusal.status,
        )
    return JsonResponse(
        {
            "version": result.version,
            "saved_at": time_of_day(result.saved_at),
            "problems": [
                {"name": pages.input_name(one), "message": one.message} for one in problems
            ],
            "computed": {},
            "compared": pages.compared(result),
            "taken": [],
            "clashes": [],
        }
    )


@testers
@require_POST
def act(request: Request, public_id: str) -> HttpResponse:
    """The page's own form: kept as it stands, and with ``action=submit`` handed on."""
    commission = access.item(request, public_id)
    who: dict[str, Any] = {"actor": Actor.of(request), "at": request.arrived_at}
    result, problems = services.save(
        _result(commission), _typed(request), version=_version(request), **who
    )
    if request.POST.get("action") != "submit":
        messages.success(request, "草稿已保存。")
        return redirect("testing:item", public_id)
    rows = [one.row for one in pages.rows(result)]
    if problems or reporting.problems(result, rows):
        return _item(request, access.item(request, public_id), show=True, status=422)
    reporting.submit(result, version=result.version, **who)
    messages.success(request, "已提交，等待本机构另一位测评人员批准。")
    return redirect("testing:item", public_id)


@testers
@require_POST
def approve(request: Request, public_id: str) -> HttpResponse:
    commission = access.item(request, public_id)
    with told(request, success="已批准并冻结，测评报告正在生成。请下载打印、盖章后上传扫描件。"):
        reporting.approve(
            _result(commission),
            version=_version(request),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("testing:item", public_id)


@senders_back
@require_POST
def send_back(request: Request, public_id: str) -> HttpResponse:
    """A colleague, or the office before the release, opens the result again."""
    commission = access.readable(request, public_id)
    with told(request, success="已退回修改，原报告作废。"):
        reporting.send_back(
            _result(commission),
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    if request.acting.role == Role.TESTER:
        return redirect("testing:item", public_id)
    return redirect("testing:commission", public_id)


# Files -------------------------------------------------------------------------------------------


@testers
@require_POST
def attach(request: Request, public_id: str) -> HttpResponse:
    commission = access.item(request, public_id)
    file = request.FILES.get("file")
    if file is None:
        raise Refusal("no-file", "请选择文件。", status=422)
    with told(request, success="证据文件已上传，可在各行选择。"):
        services.attach(
            _result(commission),
            data=file.read(),
            name=file.name or "",
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("testing:item", public_id)


@testers
@require_POST
def remove_file(request: Request, public_id: str, file: str) -> HttpResponse:
    commission = access.item(request, public_id)
    found = access.evidence(commission, file)
    with told(request, success="文件已移除。"):
        services.remove(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("testing:item", public_id)


@item_readers
@require_safe
def evidence_file(request: Request, public_id: str, file: str) -> HttpResponse:
    found = access.evidence(access.readable(request, public_id), file)
    return file_response(found.blob, found.name)


@item_readers
@require_safe
def evidence_page(request: Request, public_id: str, file: str, page: int) -> HttpResponse:
    """The picture of one page of it, ``?w=`` pixels wide."""
    found = access.evidence(access.readable(request, public_id), file)
    return page_image_response(request, found.blob, page)


@item_readers
@require_safe
def report(request: Request, public_id: str) -> HttpResponse:
    """The report in force as a PDF."""
    commission = access.readable(request, public_id)
    result = getattr(commission, "result", None)
    if result is None or result.report is None:
        raise Refusal("no-report", "结果批准后才有测评报告。")
    return pdf_response(request, result.report)


@item_readers
@require_safe
def scan(request: Request, public_id: str) -> HttpResponse:
    return _scan_page(request, access.readable(request, public_id))


def _scan_page(
    request: Request, commission: Commission, form: ScanForm | None = None
) -> HttpResponse:
    result = _result(commission)
    scans = list(result.scans.select_related("uploaded_by").prefetch_related("files"))
    own = request.acting.role == Role.TESTER
    return render(
        request,
        "testing/scan.html",
        {
            "commission": commission,
            "result": result,
            "task": commission.task,
            "call": commission.task.application.call,
            "scans": scans,
            "scan": scans[0] if scans else None,
            "cards": scancards.cards(scans[0].reading) if scans else [],
            "form": form or ScanForm(),
            "own": own,
            "may_upload": own
            and result.state == Reported.APPROVED
            and result.report is not None
            and result.report.is_ready,
        },
        status=422 if form is not None else 200,
    )


@testers
@require_POST
def upload_scan(request: Request, public_id: str) -> HttpResponse:
    """Take the files, read them outside any lock, compare, and show page by page."""
    commission = access.item(request, public_id)
    form = ScanForm(request.POST, request.FILES)
    if not form.is_valid():
        form.errors.pop("pages", None)
        form.add_error("pages", "请选择盖章后的测评报告扫描件")
        return _scan_page(request, commission, form)
    try:
        files = scanfiles.read_uploads(
            (one.read(), one.name or "") for one in form.cleaned_data["pages"]
        )
    except Refusal as refusal:
        form.add_error("pages", str(refusal))
        return _scan_page(request, commission, form)
    found = sealing.receive(
        _result(commission), files, actor=Actor.of(request), at=request.arrived_at
    )
    if found.state == found.State.MATCHED:
        messages.success(request, "盖章件逐页相符，已送主管部门发布。")
    return redirect("testing:scan", public_id)


@item_readers
@require_safe
def scan_file(request: Request, public_id: str, scan: str, position: int) -> HttpResponse:
    """An uploaded file, byte for byte."""
    found = access.scan_file(access.readable(request, public_id), scan, position)
    return file_response(found.blob, found.name)


@item_readers
@require_safe
def scan_page(
    request: Request, public_id: str, scan: str, position: int, page: int
) -> HttpResponse:
    """The picture of one page of it, as it came."""
    found = access.scan_file(access.readable(request, public_id), scan, position)
    return page_image_response(request, found.blob, page)
