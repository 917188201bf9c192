"""What the mail server has taken, said on disk at once, before the database hears of it.

Between the server's answer and the COMMIT that calls a letter sent lie milliseconds, or as long as
the database is away; a sender that dies meanwhile would leave a letter that goes a second time. A
small file outlives the process, and whoever sends next on this machine says for it that the letter
has gone. The file is empty but for the gateway's reference and goes when the database knows.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from notifications.models import Message

FOLDER = "handed-over"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Left:
    """A letter that has gone at this attempt and may not say so; ``mark`` stands for its key."""

    message: int
    attempt: int
    mark: str
    reference: str
    path: Path


def note(message: Message, reference: str) -> None:
    """The server has it. One small write: it outlives the process, not the machine.

    Where it cannot be written the letter has gone all the same, and is told as such.
    """
    path = path_of(message)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(reference[:100], "utf-8")
    except OSError:
        log.exception("letter %s has gone, and no note of it can be written", message.pk)


def forget(path: Path) -> None:
    """The database knows."""
    with suppress(OSError):
        path.unlink()


def left() -> Iterator[Left]:
    """What senders of this machine have noted and not forgotten, those at work among them."""
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    for path in sorted(folder.glob("*-*-*")) if folder.is_dir() else ():
        with suppress(ValueError, OSError):
            pk, attempt, mark = path.name.split("-")
            yield Left(int(pk), int(attempt), mark, path.read_text("utf-8"), path)


def mark_of(message: Message) -> str:
    """A restored database may give the same number to another letter; its key is another one."""
    return hashlib.sha256(message.key.encode()).hexdigest()[:16]


def path_of(message: Message) -> Path:
    name = f"{message.pk}-{message.attempts}-{mark_of(message)}"
    return Path(settings.MEDIA_ROOT) / FOLDER / name
