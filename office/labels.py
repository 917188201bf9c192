"""数据分级清单: the class of each column that holds words, documents or figures.

``labels.toml`` names them, table by table; ``tests/office/test_labels.py`` holds it complete.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db import models

from core import labels
from core.labels import Label
from documents import workbook

FILE = Path(__file__).with_name("labels.toml")
KINDS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.DecimalField,
    models.FileField,
)
COLUMNS = (("类别", 12), ("模块", 16), ("表", 26), ("字段", 26), ("代码名", 44))


@dataclass(frozen=True, slots=True)
class Row:
    """One column of one table, by the names that people and the database know."""

    label: Label
    room: str
    table: str
    field: str
    name: str


@cache
def given() -> dict[str, Label]:
    """``app.Model.field`` → class, as the file says. Raises ``ValueError`` for one named twice."""
    found: dict[str, Label] = {}
    for table, classes in tomllib.loads(FILE.read_text("utf-8")).items():
        for label, names in classes.items():
            for name in names:
                if f"{table}.{name}" in found:
                    raise ValueError(f"{table}.{name} has two classes")
                found[f"{table}.{name}"] = Label(label)
    return found


def columns() -> Iterator[tuple[str, models.Field, type[models.Model]]]:
    """Every column that needs a class: free words, documents, figures; not choices and dates."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, KINDS) and not field.choices:
                yield f"{model._meta.label}.{field.name}", field, model


def rows(*, label: str = "") -> list[Row]:
    """The list, of one class or of all."""
    known = given()
    return [
        Row(
            known[name],
            str(model._meta.app_config.verbose_name),
            str(model._meta.verbose_name),
            str(field.verbose_name),
            name,
        )
        for name, field, model in columns()
        if label in ("", known[name])
    ]


def sheet(*, label: str, name: str, unit: str, at: datetime) -> bytes:
    shown = Label(label).words if label else "全部"
    return workbook.workbook(
        "数据分级清单",
        COLUMNS,
        [[one.label.words, one.room, one.table, one.field, one.name] for one in rows(label=label)],
        foot=[
            *workbook.taken(name=name, unit=unit, at=at, shown=shown),
            labels.line(Label.INTERNAL),
        ],
    )
