"""What must be true before the portal starts."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every route: its pattern, its full name and its view."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            space = f"{entry.namespace}:" if entry.namespace else ""
            for pattern, name, view in routes(entry.url_patterns, prefix + str(entry.pattern)):
                yield pattern, space + name, view
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry.name or "", entry.callback


@register
def every_view_has_a_policy(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        Error(f"The view of {pattern!r} has no policy.", id="portal.E001")
        for pattern, _, view in routes()
        if not hasattr(view, "policy")
    ]
