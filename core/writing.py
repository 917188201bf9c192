"""Rows that nearly every act writes: the statement is built once and kept.

Django builds the SQL of a ``save`` anew each time, and PostgreSQL plans it anew, which together
cost more than the writing. ``insert`` and ``update`` build it once in a process for each model
and set of columns, and the server plans it once for each connection (``core.statements``).

They write what ``save`` would: values by each field's ``pre_save``, the new key into the row. They
send no signal and take no expression, and a model with a parent is not for here.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.models import Model

from core.statements import Statement


def insert(*rows: Model, ignore_conflicts: bool = False) -> None:
    """New rows of one model, in one statement, as ``save(force_insert=True)`` writes each.

    With ``ignore_conflicts`` rows that a constraint forbids are left out, and the others are not
    told their keys. Raises ``IntegrityError`` as ``save`` does.
    """
    if not rows:
        return
    connection: Any = connections[DEFAULT_DB_ALIAS]
    model = type(rows[0])
    kept = _insertion(model, len(rows), ignore_conflicts)
    values = [
        _column(field, row, add=True, connection=connection)
        for row in rows
        for field in _filled(model)
    ]
    with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), connection.cursor() as cursor:
        kept.run(cursor, values)
        keys = [] if ignore_conflicts else cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Model, columns: Sequence[str]) -> None:
    """These columns of a row that is there, as ``save(update_fields=columns)`` writes them.

    Raises ``DatabaseError`` when the row is there no more.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    names = tuple(columns)
    fields = [row._meta.get_field(name) for name in names]
    values = [_column(field, row, add=False, connection=connection) for field in fields]
    with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), connection.cursor() as cursor:
        _change(type(row), names).run(cursor, [*values, row.pk])
        if not cursor.rowcount:
            raise DatabaseError(f"{row._meta.label} {row.pk} is there no more")


def _column(field: Any, row: Model, *, add: bool, connection: Any) -> Any:
    value = field.pre_save(row, add)
    if hasattr(value, "resolve_expression"):
        raise TypeError(f"{field} is given an expression, which is not for here")
    return field.get_db_prep_save(value, connection)


@cache
def _filled(model: type[Model]) -> tuple[Any, ...]:
    """Every column but the key, which the database gives."""
    meta = model._meta
    if meta.parents or meta.pk is None or not meta.pk.db_returning:
        raise TypeError(f"{meta.label} has a parent, or a key of its own")
    return tuple(field for field in meta.local_concrete_fields if not field.primary_key)


@cache
def _insertion(model: type[Model], rows: int, ignore_conflicts: bool) -> Statement:
    fields, table = _filled(model), model._meta.db_table
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = "(" + ", ".join(["%s"] * len(fields)) + ")"
    then = (
        "ON CONFLICT DO NOTHING" if ignore_conflicts else f'RETURNING "{model._meta.pk.column}"'  # type: ignore[union-attr]
    )
    every = ", ".join([marks] * rows)
    return Statement.of(f'INSERT INTO "{table}" ({columns}) VALUES {every} {then}', table=table)


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> Statement:
    meta = model._meta
    columns = ", ".join(f'"{meta.get_field(name).column}" = %s' for name in names)  # type: ignore[union-attr]
    sql = f'UPDATE "{meta.db_table}" SET {columns} WHERE "{meta.pk.column}" = %s'  # type: ignore[union-attr]
    return Statement.of(sql, table=meta.db_table)
