"""A web process pays for imports, pages and old objects before its first request."""

import gc

import pytest
from django.template import engines

from portal import warm


@pytest.fixture
def warmed():
    usual = gc.get_threshold()
    warm.up()
    yield
    gc.unfreeze()
    gc.set_threshold(*usual)


def test_every_page_is_parsed_and_every_view_imported(warmed):
    loader = engines["django"].engine.template_loaders[0]
    assert len(warm.pages()) > 100
    assert {"base.html", "policies/index.html"} <= set(warm.pages())
    missing = set(warm.pages()) - {str(name) for name in loader.get_template_cache}
    assert not missing


def test_what_lives_as_long_as_the_process_is_not_walked_by_the_collector(warmed):
    walked, kept = len(gc.get_objects()), gc.get_freeze_count()
    assert kept > 50_000
    assert walked < kept / 10


def test_the_web_process_warms_up_when_it_starts(monkeypatch):
    import importlib
    import sys

    called = []
    monkeypatch.setattr(warm, "up", lambda: called.append(True))
    monkeypatch.delitem(sys.modules, "portal.wsgi", raising=False)
    importlib.import_module("portal.wsgi")
    assert called == [True]
