"""Each act struck at each failpoint it passes: its process killed, an error raised, held there.

A season is played once, and before each of its acts the database is kept. Then, for each act and
each place (``core/failpoints.py``) that it reaches, the first and the last time: the database is
set back, and the act is done in a process of its own that is struck there. After it every promise
must hold; nothing or all of the act must stand; who was told that it is done must find it done; and
done again it must go through once, with as many rows in every state as if nothing had happened.

- **kill**: ``SIGKILL``, as a machine that goes away. - **raise**: a defect. - **stall**: it hangs
there, and a second client comes and does the same; then it goes on.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import signal
import tempfile
import traceback
from collections import Counter
from collections.abc import Container, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connections

from core import failpoints
from core.errors import Refusal
from notifications import services as notifications
from portal import invariants
from tests.proof.acts import (
    OPERATIONS,
    Act,
    Count,
    Known,
    Operation,
    Play,
    played,
    send_letters,
)
from tests.proof.frame import Report, Watch
from tests.proof.snapshots import census, made
from tests.world import AT

FORK = multiprocessing.get_context("fork")
MODES = ("kill", "raise", "stall")
GOAL = ("strikes", 120)
"""A whole run ends with every cell struck once; fewer than these were never all."""
LATER = timedelta(minutes=10)
"""Whoever comes again comes when no claim of a dead worker holds any more."""
MEANWHILE = 0.4
"""Seconds that the held one waits for the second client, who may wait for its lock."""
LONGEST = 120.0
"""Seconds after which a client that says nothing counts as hanging."""
DRAWS = "R5.the_newest_papers_are_drawn_again_byte_by_byte"
"""Takes a second for each paper; asked where papers are made."""


class Struck(Exception):
    """What a failpoint raises; no code of the house expects it."""


# Clients -----------------------------------------------------------------------------------------


class Acting:
    """A process that does an act, and is struck at a place, or not."""

    def __init__(
        self, play: Play, act: Act, at: datetime, mode: str = "", place: str = "", nth: int = 0
    ) -> None:
        connections.close_all()
        self.mode, self.place, self.nth = mode, place, nth
        self.here, there = FORK.Pipe()
        self.process = FORK.Process(target=self._live, args=(there, play, act, at), daemon=True)
        self.process.start()
        there.close()

    def _live(self, pipe: Any, play: Play, act: Act, at: datetime) -> None:
        self.pipe, self.passed = pipe, 0
        logging.disable(logging.CRITICAL)  # what is struck says so in the log
        if self.mode:
            failpoints.arm(self._strike)
        try:
            act(play, at)
            said = "done"
        except Refusal as refusal:
            said = f"refused: {refusal.code}"
        except Struck:
            said = "struck"
        except BaseException:
            said = "broken: " + traceback.format_exc(limit=-2)[-600:]
        pipe.send(said)
        connections.close_all()
        os._exit(0)

    def _strike(self, name: str) -> None:
        if name != self.place:
            return
        self.passed += 1
        if self.passed != self.nth:
            return
        if self.mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.mode == "raise":
            raise Struck(name)
        self.pipe.send("held")
        self.pipe.recv()

    def hear(self, seconds: float = LONGEST) -> str:
        """What it says: done, refused, struck, held, broken; killed, or silent for so long."""
        if not self.here.poll(seconds):
            return "silent"
        try:
            return str(self.here.recv())
        except EOFError:
            self.process.join()
            return "killed" if self.process.exitcode == -signal.SIGKILL else "gone"

    def end(self) -> None:
        self.process.join(5)
        self.process.kill()
        self.process.join()


# One strike --------------------------------------------------------------------------------------


def strike(
    report: Report, play: Play, operation: Operation, place: str, nth: int, mode: str
) -> None:
    """Set back, strike, look, do it again, look again."""
    said = f"{mode} at {place} ({nth}) of “{operation.name}”"
    known = play.known[operation.name]
    play.kept.set_back(operation.name)
    first = Acting(play, operation.act, AT, mode, place, nth)
    heard = first.hear()
    if mode == "stall":
        heard = _meanwhile(report, play, operation, first, heard, said)
    first.end()
    report.count("strikes")
    report.count(f"of them {mode}")
    report.expect(heard in _may_say(mode), f"{said}: {heard}")
    stands = _look(report, operation, known, said)
    report.count("of them after the COMMIT", stands)
    report.expect(stands or heard != "done", f"{said}: told that it is done, and it is not")
    second = Acting(play, operation.act, AT + LATER)
    heard = second.hear()
    second.end()
    fine = heard == "done" or (stands and heard.startswith("refused"))
    report.expect(fine, f"{said}, then again: {heard}")
    report.expect(
        _look(report, operation, known, f"{said}, then again"), f"{said}, then again: not done"
    )
    _posted(report, play, operation, place, said)


def _may_say(mode: str) -> set[str]:
    # An error after the COMMIT that nobody need hear of is kept in the log.
    return {"kill": {"killed"}, "raise": {"struck", "done"}, "stall": {"done"}}[mode]


def _meanwhile(
    report: Report, play: Play, operation: Operation, first: Acting, heard: str, said: str
) -> str:
    """While the first is held, a second does the same; then the first goes on."""
    if heard != "held":
        return heard
    second = Acting(play, operation.act, AT)
    waiting = second.hear(MEANWHILE)
    report.count("second clients that waited", waiting == "silent")
    first.here.send("go on")
    heard = first.hear()
    if waiting == "silent":
        waiting = second.hear()
    second.end()
    fine = waiting == "done" or waiting.startswith("refused")
    report.expect(fine, f"{said}, a second client: {waiting}")
    # Whoever was held may be the one that comes too late.
    both = {heard, waiting}
    return "done" if "done" in both and heard.startswith(("done", "refused")) else heard


def _look(report: Report, operation: Operation, known: Known, said: str) -> bool:
    """Whether all of the act stands; a find when a promise is broken, or half of it stands."""
    for problem in invariants.run(leave_out=() if operation.papers else {DRAWS}):
        report.fail(f"{said}: {problem}")
    now = census()
    stands = not _differs(now, known.after, more=operation.more)
    if not stands and not operation.steps and (half := _differs(now, known.before)):
        report.fail(f"{said}: half of it stands: {half}")
    return stands


def _differs(
    now: Count, then: Count, *, more: Container[tuple[str, str]] = ()
) -> dict[tuple[str, str], tuple[int, int]]:
    """Where the rows are not those of then; of ``more`` there may be more."""
    return {
        what: (now.get(what, 0), then.get(what, 0))
        for what in now.keys() | then.keys()
        if now.get(what, 0) != then.get(what, 0)
        and not (what in more and now.get(what, 0) > then.get(what, 0))
    }


def _posted(report: Report, play: Play, operation: Operation, place: str, said: str) -> None:
    """Each letter has gone out, once, also when its sender died with it in the hand."""
    folder = play.kept.media / "mail"
    if operation.act is not send_letters or not folder.exists():
        return
    ids = Counter(
        line
        for path in folder.iterdir()
        for line in path.read_text("utf-8", "replace").splitlines()
        if line.startswith("Message-ID: <jiebang.")
    )
    sent = notifications.Message.objects.filter(state="sent", channel="mail").count()
    twice = sum(number - 1 for number in ids.values())
    report.count("letters that went twice under one Message-ID", twice)
    report.expect(len(ids) == sent, f"{said}: {len(ids)} letters went out, {sent} rows say so")
    report.expect(not twice, f"{said}: {twice} went twice")


# The proof ---------------------------------------------------------------------------------------


def cells(play: Play) -> Iterator[tuple[Operation, str, int, str]]:
    """Every act × place, the first and the last time × mode."""
    for mode in MODES:
        for operation in OPERATIONS:
            if operation.name in play.known:
                for place, times in play.known[operation.name].passed.items():
                    for nth in sorted({1, times}):
                        yield operation, place, nth, mode


def complete(report: Report, play: Play) -> None:
    """Each place of the list is reached by some act."""
    for name in failpoints.POINTS.keys() - play.passed:
        report.fail(f"no act reaches {name}")
    report.figures |= {
        "failpoints": len(failpoints.POINTS),
        "of them reached": len(play.passed),
        "acts": len(play.known),
    }


def prove(report: Report, *, seconds: float) -> None:
    """All cells once, as far as the time goes."""
    watch = Watch(seconds)
    with (
        tempfile.TemporaryDirectory(prefix="jiebang-crash-") as folder,
        made(Path(folder)) as kept,
        kept.use(),
    ):
        play = played(kept)
        complete(report, play)
        everything, done = list(cells(play)), 0
        random.Random(report.name).shuffle(everything)  # a short run has something of all
        for operation, place, nth, mode in everything:
            if watch.is_up:
                break
            strike(report, play, operation, place, nth, mode)
            done += 1
        report.figures["cells"] = f"{done} of {len(everything)}"
