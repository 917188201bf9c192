"""Hostile texts in every field: stored ones on every page of every role, typed ones in every form.

Three rounds. **Stored**: a world of the permission matrix whose every text carries a payload; each
page is opened by everybody who may, and taken apart as a browser would: an element, an attribute
or a calculation that came out of a text is a find. **Typed**: payloads are sent into every field
of every form that pages offer. **Sheets**: the same world with texts that begin like formulas;
every workbook is read back.
"""

from __future__ import annotations

import io
import itertools
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from typing import Any
from unittest import mock

from django.db import transaction

from tests.architecture import matrix_world
from tests.proof import forms, ground
from tests.proof.frame import Report, Watch

GOAL = ("payloads sent", 20_000)
MARK = "jbx"
"""Stands in every payload that would make an element, an event or an address."""
COMPUTED = "694793"
"""What stands on a page when a template's words were carried out."""
SHORT = (
    f"<b id={MARK}>",
    f'"><b id={MARK}>',
    f"'><i id={MARK}>",
    f"<svg onload={MARK}()>",
    "{{7|add:694786}}",
    f"</title><b id={MARK}>",
    f"--><b id={MARK}>",
    f"<a href=//{MARK}>",
)
"""Short enough for the titles; every text of the stored round carries one."""
LONG = (
    *SHORT,
    f"<script>{MARK}()</script>",
    f"</textarea><script>{MARK}()</script>",
    f"<img src=x onerror={MARK}()>",
    f"javascript:{MARK}()",
    f'" autofocus onfocus={MARK}() x="',
    f"</script><script>{MARK}()</script>",
    "{% widthratio 913 1 761 %}",
    "{{request.user.password}}",
    "{% include '/etc/passwd' %}",
    "${913*761}",
    "#{913*761}",
    f"x\r\nX-{MARK}: 1",
    f"x\nSet-Cookie: {MARK}=1",
    "' OR '1'='1",
    "'; DROP TABLE accounts_user; --",
    "%' UNION SELECT 1,2,3 --",
    "__class__",
    "user__password__startswith",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "@SUM(1+1)",
    "-2+3",
    "＝1＋1",
    "\u202e\u2066gnp.exe\u2069",
    "\u200b\u200d\ufeff",
    "\U00020000\U0002a6d6\U00030000",
    "㐀䶵丂㒨",
    "😀👨‍👩‍👧‍👦",
    "\x00",
    "\x01\x08\x0b\x1b[31m",
    "\ufffe\uffff",
    "²³",
    "e\u0301\u0301\u0301",
    "9" * 400,
    "A" * 20_000,
    "../../../etc/passwd",
    "NaN",
    "1e999",
    "-0",
    "0x10",
    "2021-13-45",
    "9999-12-31",
    "[]",
    '{"a":1}',
    "null",
)
FORMULAS = ("=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", "=cmd|", '=HYPERLINK("x")')


def prove(report: Report, *, seconds: float) -> None:
    worlds = list(ground.worlds())
    for number, name in enumerate(worlds, start=1):
        with ground.world(lambda name=name: hostile(name, SHORT)) as made:
            stored(report, made, name)
            part = Watch(seconds / len(worlds))
            typed(report, made, name, watch=part, share=number / len(worlds))
    for name in ("review", "decision", "testing", "years"):
        with ground.world(lambda name=name: hostile(name, FORMULAS)) as made:
            sheets(report, made, name)


# A world in which every text is hostile ----------------------------------------------------------


def hostile(name: str, payloads: Sequence[str]) -> Any:
    """A world of the matrix whose marks carry payloads in turn."""

    class Hostile(matrix_world.Canaries):
        def __init__(self) -> None:
            super().__init__()
            self.payloads = itertools.cycle(payloads)

        def mark(self, what: str, text: str) -> str:
            return f"{next(self.payloads)}{self.token(what)}{text}"

    with mock.patch.object(matrix_world, "Canaries", Hostile):
        return ground.worlds()[name]()


# Looking -----------------------------------------------------------------------------------------


