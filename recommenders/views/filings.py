"""The workspace over all filings of a unit's area: filters, columns, tags, notes, export."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import roles, savedviews
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call, LevelDate
from calls.phases import Phase
from calls.programme import Step
from core.errors import Refusal
from core.web import told
from documents import workbook
from recommenders import (
    access,
    board,
    filings,
    liststates,
    partners,
    queries,
    services,
)
from recommenders.models import RankedList, Tag
from recommenders.views.request import Request

PER_PAGE = 100
FIRST_COLUMNS = (
    ("序号", 6),
    ("申报编号", 18),
    ("项目名称", 40),
    ("申报单位", 32),
    ("统一社会信用代码", 22),
)


def names_open(call: Call, at: Any) -> bool:
    """While filing runs a programme may keep even the names closed to recommenders."""
    settings = call.programme.recommendation
    filing = call.phase(at) in (Phase.ANNOUNCED, Phase.FILING)
    return not filing or settings is None or settings.watch_filing


def _room(request: Request, code: str) -> tuple[Call, RankedList | None, list[filings.Filing]]:
    """The call, the unit's list in it if it recommends there, and the filings of its area."""
    call = Call.objects.filter(code=code).exclude(state=Call.State.PREPARING).first()
    if call is None:
        raise Http404("没有这个批次。")
    unit = request.acting.organisation
    ranked = queries.list_of(call, unit)
    rows = filings.of(call, unit) if names_open(call, request.arrived_at) else []
    known = ranked or rows or LevelDate.objects.filter(call=call, organisation=unit).exists()
    if not known:
        raise Http404("没有这个批次。")
    return call, ranked, rows


@require_safe
@policy(*roles.RECOMMENDER)
def index(request: Request, code: str) -> HttpResponse:
    """Every submitted filing of the area, live from the filing stage on."""
    call, ranked, rows = _room(request, code)
    at = request.arrived_at
    levels = Step.PRESELECTION in call.steps
    view = filings.read(request.GET, rows, levels=levels)
    shown = filings.shown(rows, view)
    ledger, scopes = board.meters(ranked) if ranked else (None, [])
    filing = call.phase(at) in (Phase.ANNOUNCED, Phase.FILING)
    editable = bool(
        ranked and ranked.state == liststates.OPEN and not filing and queries.in_time(ranked, at=at)
    )
    counts = queries.counts(call, request.acting.organisation) if ranked else {}
    return render(
        request,
        "recommenders/filings.html",
        {
            "call": call,
            "ranked": ranked,
            "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
            "total": len(rows),
            "view": view,
            "columns": [(key, title) for key, title in filings.COLUMNS.items()],
            "title_next": _next_sort(view, "title"),
            "heads": [(key, filings.COLUMNS[key], _next_sort(view, key)) for key in view.columns],
            "tags": Tag.objects.filter(organisation=request.acting.organisation_id),
            "tones": Tag.Tone.choices,
            "ledger": ledger,
            "scopes": scopes,
            "filing": filing,
            "names_open": names_open(call, at),
            "counts": counts,
            "filed": sum(counts.values()) if counts else len(rows),
            "editable": editable,
            "is_open": bool(ranked and ranked.state == liststates.OPEN),
            "preselects": levels and ranked is None,
            "until": queries.own_deadline(ranked) if ranked else call.recommendation_until,
            "now": call.time(at),
            "elsewhere": []
            if filing
            else partners.led_elsewhere(call, request.acting.organisation),
            "undo": access.tagging_to_undo(request, request.GET.get("undo", "")),
            "saved": savedviews.shown(request.user, "recommenders:filings", request.GET),
            "here": request.get_full_path(),
            "plain": request.path,
        },
    )


def _next_sort(view: filings.View, key: str) -> str:
    """What a press on the head of a column asks for; empty where it cannot be sorted by."""
    if key not in filings.SORTS:
        return ""
    return f"-{key}" if view.sort == key and not view.down else key


@require_safe
@policy(*roles.RECOMMENDER)
def export(request: Request, code: str) -> HttpResponse:
    """What the page shows, with its filter, order and columns, as a workbook."""
    call, _, rows = _room(request, code)
    view = filings.read(request.GET, rows, levels=Step.PRESELECTION in call.steps)
    shown = filings.shown(rows, view)
    more = [(filings.COLUMNS[key], 0) for key in view.columns]
    data = workbook.workbook(
        f"{call.title}：本地区申报",
        [*FIRST_COLUMNS, *more],
        [
            [
                n,
                row.application.number,
                row.application.title,
                row.application.organisation.name,
                row.application.organisation.code or "",
                *[_cell(row, key) for key in view.columns],
            ]
            for n, row in enumerate(shown, start=1)
        ],
        page="数据",
        foot=workbook.taken(
            name=Actor.of(request).name,
            unit=request.acting.organisation.name,
            at=request.arrived_at,
            shown=view.words or "全部",
        ),
    )
    return workbook_response(data, f"申报-{call.code}.xlsx")


