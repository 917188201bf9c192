"""Inputs in the tables of a form, and words of a filing's pages."""

from typing import Any

from django import forms, template
from django.utils.safestring import SafeString

from applications import differences

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


@register.simple_tag(takes_context=True)
def section_fields(context: template.Context, form: Any) -> SafeString:
    """The fields of a section as its crispy layout orders them; the page has its own summary."""
    with context.push(form_show_errors=True, form_show_labels=True, form=form):
        return form.helper.render_layout(form, context, template_pack="jiebang")


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    """The value of a map under a key that a template only knows as a variable."""
    return mapping.get(key, "")


@register.filter
def aligned(row: list[str], columns: list[dict[str, str]]) -> list[tuple[str, str]]:
    """The cells of a frozen table, each with how its column is aligned."""
    return [(value, column.get("align", "")) for value, column in zip(row, columns, strict=False)]


@register.filter
def shortened(pieces: Any) -> list[tuple[str, str]]:
    """The pieces of a comparison with long unchanged stretches left out."""
    return differences.shortened(pieces)


@register.filter
def by_reason(left: list[Any]) -> list[tuple[str, list[str]]]:
    """Labels with a reason each, as reasons with their labels."""
    found: dict[str, list[str]] = {}
    for label, why in left:
        found.setdefault(why, []).append(label)
    return list(found.items())
