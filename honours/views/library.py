"""The public library. The same for everybody; nothing here reads an application."""

from typing import Any
from urllib.parse import quote, urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts import regions
from accounts.policy import policy
from documents import workbook
from honours import shelf, tiles
from honours.forms import ShelfForm

PAGE = 20
MOST_OUT = 5000
"""Rows of one export; more must be narrowed by a filter."""
SECONDS = 60
"""How long a browser may keep an export. A list that is taken down is gone after it."""


def _wanted(request: HttpRequest) -> shelf.Wanted:
    return shelf.Wanted.of({key: request.GET.get(key, "") for key in shelf.KEYS})


@require_safe
@policy.public
def index(request: HttpRequest) -> HttpResponse:
    at = request.arrived_at  # type: ignore[attr-defined]
    wanted = _wanted(request)
    rows = shelf.found(at, wanted)
    page = Paginator(rows.defer("fields", "indicators", "words"), PAGE).get_page(
        request.GET.get("page")
    )
    for one in page:
        one.province = tiles.short_name(regions.name_of(tiles.province_of(one.region)))  # type: ignore[attr-defined]
    figures = shelf.figures(rows)
    chosen = {key: request.GET[key] for key in shelf.KEYS if request.GET.get(key)}
    context = {
        "page": page,
        "wanted": wanted,
        "form": ShelfForm(chosen, choices=shelf.choices(at)),
        "chips": _chips(wanted, chosen),
        "figures": figures,
        "query": urlencode(chosen),
        "at": at,
        "most_out": MOST_OUT,
    }
    return render(request, "library/index.html", context)


def _chips(wanted: shelf.Wanted, chosen: dict[str, str]) -> list[dict[str, str]]:
    """What is chosen, each with the address without it."""
    labels = {
        "q": "、".join(wanted.words),
        "programme": wanted.programme,
        "year": f"{wanted.year}年" if wanted.year else "",
        "direction": wanted.direction,
        "region": regions.name_of(wanted.region) if wanted.region else "",
        "tier": wanted.tier,
        "state": shelf.progress_words(wanted.state),
    }
    return [
        {
            "label": label,
            "url": "?" + urlencode({key: value for key, value in chosen.items() if key != name}),
        }
        for name, label in labels.items()
        if label
    ]


@require_safe
@policy.public
def project(request: HttpRequest, public_id: str) -> HttpResponse:
    at = request.arrived_at  # type: ignore[attr-defined]
    found = (
        shelf.visible(at)
        .select_related("call", "announcement", "award_list")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404("没有这个项目。")
    won = bool(found.won)
    context = {
        "project": found,
        "programme": found.call.title,
        "region": regions.name_of(tiles.province_of(found.region)),
        "lists": [found.announcement, *([found.award_list] if won else [])],
        "won": won,
        "state": shelf.progress_words(found.progress),
    }
    return render(request, "library/project.html", context)


def _rows(request: HttpRequest) -> tuple[shelf.Wanted, list[Any]]:
    wanted = _wanted(request)
    found = shelf.found(request.arrived_at, wanted).select_related(  # type: ignore[attr-defined]
        "announcement", "award_list"
    )
    rows: list[Any] = list(found[:MOST_OUT])
    for one in rows:
        one.shown_list = one.award_list if one.won else one.announcement
    return wanted, rows


def _kept(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, public=True, max_age=SECONDS)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@policy.public
def sheet(request: HttpRequest) -> HttpResponse:
    """What the filter finds, as a workbook."""
    wanted, rows = _rows(request)
    host = _host(request)
    data = workbook.workbook(
        "项目库",
        shelf.COLUMNS,
        [_line(one, host) for one in rows],
        page="项目库",
        foot=[
            f"共 {len(rows)} 项，{workbook.moment(request.arrived_at)} 导出"  # type: ignore[attr-defined]
            + (f"，筛选：{wanted.in_words()}" if wanted.narrows else "")
        ],
    )
    response = HttpResponse(data, content_type=workbook.MEDIA_TYPE)
    response["Content-Disposition"] = (
        f"attachment; filename=\"library.xlsx\"; filename*=UTF-8''{quote('项目库.xlsx', safe='')}"
    )
    return _kept(response)


def _line(one: Any, host: str) -> list[Any]:
    return [
        one.programme_title,
        str(one.year),
        one.direction,
        one.title,
        one.organisation,
        one.recommender,
        regions.name_of(tiles.province_of(one.region)),
        one.result,
        shelf.progress_words(one.progress),
        one.shown_list.title,
        f"{one.since.astimezone(workbook.CHINA):%Y-%m-%d}",
        f"{host}{one.get_absolute_url()}",
    ]


def _host(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@require_safe
@policy.public
def data(request: HttpRequest) -> HttpResponse:
    """What the filter finds, for other programs."""
    _, rows = _rows(request)
    host = _host(request)
    answer = {
        "schema": shelf.SCHEMA,
        "filter": {
            key: request.GET[key] for key in shelf.KEYS if key != "sort" and request.GET.get(key)
        },
        "count": len(rows),
        "complete": len(rows) < MOST_OUT,
        "projects": [shelf.as_json(one, host=host) for one in rows],
    }
    return _kept(JsonResponse(answer, json_dumps_params={"ensure_ascii": False}))


@require_safe
@policy.public
def schema(request: HttpRequest) -> HttpResponse:
    """What each key of the JSON means."""
    return render(request, "library/schema.html", {"schema": shelf.SCHEMA, "most_out": MOST_OUT})
