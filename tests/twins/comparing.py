"""Two worlds that differ in one hidden fact, and everything that a person could tell them apart by.

The fact is added last, in a savepoint of the one world, so that no number, key or token moves;
clock, nonce, form token and session are pinned. Each address is asked before and after; what two
answers may differ in is nothing.
"""

from __future__ import annotations

import io
import logging
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlencode, urlsplit

import time_machine
from django.db import transaction
from django.urls import NoReverseMatch

from documents.models import Document
from tests.architecture import expanding
from tests.architecture.canaries import World
from tests.architecture.matrix_file import matrix, people
from tests.world import AT

PINNED = datetime.fromtimestamp(AT.timestamp() + 3600, UTC)
ALPHABET = "23456789"
MOST_VARIANTS = 40
"""Searches, sorts, filters and pages asked of one address by one person."""


@dataclass(frozen=True)
class Fact:
    """What one world has and the other has not. ``entitled``: groups of the matrix who may know.

    ``hidden``: words of the fact, which are also searched for.
    """

    name: str
    entitled: str
    add: Callable[[World], None]
    hidden: tuple[str, ...] = ()

    def knows(self, person: str) -> bool:
        return person in people(self.entitled)


@dataclass
class Report:
    """How much was compared, and each difference in words."""

    requests: int = 0
    pages: int = 0
    books: int = 0
    papers: int = 0
    leaks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.requests} answers compared, {self.pages} of them pages, {self.books} workbooks "
            f"and packages, {self.papers} PDFs; {len(self.leaks)} differences"
        )


# What is asked ---------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Ask:
    person: str
    route: str
    url: str


def addresses(world: World) -> list[tuple[str, str]]:
    """Every route of the house as (route, address in this world); a post-only one answers 405."""
    found = []
    for route in sorted(expanding.route_names()):
        try:
            found.append((route, expanding.address(route, world)))
        except (NoReverseMatch, KeyError):
            continue  # another world has what it is about
    return found


