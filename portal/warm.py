"""What a web process does before its first request, so that no request has to pay for it."""

import gc
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver

THRESHOLDS = (20_000, 20, 20)
"""How many new objects set a look off, and how many looks a longer one."""


def up() -> None:
    """Import every view, parse every page, and set all of it apart from the collector.

    The house is some hundred thousand objects that live as long as the process. Unfrozen, each
    full collection walks them: measured 126 ms in the middle of whichever page set it off.
    """
    get_resolver().url_patterns  # noqa: B018 - importing is what is wanted
    for name in pages():
        get_template(name)
    set_apart()


def set_apart() -> None:
    """What is loaded now lives as long as the process: the collector need not walk it again.

    A request makes some ten thousand objects and drops nearly all of them by itself: looking for
    the rest seventy times within one request is a twentieth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def pages() -> list[str]:
    """The names of all pages and their parts."""
    root = Path(settings.BASE_DIR) / "templates"
    return sorted(str(file.relative_to(root)) for file in root.rglob("*.html"))
