"""The clients of a storm, a process of their own: many people file, each writes down its receipt.

python -m dev_tools.stormclient ORDER.json

The order names port, certificate, people, rate, seconds, patience, receipts and result. What is
acknowledged is written down and flushed to the disk before anything else happens.
"""

import asyncio
import json
import math
import os
import re
import secrets
import ssl
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from dev_tools.httpline import Answer, Broken, Line

HIDDEN = re.compile(r'name="key" value="([^"]+)"><input type="hidden" name="seen" value="([^"]+)"')
NUMBER = re.compile(r'jb-receipt-no">([^<]+)<')
PRINT = re.compile(r'class="jb-fp">([0-9a-f ]+)<')
VERSION = re.compile(r"/versions/(\d+)/receipt/")
READING_AT_ONCE = 4
MOST_AT_ONCE = 2000


@dataclass
class Order:
    port: int
    certificate: str
    people: list[dict[str, str]]
    rate: float
    seconds: float
    receipts: str
    result: str
    #: Seconds a person goes on trying after a failure; 0 presses once.
    patience: float = 0.0
    #: New visits to the front page a second, beside the filing.
    visits: float = 0.0
    #: The instant (seconds since the epoch) at which filing begins.
    starts: float = 0.0
    #: The end of filing; people after it are late on purpose.
    until: float = 0.0
    late: int = 0


@dataclass
class Told:
    """What became of all of them."""

    pressed: list[float] = field(default_factory=list)  # seconds from the press to its answer
    seen: list[float] = field(default_factory=list)  # … to the receipt on the screen
    visits: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    behind: float = 0.0  # how late the clients themselves were at most
    given_up: int = 0


class Person:
    """One applicant with the check page open."""

    def __init__(self, order: Order, who: dict[str, str], trust: ssl.SSLContext) -> None:
        self.filing = who["filing"]
        self.line = Line(order.port, trust, who["session"], secrets.token_hex(16))
        self.key = self.shown = ""

    async def read(self) -> None:
        """Look at the check page, as everybody does before pressing; until it is there."""
        while True:
            try:
                page = await self.line.get(f"/applications/{self.filing}/check/")
                found = HIDDEN.search(page.body)
                if page.status == 200 and found:
                    self.key, self.shown = found[1], found[2]
                    await self.line.close()
                    return
                problem = f"answer {page.status}"
            except Broken as error:
                problem = str(error)
            print(f"check page: {problem}", file=sys.stderr, flush=True)
            await asyncio.sleep(0.5)

    async def press(self) -> Answer:
        return await self.line.post(
            f"/applications/{self.filing}/submit/",
            {"key": self.key, "seen": self.shown, "agree": "1"},
        )


async def file(person: Person, order: Order, told: Told, book: IO[str]) -> None:
    """Press, follow to the receipt, write it down. Goes on with the same key while patient."""
    begun = time.monotonic()
    while True:
        try:
            answer = await person.press()
            told.answers[str(answer.status)] += 1
            if answer.status == 302 and "/receipt/" in answer.headers.get("location", ""):
                pressed = time.monotonic() - begun
                path = urlsplit(answer.headers["location"]).path
                page = await person.line.get(path)
                number, printed = NUMBER.search(page.body), PRINT.search(page.body)
                version = VERSION.search(path)
                if page.status == 200 and number and printed and version:
                    write_down(
                        book,
                        {
                            "filing": person.filing,
                            "key": person.key,
                            "number": number[1],
                            "version": int(version[1]),
                            "fingerprint": printed[1].replace(" ", ""),
                        },
                    )
                    told.pressed.append(pressed)
                    told.seen.append(time.monotonic() - begun)
                    break
                told.answers[f"receipt {page.status}"] += 1
        except Broken as error:
            told.answers[str(error).split(" ", 1)[0]] += 1
        if time.monotonic() - begun > order.patience:
            told.given_up += 1
            break
        await asyncio.sleep(0.5)
    await person.line.close()


