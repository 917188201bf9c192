"""Inputs in the tables of a form, and words of a filing's pages."""

from typing import Any

from django import forms, template
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
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


@register.simple_tag
def grid_cell(field: forms.BoundField, unit: str = "") -> SafeString:
    """A cell of a table with its input, unit and error, drawn without templates: a table may
    have thousands."""
    errors = field.errors
    shown = _plain(field, bool(errors)) or cell(field)
    behind = format_html("<span>{}</span>", unit) if unit else ""
    if not errors:
        return format_html('<div class="jb-cell">{}{}</div>', shown, behind)
    return format_html(
        '<div class="jb-cell is-invalid">{}{}</div>{}',
        shown,
        behind,
        format_html_join(
            "",
            '<p class="invalid-feedback" id="{}_error">{}</p>',
            ((field.auto_id, error) for error in errors),
        ),
    )


def _plain(field: forms.BoundField, wrong: bool) -> SafeString | None:
    """A text input, a list or a text area as its widget draws it; None for any other widget."""
    asked, widget = field.field, field.field.widget
    kind = type(widget)
    if kind not in (forms.TextInput, forms.Select, forms.Textarea):
        return None
    attrs = {**widget.attrs, "id": field.auto_id, "aria-label": field.label}
    if attrs.get("inputmode") not in ("decimal", "numeric"):
        attrs["class"] = "jb-left"
    if asked.required:
        attrs["required"] = True
    if asked.disabled:
        attrs["disabled"] = True
    if wrong:
        attrs |= {"aria-invalid": "true", "aria-describedby": f"{field.auto_id}_error"}
    value = field.value() or ""
    name = field.html_name
    if kind is forms.TextInput:
        held = format_html(' value="{}"', value) if value else ""
        return format_html('<input type="text" name="{}"{}{}>', name, held, flatatt(attrs))
    if kind is forms.Textarea:
        attrs |= {"rows": "2", "cols": "40"}
        return format_html('<textarea name="{}"{}>\n{}</textarea>', name, flatatt(attrs), value)
    choices: Any = asked.choices  # type: ignore[attr-defined]  # of these widgets a list is left
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, " selected" if str(key) == str(value) else "", words) for key, words in choices),
    )
    return format_html('<select name="{}"{}>{}</select>', name, flatatt(attrs), options)


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