def workbook_response(data: bytes, name: str) -> HttpResponse:
    """A workbook as a download that is not kept by the browser."""
    response = HttpResponse(data, content_type=workbook.MEDIA_TYPE)
    quoted = "".join(f"%{byte:02X}" for byte in name.encode())
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quoted}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _cell(row: filings.Filing, key: str) -> workbook.Value:
    one = row.application
    match key:
        case "direction":
            return one.direction.title if one.direction else ""
        case "region":
            return row.region
        case "state":
            return one.shown_word
        case "level":
            return row.level
        case "standing":
            return row.standing_word
        case "score":
            return row.score.value if row.score else None
        case "tags":
            return "、".join(tag.name for tag in row.tags)
        case "note":
            return row.note
        case _:
            return one.submitted_at


# Acts ---------------------------------------------------------------------------------------------


def back_to(request: Request, fallback: str, *args: object) -> HttpResponse:
    """To the page whose button was pressed: an address of the recommenders' own room only."""
    here = request.POST.get("back", "")
    home = reverse("recommenders:workspace")
    if here.startswith(home) and "\\" not in here and "//" not in here and here.isprintable():
        return redirect(here)
    return redirect(fallback, *args)


def _picked(request: Request, call: Call) -> list[Any]:
    """The filings that are ticked, in the order of the page; those hidden from the unit are 404."""
    wanted = list(dict.fromkeys(request.POST.getlist("pick")))[:500]
    if not wanted:
        raise Refusal("nothing-picked", "请先勾选申报，再选择要办理的事项。", status=422)
    return access.filings(request, call, wanted)


@require_POST
@policy(*roles.RECOMMENDER)
def bulk(request: Request, code: str) -> HttpResponse:
    """One act on every ticked filing: tag, untag, recommend, reserve, forward."""
    call, _, _ = _room(request, code)
    found = _picked(request, call)
    act, actor, at = request.POST.get("act", ""), Actor.of(request), request.arrived_at
    if act in ("tag", "untag"):
        tag = access.tag(request, request.POST.get("tag", ""))
        entry = services.tag_filings(
            tag, [one.pk for one in found], put=act == "tag", actor=actor, at=at
        )
        return _after_tagging(request, code, entry.pk if entry else 0)
    acts = {
        "recommend": lambda one: services.recommend(
            one, pool=request.POST.get("pool", ""), actor=actor, at=at
        ),
        "reserve": lambda one: services.reserve(one, actor=actor, at=at),
        "forward": lambda one: services.forward(one, actor=actor, at=at),
    }
    if act not in acts:
        raise Refusal("odd-act", "请选择要办理的事项。", status=422)
    done, said = 0, []
    for one in found:
        try:
            acts[act](one)
            done += 1
        except Refusal as refusal:
            said.append(f"《{one.title}》：{refusal}")
    words = {"recommend": "已推荐", "reserve": "已列为备选", "forward": "已上报"}[act]
    if done:
        messages.success(request, f"{words} {done} 项")
    for line in said[:10]:
        messages.warning(request, f"没有办理：{line}")
    if len(said) > 10:
        messages.warning(request, f"另有 {len(said) - 10} 项没有办理")
    return back_to(request, "recommenders:filings", code)


def _after_tagging(request: Request, code: str, entry: int) -> HttpResponse:
    response = back_to(request, "recommenders:filings", code)
    base, _, query = response["Location"].partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("undo=")]
    response["Location"] = f"{base}?{'&'.join([*kept, f'undo={entry}'])}"
    return response


@require_POST
@policy(*roles.RECOMMENDER)
def undo_tagging(request: Request, pk: int) -> HttpResponse:
    entry = access.tagging_to_undo(request, str(pk))
    if entry is None:
        raise Http404("没有可以撤销的标注。")
    changed = services.undo_tagging(entry, actor=Actor.of(request), at=request.arrived_at)
    messages.success(request, f"已撤销标注，{changed} 项恢复原样")
    return back_to(request, "recommenders:workspace")


@require_POST
@policy(*roles.RECOMMENDER)
def make_tag(request: Request, code: str) -> HttpResponse:
    with told(request, success="标签已保存"):
        services.make_tag(
            name=request.POST.get("name", ""),
            tone=request.POST.get("tone", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:filings", code)


@require_POST
@policy(*roles.RECOMMENDER)
def drop_tag(request: Request, pk: int) -> HttpResponse:
    tag = access.tag(request, str(pk))
    carried = services.drop_tag(tag, actor=Actor.of(request), at=request.arrived_at)
    messages.success(request, f"标签“{tag.name}”已删除，原有 {carried} 项标注一并去掉")
    return back_to(request, "recommenders:workspace")


@require_POST
@policy(*roles.RECOMMENDER)
def add_note(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    with told(request, success="内部备注已保存"):
        services.add_note(
            found,
            text=request.POST.get("text", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:application", public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def remove_note(request: Request, pk: int) -> HttpResponse:
    note = access.note(request, pk)
    with told(request, success="内部备注已删除"):
        services.remove_note(note, actor=Actor.of(request), at=request.arrived_at)
    return redirect("recommenders:application", note.application.public_id)
