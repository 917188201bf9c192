"""Inputs in the tables of a form, and words of a filing's pages."""

from typing import Any

from django import forms, template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def cell(field: forms.BoundField) -> SafeString:
    """The input of a table cell: named for readers, numbers right-aligned by the style sheet."""
    attrs: dict[str, Any] = {"aria-label": field.label}
    if field.field.widget.attrs.get("inputmode") not in ("decimal", "numeric"):
        attrs["class"] = "jb-left"
    if isinstance(field.field.widget, forms.Textarea):
        attrs["rows"] = 2
    if field.errors:
        attrs["aria-invalid"] = "true"
        attrs["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attrs)


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    """The value of a map under a key that a template only knows as a variable."""
    return mapping.get(key, "")
