"""The column of a call's rules: read from its text only where somebody asks for them."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models.expressions import Expression
from django.db.models.fields.json import KeyTransform
from django.db.models.query_utils import DeferredAttribute


class Unread(str):
    """JSON as the database gave it."""

    __slots__ = ()


class _ReadOnce(DeferredAttribute):
    def __get__(self, instance: Any, cls: Any = None) -> Any:
        found = super().__get__(instance, cls)
        if isinstance(found, Unread):
            found = instance.__dict__[self.field.attname] = json.loads(found)
        return found

    def __set__(self, instance: Any, value: Any) -> None:
        """With a setter Python asks ``__get__`` even where the instance holds a value."""
        instance.__dict__[self.field.attname] = value


class RulesField(models.JSONField):
    """As ``JSONField``. Nearly every request loads a call and few read its rules, which are long:
    most want the programme that comes of them, and that is kept by their text (``text_of``)."""

    descriptor_class = _ReadOnce

    def from_db_value(self, value: Any, expression: Expression, connection: Any) -> Any:
        if isinstance(value, str) and not isinstance(expression, KeyTransform):
            return Unread(value)
        return super().from_db_value(value, expression, connection)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    @staticmethod
    def text_of(instance: models.Model, name: str) -> str | None:
        """The text of a column that was loaded and not read yet."""
        found = instance.__dict__.get(name)
        return found if isinstance(found, Unread) else None