class _Reader(HTMLParser):
    """Links that change the query, and the fields of forms that search."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[str] = []
        self.fields: list[tuple[str, str]] = []
        self.searching = False
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "a" and "?" in held.get("href", ""):
            self.queries.append(held["href"])
        elif tag == "form":
            self.searching = held.get("method", "get").lower() == "get"
        elif self.searching and tag == "input" and held.get("name"):
            kind = held.get("type", "text")
            if kind in ("text", "search"):
                self.fields.append((held["name"], ""))
            elif kind in ("checkbox", "radio", "hidden"):
                self.fields.append((held["name"], held.get("value", "on")))
        elif self.searching and tag == "select":
            self.select = held.get("name", "")
        elif self.select and tag == "option" and held.get("value"):
            self.fields.append((self.select, held["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.searching = False
        elif tag == "select":
            self.select = ""


def variants(url: str, page: str, hidden: tuple[str, ...]) -> list[str]:
    """The searches, filters, sorts and further pages that a page itself offers."""
    reader = _Reader()
    reader.feed(page)
    found = []
    for name, value in reader.fields:
        words = (value,) if value else ("示例", *hidden)
        found += [f"{url}?{urlencode({name: word})}" for word in words]
    for link in reader.queries:
        parts = urlsplit(link)
        if not parts.scheme and parts.path in ("", url):
            found.append(f"{url}?{urlencode(parse_qsl(parts.query, keep_blank_values=True))}")
    return list(dict.fromkeys(found))[:MOST_VARIANTS]


# Asking ----------------------------------------------------------------------------------------


class _Pins:
    """The same nonce and the same tokens for each request."""

    def __init__(self) -> None:
        self.draw = random.Random(0)

    def again(self) -> None:
        self.draw.seed(0)

    def choice(self, of: Any) -> Any:
        return of[self.draw.randrange(len(of))]

    def hex(self, length: int = 16) -> str:
        return f"{self.draw.getrandbits(8 * length):0{2 * length}x}"


@contextmanager
def pinned() -> Iterator[_Pins]:
    pins = _Pins()
    logging.disable(logging.WARNING)
    with ExitStack() as held:
        held.callback(logging.disable, logging.NOTSET)
        held.enter_context(time_machine.travel(PINNED, tick=False))
        held.enter_context(mock.patch("secrets.choice", pins.choice))
        held.enter_context(mock.patch("secrets.token_hex", pins.hex))
        held.enter_context(mock.patch("secrets.token_urlsafe", pins.hex))
        held.enter_context(
            mock.patch("csp.middleware.CSPMiddleware._make_nonce", lambda self, request: "nonce")
        )
        yield pins


def answer(world: World, ask: Ask, pins: _Pins) -> tuple[int, str, bytes]:
    """Status, kind and the whole of an answer; whatever it wrote is rolled back."""
    pins.again()
    client = world.client(ask.person)
    client.raise_request_exception = False
    with transaction.atomic():
        got = client.get(ask.url)
        body = b"".join(got.streaming_content) if got.streaming else got.content
        transaction.set_rollback(True)
    kind = got.headers.get("Content-Type", "").split(";")[0]
    head = "\n".join(f"{name}: {value}" for name, value in sorted(got.headers.items()))
    cookies = got.cookies.output(header="Cookie:")
    return got.status_code, kind, f"{head}\n{cookies}\n".encode() + unpacked(body)


def unpacked(body: bytes) -> bytes:
    """The parts of a workbook or package by their names; anything else as it is."""
    if body[:4] != b"PK\x03\x04":
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return b"\n".join(
            name.encode() + b"\n" + book.read(name) for name in sorted(book.namelist())
        )


def collect(
    world: World, fact: Fact, pins: _Pins, *, choose: Callable[[list[Ask]], list[Ask]]
) -> dict[Ask, tuple[int, str, bytes]]:
    """What those who are not to know of the fact are answered, with what their pages offer."""
    everybody = [one for one in [*world.sessions, "anonymous"] if not fact.knows(one)]
    asks = [Ask(one, *pair) for one in everybody for pair in addresses(world)]
    found = {}
    for ask in choose(asks):
        status, kind, text = found[ask] = answer(world, ask, pins)
        if status == 200 and kind == "text/html":
            more = variants(ask.url, text.decode("utf-8", "replace"), fact.hidden)
            for url in more:
                other = Ask(ask.person, ask.route, url)
                found[other] = answer(world, other, pins)
    return found


def everything(asks: list[Ask]) -> list[Ask]:
    return asks


def a_sample(size: int, seed: str) -> Callable[[list[Ask]], list[Ask]]:
    """So many addresses, drawn anew with each seed; three of four open to the person asking."""

    def choose(asks: list[Ask]) -> list[Ask]:
        draw = random.Random(seed)
        inside, outside = [], []
        for ask in asks:
            (inside if _is_open(ask) else outside).append(ask)
        less = size // 4
        chosen = draw.sample(inside, min(size - less, len(inside)))
        return sorted([*chosen, *draw.sample(outside, min(less, len(outside)))])

    return choose


def _is_open(ask: Ask) -> bool:
    row = matrix()["routes"][ask.route]
    return "get" in row and ask.person in people(row["get"].get("ok", ""))


def compare(
    world: World, fact: Fact, *, choose: Callable[[list[Ask]], list[Ask]] = everything
) -> Report:
    """Ask, add the fact, ask again, take the fact away."""
    report = Report()
    with pinned() as pins:
        before = collect(world, fact, pins, choose=choose)
        with transaction.atomic():
            fact.add(world)
            for ask, was in before.items():
                report.requests += 1
                report.pages += was[1] == "text/html" and was[0] == 200
                report.books += was[0] == 200 and any(one in was[1] for one in ("sheet", "zip"))
                report.papers += was[1] == "application/pdf"
                now = answer(world, ask, pins)
                if now != was:
                    report.leaks.append(
                        f"{fact.name}: {ask.url} as {ask.person}: {apart(was, now)}"
                    )
            transaction.set_rollback(True)
    return report


def apart(was: tuple[int, str, bytes], now: tuple[int, str, bytes]) -> str:
    """Where two answers part, in a few words."""
    if was[:2] != now[:2]:
        return f"{was[:2]} became {now[:2]}"
    one, other = was[2].decode("utf-8", "replace"), now[2].decode("utf-8", "replace")
    at = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    clip = slice(max(at - 60, 0), at + 60)
    return re.sub(r"\s+", " ", f"…{one[clip]}… became …{other[clip]}…")


def differs(world: World, fact: Fact, person: str, url: str) -> bool:
    """Whether somebody's page tells the two worlds apart: the control."""
    ask = Ask(person, "", url)
    with pinned() as pins:
        was = answer(world, ask, pins)
        with transaction.atomic():
            fact.add(world)
            now = answer(world, ask, pins)
            transaction.set_rollback(True)
    return was != now


def quiet_papers(world: World) -> None:
    """Nothing waits to be drawn: pages that say how far a paper is stand still."""
    Document.objects.filter(state="waiting").update(not_before=PINNED)
