"""The lookup ``holds``: a part of a text, case aside, found without reading every row.

It finds exactly what ``icontains`` finds. On PostgreSQL it first asks the index of the column's
``jiebang_grams`` (all runs of two and of three characters, of which two are enough in Chinese),
which must hold every run of what is searched, and then looks at what is left; without such an
index it is only slower. SQLite reads every row, as ``icontains`` does. The functions are made by
``accounts`` migration 0013; a migration gives a column its index with ``index`` and ``unindex``.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, TextField
from django.db.models.lookups import IContains

SHORTEST = 2
"""Characters; a single one stands in no index."""


class Holds(IContains):
    """``title__holds=text``; the text is a plain string. Its operator is that of ``icontains``."""

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Sequence[Any]]:
        like, params = self.as_sql(compiler, connection)
        if len(str(self.rhs)) < SHORTEST:
            return like, params
        left, left_params = self.process_lhs(compiler, connection)
        runs = f"jiebang_grams({left}) @> jiebang_asked(UPPER(%s))"
        return f"({runs} AND {like})", [*left_params, str(self.rhs), *params]


def register() -> None:
    for field in (CharField, TextField):
        field.register_lookup(Holds, "holds")


def index(editor: Any, table: str, column: str) -> None:
    """Give the column the index. Kept at once and not in a list that the next search must read."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE INDEX {table}_{column}_grams ON {table} "
            f"USING gin (jiebang_grams(UPPER({column}::text))) WITH (fastupdate = off)"
        )


def unindex(editor: Any, table: str, column: str) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP INDEX {table}_{column}_grams")
