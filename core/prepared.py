"""Reading that nearly every request repeats: the statement is built once and kept.

Django builds the SQL of a queryset anew each time, which costs several times as much as asking
the database. A ``Prepared`` builds it once in a process, with a ``Slot`` where a value will stand,
and PostgreSQL plans it once for each connection (``core.statements``):

    in_force = Prepared(lambda: Membership.objects.active(Slot("at")).filter(user_id=Slot("user")))
    held = in_force(at=arrived, user=user.pk)

``Texts`` stands for any number of them: ``code__in=Texts("codes")``.

What comes out is what the queryset would have given: objects with ``select_related``, ``defer``
and annotations, or rows of ``values_list``. ``prefetch_related`` and ``values`` are not for here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, QuerySet
from django.db.models.query import ValuesListIterable, get_related_populators

from core.statements import Statement

Row = TypeVar("Row")


class Slot(Expression):
    """Where a value will stand. None matches nothing there: NULL is equal to nothing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def adapted(self, value: Any, connection: Any) -> Any:
        """The value as the database takes it."""
        if isinstance(value, datetime):
            return connection.ops.adapt_datetimefield_value(value)
        return value


class Texts(Slot):
    """Where any number of texts will stand, after ``__in``."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "SELECT value FROM json_each(%s)", [self]

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return "SELECT unnest(%s::text[])", [self]

    def adapted(self, value: Any, connection: Any) -> Any:
        return list(value) if connection.vendor == "postgresql" else json.dumps(list(value))


@dataclass(frozen=True, slots=True)
class _Made:
    """How a row becomes an object."""

    model: Any
    columns: slice
    names: list[str]
    populators: list[Any]
    annotations: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Statement:
    """The SQL for one kind of database; ``made`` is None where the rows themselves are wanted."""

    asked: Statement
    params: list[Any]
    converters: list[tuple[int, list[Any], Any]]
    made: _Made | None


class Prepared(Generic[Row]):
    """A queryset with slots, as a function of their values. ``build`` is called once."""

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build
        self._kept: dict[tuple[str, str], _Statement] = {}

    def __call__(self, **given: Any) -> list[Row]:
        """What the default database holds for these values. A slot without a value is a
        ``KeyError``; a value without a slot is not looked at."""
        connection: Any = connections[DEFAULT_DB_ALIAS]
        kept = self._made(connection)
        values = [
            one.adapted(given[one.name], connection) if isinstance(one, Slot) else one
            for one in kept.params
        ]
        with connection.cursor() as cursor:
            kept.asked.run(cursor, values)
            rows = cursor.fetchall()
        return [_found(kept, row, connection) for row in rows]

    def first(self, **given: Any) -> Row | None:
        return next(iter(self(**given)), None)

    def make_ready(self) -> None:
        """As the first call does, without asking anything."""
        self._made(connections[DEFAULT_DB_ALIAS]).asked.make_ready()

    def _made(self, connection: Any) -> _Statement:
        place = (connection.alias, connection.vendor)
        kept = self._kept.get(place)
        if kept is None:
            kept = self._kept[place] = _statement(self._build(), connection)
        return kept


def _found(kept: _Statement, read: tuple[Any, ...], connection: Any) -> Any:
    row = list(read)
    for position, converters, expression in kept.converters:
        for convert in converters:
            row[position] = convert(row[position], expression, connection)
    made = kept.made
    if made is None:
        return tuple(row)
    found = made.model.from_db(connection.alias, made.names, row[made.columns])
    for populator in made.populators:
        populator.populate(row, found)
    for name, position in made.annotations:
        setattr(found, name, row[position])
    return found


def _statement(queryset: Any, connection: Any) -> _Statement:
    plain = issubclass(queryset._iterable_class, ValuesListIterable)
    if queryset._prefetch_related_lookups or bool(queryset.query.values_select) != plain:
        raise TypeError("prefetch_related and values are not for a prepared statement")
    compiler = queryset.query.get_compiler(using=connection.alias)
    sql, params = compiler.as_sql()
    select = [expression for expression, *_ in compiler.select]
    converters = compiler.get_converters(select)
    if connection.vendor == "postgresql":
        sql, params = _with_constants(sql, params, connection)
    return _Statement(
        asked=Statement.of(sql, table=queryset.model._meta.db_table),
        params=list(params),
        converters=[(at, list(convs), of) for at, (convs, of) in converters.items()],
        made=None if plain else _made(compiler, select, connection.alias),
    )


def _with_constants(sql: str, params: Sequence[Any], connection: Any) -> tuple[str, list[Slot]]:
    """The text with every value in it that is no slot, and the slots. The server can say of which
    kind a slot is, but not of each constant."""
    with connection.cursor() as cursor:
        marks = ["%s" if isinstance(one, Slot) else _literal(one, cursor) for one in params]
    slots = [one for one in params if isinstance(one, Slot)]
    return sql.replace("%%", "%%%%") % tuple(marks), slots


def _literal(value: Any, cursor: Any) -> str:
    written: str = cursor.mogrify("%s", [value]).decode()
    return written.replace("%", "%%")


def _made(compiler: Any, select: list[Any], alias: str) -> _Made:
    known = compiler.klass_info
    columns = slice(known["select_fields"][0], known["select_fields"][-1] + 1)
    return _Made(
        model=known["model"],
        columns=columns,
        names=[one.target.attname for one in select[columns]],
        populators=get_related_populators(known, compiler.select, alias),  # type: ignore[call-arg]
        annotations=list(compiler.annotation_col_map.items()),
    )
