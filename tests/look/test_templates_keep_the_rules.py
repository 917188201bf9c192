"""The pages' Content Security Policy allows no inline code, and the look no sizes of its own."""

import re
from pathlib import Path

import pytest
from django.template import engines

from tests.architecture import leaving

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
#: Sheets for paper are drawn by WeasyPrint, not by a browser: they have rules of their own.
PAGES = sorted(
    p for p in TEMPLATES.rglob("*.html") if p.relative_to(TEMPLATES).parts[0] != "documents"
)
RULES = {
    "style attribute": re.compile(r"\sstyle\s*=", re.I),
    "style element": re.compile(r"<style", re.I),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.I),
    "event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I),
    "data: address": re.compile(r"""["'(]data:[a-z]""", re.I),
    "outside address": re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""", re.I),
    "script address": re.compile(r"javascript:", re.I),
    "size in px": re.compile(r"font-size\s*:|\d+px", re.I),
}


def broken(text: str) -> list[str]:
    return [name for name, rule in RULES.items() if rule.search(text)]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(TEMPLATES).as_posix())
def test_a_template_has_nothing_inline(path):
    assert broken(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(TEMPLATES).as_posix())
def test_a_template_compiles(path):
    engines["django"].get_template(path.relative_to(TEMPLATES).as_posix())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('<p style="color:red">', "style attribute"),
        ("<script>go()</script>", "inline script"),
        ('<a href="#" onclick="go()">', "event attribute"),
        ('<img src="data:image/png;base64,x">', "data: address"),
        ('<link href="https://example.com/a.css">', "outside address"),
    ],
)
def test_each_rule_is_noticed_when_broken(text, rule):
    assert rule in broken(text)


def test_our_own_style_sheets_give_text_sizes_by_token_only():
    css = (ROOT / "static" / "css" / "jiebang.css").read_text("utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    sizes = re.findall(r"font-size:\s*([^;}]+)", css)
    assert sizes
    assert [size for size in sizes if "px" in size] == []


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<a href="/policies/">政策库</a><a href="?page=2">2</a><a href="mailto:a@b.cn">a</a>', 0),
        ('<a href="http://testserver/v/">核验</a>', 0),
        ('<a href="https://elsewhere.example/x">原文</a>', 1),
        ('<a href="//elsewhere.example/x">原文（站外）</a>', 1),
        ('<a rel="noopener" href="https://elsewhere.example/x">原文（站外）</a>', 1),
        ('<a href="https://e.example/x" rel="noopener noreferrer">原文（站外）</a>', 0),
        ('<a href="https://e.example/x" rel="noopener noreferrer">原文</a>', 1),
    ],
)
def test_a_link_that_leads_elsewhere_must_say_so_and_take_nothing_along(html, count):
    """``leaving.unmarked`` is asked about every page of the permission matrix."""
    assert len(leaving.unmarked(html)) == count
