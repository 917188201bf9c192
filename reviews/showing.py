"""The files of a material with their addresses, for its page: ``reviews/_material.html``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.figures import whole_or
from reviews.access import Request
from reviews.reading import Attached, Material


@dataclass(frozen=True, slots=True)
class Viewed:
    """The page of a file that lies open beside the indicators."""

    file: Attached
    page: int
    picture: str


def of(request: Request, material: Material, *, room: str, args: list[str]) -> dict[str, Any]:
    """Context of the template: the material, its files each with the address of the file and of
    its page 0, and the page that is asked for (``?file=``, ``?page=``) or evidence names first.

    ``room``: whose routes ``file`` and ``page_image`` serve them; ``args``: their first arguments.
    """

    def picture(one: Attached, page: int) -> str:
        return reverse(f"{room}:page_image", args=[*args, one.id, page])

    asked = material.viewed(request.GET.get("file", ""), whole_or(request.GET.get("page", ""), 1))
    return {
        "material": material,
        "files": [
            (one, reverse(f"{room}:file", args=[*args, one.id]), picture(one, 0))
            for one in material.files
        ],
        "viewed": Viewed(*asked, picture(*asked)) if asked else None,
    }
