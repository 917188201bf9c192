"""How forms are drawn: by templates, but for a list of choices.

A template takes five times as long for thirty options, and nearly every list page has three such
lists above it. What is written is the same as Django's template writes, without attributes of
single options, which no form of ours has.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SELECT = "django/forms/widgets/select.html"


class Renderer(TemplatesSetting):
    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        if template_name == SELECT:
            return select(context["widget"])
        return super().render(template_name, context, request)


def select(widget: Mapping[str, Any]) -> SafeString:
    """A widget's context as HTML; everything in it is escaped."""
    groups = [
        (name, format_html_join("", '<option value="{}"{}>{}</option>', map(_option, options)))
        for name, options, _ in widget["optgroups"]
    ]
    inside = format_html_join("", "{}", ((_group(name, options),) for name, options in groups))
    return format_html(
        '<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), inside
    )


def _option(option: Mapping[str, Any]) -> tuple[str, SafeString, Any]:
    chosen = SafeString(" selected" if option["selected"] else "")
    return str(option["value"]), chosen, option["label"]


def _group(name: str | None, options: SafeString) -> SafeString:
    return format_html('<optgroup label="{}">{}</optgroup>', name, options) if name else options
