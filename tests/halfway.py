"""An act that breaks half way: what it writes last is made to fail, and nothing may be left."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db.models import Model

AUDIT = "audit.services.record"
LETTER = "notifications.services.enqueue"
PAPER = "documents.services.request_document"
FIRST_PAPERS = "documents.services.request_first"
NUMBER = "documents.services.next_number"


class Broken(Exception):
    """What a broken piece raises."""


def broken(*args: Any, **kwargs: Any) -> Any:
    raise Broken


def rows_of(tables: Iterable[type[Model]]) -> dict[str, list[str]]:
    """Every row of these tables, to be compared before and after."""
    return {
        table.__name__: [_told(row) for row in table.objects.order_by("pk").values_list()]
        for table in tables
    }


def _told(row: tuple[Any, ...]) -> str:
    """PostgreSQL gives bytes as a view, which tells its place in memory and not what it holds."""
    return repr([bytes(one) if isinstance(one, memoryview) else one for one in row])


def leaves_nothing(
    act: Callable[[], object],
    breaks: str,
    everything: Callable[[], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With ``breaks`` broken the act changes nothing; whole again, it does."""
    before = everything()
    with monkeypatch.context() as patch:
        patch.setattr(breaks, broken)
        with pytest.raises(Broken):
            act()
    assert everything() == before
    act()
    assert everything() != before