def write_down(book: IO[str], receipt: dict[str, Any]) -> None:
    book.write(json.dumps(receipt) + "\n")
    book.flush()
    os.fsync(book.fileno())


async def too_late(person: Person, told: Told) -> None:
    try:
        told.late[str((await person.press()).status)] += 1
    except Broken as error:
        told.late[str(error).split(" ", 1)[0]] += 1
    await person.line.close()


async def visit(order: Order, trust: ssl.SSLContext, told: Told) -> None:
    line = Line(order.port, trust, "", secrets.token_hex(16))
    begun = time.monotonic()
    try:
        answer = await line.get("/")
        told.answers[f"visit {answer.status}"] += 1
        told.visits.append(time.monotonic() - begun)
    except Broken:
        told.answers["visit broken"] += 1
    await line.close()


async def play(order: Order) -> Told:
    trust = ssl.create_default_context(cafile=order.certificate)
    people = [Person(order, who, trust) for who in order.people]
    filing, late = people[: len(people) - order.late], people[len(people) - order.late :]
    few = asyncio.Semaphore(READING_AT_ONCE)

    async def read(person: Person) -> None:
        async with few:
            await person.read()

    begun = time.monotonic()
    await asyncio.gather(*(read(person) for person in people))
    print(f"{len(people)} people have read in {time.monotonic() - begun:.1f} s", flush=True)
    # The end of filing is set once all have read; the starter writes it beside the order.
    order.starts, order.until = await told_when(Path(order.result + ".when"))
    told, room = Told(), asyncio.Semaphore(MOST_AT_ONCE)
    with open(order.receipts, "a", encoding="utf-8") as book:
        jobs: list[tuple[float, Any]] = [
            (order.starts + n / order.rate, lambda p=person: file(p, order, told, book))
            for n, person in enumerate(filing)
        ]
        jobs += [
            (order.starts + n / order.visits, lambda: visit(order, trust, told))
            for n in range(int(order.visits * order.seconds))
        ]
        jobs += [(order.until + 0.2, lambda p=person: too_late(p, told)) for person in late]
        await release(sorted(jobs, key=lambda job: job[0]), told, room)
    return told


async def told_when(path: Path) -> tuple[float, float]:
    Path(str(path) + ".read").touch()
    while not path.exists():
        await asyncio.sleep(0.1)
    said = json.loads(path.read_text("utf-8"))
    return said["starts"], said["until"]


async def release(jobs: list[tuple[float, Any]], told: Told, room: asyncio.Semaphore) -> None:
    """Start each job at its instant, whether or not the earlier ones are answered."""
    running: set[asyncio.Task[None]] = set()
    for when, job in jobs:
        wait = when - time.time()
        if wait > 0:
            await asyncio.sleep(wait)
        told.behind = max(told.behind, time.time() - when)
        await room.acquire()
        task = asyncio.create_task(job())
        running.add(task)
        task.add_done_callback(running.discard)
        task.add_done_callback(lambda _: room.release())
    if running:
        await asyncio.gather(*running)


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def figures(values: list[float]) -> dict[str, float]:
    return {
        "count": len(values),
        **{f"p{share}": round(percentile(values, share / 100), 3) for share in (50, 95, 99)},
        "most": round(max(values, default=0.0), 3),
    }


def main(path: str) -> None:
    order = Order(**json.loads(Path(path).read_text("utf-8")))
    told = asyncio.run(play(order))
    Path(order.result).write_text(
        json.dumps(
            {
                "pressed": figures(told.pressed),
                "seen": figures(told.seen),
                "visits": figures(told.visits),
                "answers": dict(told.answers),
                "late": dict(told.late),
                "given_up": told.given_up,
                "clients_behind": round(told.behind, 3),
            }
        ),
        "utf-8",
    )


if __name__ == "__main__":
    main(sys.argv[1])
