"""What the page about a scan shows: each page with its picture and what was found on it. Pure."""

from collections.abc import Mapping
from typing import Any

from documents import matching

SVG = 1000
"""Boxes are drawn on a field of this many units each way, stretched over the picture."""
ROOM = 8


def cards(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``result`` as ``documents.scanfiles.places`` and ``documents.matching`` give it to be kept.

    First every page that must be there, then what was in the file besides.

    Each card: ``title``, ``state``, ``word``, ``note``, and, where there is a picture, ``file``
    and ``page`` of it, ``marks`` (boxes of code and red ink), ``red``.
    """
    places = result.get("places") or []
    shown = [_expected(one, places) for one in result["pages"]]
    used = {one["position"] for one in result["pages"] if one["position"]}
    rest = [one for one in result["sheets"] if one["position"] not in used]
    return shown + [_besides(one, places) for one in rest]


def _expected(page: dict[str, Any], places: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": f"第 {page['page']} 页",
        "state": page["state"],
        "version": page["version"],
        "word": page["word"],
        "position": page["position"],
        "kind": {"matched": "ok", "missing": "none"}.get(page["state"], "bad"),
        **_picture(page["position"], places),
    }


def _besides(sheet: dict[str, Any], places: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": f"文件第 {sheet['position']} 页",
        "state": sheet["state"],
        "version": sheet["version"],
        "word": sheet["word"],
        "position": sheet["position"],
        "note": sheet["sentence"],
        "kind": "ok" if sheet["state"] == matching.MATCHED else "bad",
        **_picture(sheet["position"], places),
    }


def _picture(position: int | None, places: list[dict[str, Any]]) -> dict[str, Any]:
    if not position or position > len(places):
        return {"marks": [], "red": False}
    place = places[position - 1]
    marks = [_mark("code", place.get("box")), _mark("red", place.get("red"))]
    return {
        "file": place["file"],
        "page": place["page"],
        "marks": [one for one in marks if one],
        "red": bool(place.get("red")),
        "late": bool(place.get("late")),
        "others": place.get("others") or 0,
    }


def _mark(kind: str, box: list[float] | None) -> dict[str, Any] | None:
    """A box as whole numbers for the drawing, with a little room around it."""
    if not box:
        return None
    left, top, right, bottom = (round(share * SVG) for share in box)
    return {
        "kind": kind,
        "x": max(0, left - ROOM),
        "y": max(0, top - ROOM),
        "width": min(SVG, right + ROOM) - max(0, left - ROOM),
        "height": min(SVG, bottom + ROOM) - max(0, top - ROOM),
    }