class _Alive(HTMLParser):
    """What of a page came alive out of a payload."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            held = value or ""
            event = name.startswith("on")
            leads = name in ("href", "src", "action", "formaction") and (
                held.lstrip().lower().startswith(("javascript:", "data:", f"//{MARK}"))
            )
            if (name == "id" and held == MARK) or ((event or leads) and MARK in held):
                self.found.append(f"<{tag} {name}={held[:40]!r}>")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and f"{MARK}()" in data:
            self.found.append(f"script: {data[:60]!r}")


def alive(answer: Any, body: bytes) -> list[str]:
    """Everything that a payload did to an answer."""
    found = [name for name in answer.headers if MARK in name.lower()]
    found += [str(held) for held in answer.cookies.values() if MARK in held.key]
    if forms.is_page(answer):
        text = body.decode("utf-8", "replace")
        reader = _Alive()
        reader.feed(text)
        reader.close()
        found += reader.found
        if COMPUTED in text.replace("add:694786", ""):
            found.append("a template's words were carried out")
    return found


# Stored ------------------------------------------------------------------------------------------


def stored(report: Report, made: Any, name: str, *, most: int | None = None) -> None:
    """Every page of the world (or some), opened by everybody who may."""
    found = list(forms.pages(made, name))
    if most is not None:
        found = random.Random(report.name).sample(found, min(most, len(found)))
    for route, person, url in found:
        answer = forms.get(made, person, url)
        report.count("pages with stored payloads looked at", forms.is_page(answer))
        text = answer.body.decode("utf-8", "replace")
        report.count("payloads met on them", text.count(MARK))
        for one in alive(answer, answer.body):
            report.fail(f"world {name}: {route} as {person}: {one}")


# Typed -------------------------------------------------------------------------------------------


def typed(
    report: Report,
    made: Any,
    name: str,
    *,
    watch: Watch,
    most: int | None = None,
    only: str = "",
    share: float = 1.0,
) -> None:
    """Payloads into the fields of every form, one round after the other until the time is up.

    In each sending all fields where one types carry payloads, or one does and the rest is right.
    """
    offered = list(forms.offered(made, name, only=only).values())
    report.count("forms", len(offered))
    draw = random.Random(f"{report.name} {name}")
    turns = itertools.count() if most is None else range(most)
    for turn in turns:
        if watch.is_up or not offered or report.reached(share):
            break
        person, form = offered[turn % len(offered)] if most is None else draw.choice(offered)
        send(report, made, person, form, draw)


def send(report: Report, made: Any, person: str, form: forms.Form, draw: random.Random) -> None:
    """One form with payloads; what came back, and where it led, is looked at."""
    places = form.typed or list(form.values)
    if not places:
        return
    chosen = places if draw.random() < 0.5 else [draw.choice(places)]
    changed = {field: draw.choice(LONG) for field in chosen}
    if draw.random() < 0.2:
        changed[draw.choice(LONG)[:200]] = draw.choice(LONG)  # a name that is one as well
    said = f"{form.action} as {person} with {str(changed)[:300]}"
    client = made.client(person)
    with transaction.atomic():
        try:
            answer = client.post(form.action, form.filled(**changed))
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            looked = [(answer, body)]
            if answer.status_code in (302, 303) and answer.headers["Location"].startswith("/"):
                led = client.get(answer.headers["Location"])
                looked.append(
                    (led, b"".join(led.streaming_content) if led.streaming else led.content)
                )
        except Exception as error:
            report.fail(f"{said}: {type(error).__name__}: {str(error)[:200]}")
            transaction.set_rollback(True)
            return
        transaction.set_rollback(True)
    report.count("forms sent")
    report.count("payloads sent", len(changed))
    report.count("of them taken", len(looked) - 1)
    for one, text in looked:
        report.expect(one.status_code < 500, f"{said}: {one.status_code}")
        for sign in alive(one, text):
            report.fail(f"{said}: {sign}")


# Sheets ------------------------------------------------------------------------------------------


def sheets(
    report: Report, made: Any, name: str, *, most: int | None = None, only: str = ""
) -> None:
    """Every workbook that somebody can take out; in none of them does a text stand as a formula.

    Where several may, the first two are asked: what they are given differs by rows, not by cells.
    """
    read = 0
    for route, person, url in forms.pages(made, name, everybody=False):
        if only not in route:
            continue
        answer = forms.get(made, person, url)
        if answer.body[:2] != b"PK":
            continue
        for book in books(answer.body):
            report.count("workbooks read back")
            for wrong in formulas(book, report.count):
                report.fail(f"world {name}: {route} as {person}: {wrong}")
            read += 1
        if most is not None and read >= most:
            break


def books(data: bytes) -> Iterator[bytes]:
    """The workbook itself, or those of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = packed.namelist()
        if "xl/workbook.xml" in names:
            yield data
        for name in names:
            if name.endswith(".xlsx"):
                yield packed.read(name)


def formulas(book: bytes, count: Callable[[str, int], None]) -> list[str]:
    """Cells that a table program would carry out, or text that it would read anew as typed."""
    import openpyxl

    found = []
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        for name in packed.namelist():
            if name.endswith(".xml") and re.search(
                rb"<f[ >]|ddeLink|externalLink", packed.read(name)
            ):
                found.append(f"{name} holds a formula or a link outside")
    for sheet in openpyxl.load_workbook(io.BytesIO(book)):
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.lstrip()[:1] in "=+-@＝＋－＠":
                    if not cell.value.strip():
                        continue
                    count("cells that begin like a formula", 1)
                    if cell.data_type != "s" or not cell.quotePrefix:
                        found.append(f"{sheet.title}!{cell.coordinate}: {cell.value[:40]!r}")
    return found
