"""The office's list of filings: its columns, each with its title and what stands in a row.

Fifty rows of seven cells are written by ``rows`` itself: as nodes of a template they took half of
the page's time.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from html import escape
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString

from core.templatetags.jiebang import moment, status
from office.filters import region_name
from office.listing import Listed

NONE = "—"
_PLACE = "PUBLIC-ID"


class Column(NamedTuple):
    """``inside`` is what one filing shows there, as HTML; ``usual`` columns are shown unasked."""

    title: str
    inside: Callable[[Listed], str]
    usual: bool = True
    kind: str = ""


def _direction(one: Listed) -> str:
    return escape(one.direction) if one.direction else NONE


def _region(one: Listed) -> str:
    return escape(region_name(one.region))


def _recommender(one: Listed) -> str:
    return escape(one.recommender) if one.recommender else NONE


def _status(one: Listed) -> str:
    shown: str = status(one.status.upper())
    if one.corrected:
        link = _link("applications:corrections", one)
        shown += (
            f'<br><a href="{link}">修改待核对'
            f'<span class="visually-hidden">：{escape(one.title)}</span></a>'
        )
    return shown


def _submitted(one: Listed) -> str:
    return f'{moment(one.submitted_at)}<span class="jb-meta">第 {one.version_number} 版</span>'


COLUMNS = {
    "direction": Column("方向", _direction),
    "region": Column("地区", _region, usual=False),
    "recommender": Column("推荐单位", _recommender),
    "status": Column("状态", _status),
    "submitted": Column("最后提交", _submitted, kind=' class="jb-nowrap"'),
}
"""Beside number and title, by the key in the address."""


def chosen(keys: Sequence[str]) -> list[str]:
    """Those asked for, in the order of the list; the usual ones when none is."""
    asked = [key for key in COLUMNS if key in keys]
    return asked or [key for key, column in COLUMNS.items() if column.usual]


def rows(filings: Iterable[Listed], shown: Sequence[str]) -> SafeString:
    """The rows of these filings."""
    columns = [COLUMNS[key] for key in shown]
    return SafeString("\n".join(_row(one, columns) for one in filings))


def _row(one: Listed, columns: Sequence[Column]) -> str:
    number = f'<td class="jb-nowrap jb-code" data-label="编号">{escape(one.number or "")}</td>'
    title = (
        f'<th scope="row"><a class="jb-quiet" href="{_link("applications:detail", one)}">'
        f'{escape(one.title)}</a><span class="jb-meta">{escape(one.organisation)}</span></th>'
    )
    cells = "".join(
        f'<td{column.kind} data-label="{column.title}">{column.inside(one)}</td>'
        for column in columns
    )
    return f"<tr>{number}{title}{cells}</tr>"


def _link(name: str, one: Listed) -> str:
    return _pattern(name).replace(_PLACE, escape(one.public_id), 1)


@cache
def _pattern(name: str) -> Any:
    """The address of a page of a filing, with a mark where its public id will stand."""
    return reverse(name, args=[_PLACE])
