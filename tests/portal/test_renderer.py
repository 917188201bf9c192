"""A list of choices is drawn as Django's own template draws it, whatever stands in it."""

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.test.html import parse_html

from core.renderer import Renderer

HOSTILE = '"><script>jbx()</script>'
CHOICES = [
    ("", "全部"),
    (1, "一 & 一"),
    (HOSTILE, HOSTILE),
    (HOSTILE, [("a", "组内"), ("b", HOSTILE)]),
]


@pytest.mark.parametrize("chosen", ["", "1", "b", HOSTILE, None])
@pytest.mark.parametrize("attrs", [{}, {"class": HOSTILE, "required": True, "disabled": False}])
def test_it_is_djangos(chosen, attrs):
    widget = forms.Select(attrs={"id": "x"}, choices=CHOICES)
    ours, theirs = (
        widget.render("name", chosen, attrs, renderer=renderer())
        for renderer in (Renderer, TemplatesSetting)
    )
    assert parse_html(ours) == parse_html(theirs)
    assert "<script>" not in ours and ours.count("<option") == 5


def test_the_forms_of_the_house_are_drawn_by_it():
    assert isinstance(forms.Form().renderer, Renderer)
    assert forms.TextInput().render("a", "b", renderer=Renderer()).startswith("<input")
