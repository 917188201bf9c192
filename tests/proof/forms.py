"""The forms that pages offer, read as a browser reads them, and sent back changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from tests.architecture import expanding
from tests.architecture.matrix_file import matrix

TYPED = ("text", "search", "email", "tel", "url", "number", "date", "datetime-local", "textarea")
"""Kinds of fields in which a person types."""


@dataclass
class Form:
    """A form of a page: where it goes, what it sends untouched, and where one may type."""

    page: str
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    name: str = ""
    method: str = "get"

    @property
    def names(self) -> set[str]:
        return set(self.values) | set(self.typed)

    def filled(self, **changed: str) -> dict[str, list[str] | str]:
        return {**self.values, **changed}


class _Forms(HTMLParser):
    """Forms with their fields; a field outside that names its form belongs to it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[Form] = []
        self.strays: list[tuple[str, dict[str, str]]] = []
        self.form: Form | None = None
        self.select, self.options = "", list[tuple[str, bool]]()
        self.area: str = ""
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {key: value or "" for key, value in attrs}
        if tag == "form":
            action = held.get("action") or self.page
            self.form = Form(self.page, action, name=held.get("id", ""))
            self.form.method = held.get("method", "get").lower()
            self.found.append(self.form)
        elif tag == "select":
            self.select, self.options = held.get("name", ""), []
        elif tag == "option":
            self.options.append((held.get("value", ""), "selected" in held))
        elif tag == "textarea":
            self.area, self.text = held.get("name", ""), []
        elif tag in ("input", "button") and held.get("name") and "disabled" not in held:
            if held.get("form"):
                self.strays.append((held["form"], held))
            elif self.form is not None:
                self._field(self.form, tag, held)

    def _field(self, form: Form, tag: str, held: Mapping[str, str]) -> None:
        kind = held.get("type", "submit" if tag == "button" else "text")
        name, value = held["name"], held.get("value", "")
        if kind in ("checkbox", "radio"):
            if "checked" in held:
                form.values.setdefault(name, []).append(value or "on")
        elif kind == "submit":
            form.values.setdefault(name, [value])  # the first button is the one that is pressed
        elif kind not in ("file", "image", "reset", "button"):
            form.values.setdefault(name, []).append(value)
            if kind in TYPED:
                form.typed.append(name)

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            if self.form is not None:
                self.form.values[self.area] = ["".join(self.text).removeprefix("\n")]
                self.form.typed.append(self.area)
            self.area = ""
        elif tag == "select" and self.select:
            if self.form is not None:
                chosen = [value for value, on in self.options if on]
                self.form.values[self.select] = chosen or [v for v, _ in self.options if v][:1]
            self.select = ""
        elif tag == "form":
            self.form = None

    def close(self) -> None:
        super().close()
        for name, held in self.strays:
            for form in self.found:
                if form.name == name:
                    self._field(form, "input", held)


def read(page: str, text: str) -> list[Form]:
    """The forms of a page that change something."""
    reader = _Forms(page)
    reader.feed(text)
    reader.close()
    return [one for one in reader.found if one.method == "post" and _own(one.action)]


def _own(action: str) -> bool:
    return not urlsplit(action).netloc and "logout" not in action


def pages(world: Any, name: str, *, everybody: bool = True) -> Iterator[tuple[str, str, str]]:
    """(route, person, address) of every page of this world, for those who may open it."""
    for route in expanding.routes_of(name):
        if "get" not in matrix()["routes"][route]:
            continue
        cell = expanding.expected(route, "get")
        who = sorted(person for person, (word, _) in cell.items() if word == "ok")
        for person in who if everybody else who[:2]:
            yield route, person, expanding.address(route, world)


def get(world: Any, person: str, url: str) -> Any:
    """The answer to a reading, whatever was written rolled back."""
    with transaction.atomic():
        answer = world.client(person).get(url)
        answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer


def is_page(answer: Any) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/html")


def offered(
    world: Any, name: str, *, only: str = ""
) -> dict[tuple[str, str, frozenset[str]], tuple[str, Form]]:
    """Every form somebody is offered, once for each kind of person and set of fields."""
    found: dict[tuple[str, str, frozenset[str]], tuple[str, Form]] = {}
    for route, person, url in pages(world, name, everybody=False):
        if only not in route:
            continue
        answer = get(world, person, url)
        if answer.status_code == 200 and is_page(answer):
            for form in read(url, answer.body.decode("utf-8", "replace")):
                key = (person, form.action, frozenset(form.names))
                found.setdefault(key, (person, form))
    return found
