"""Short messages go out through an adapter: one class with one method, named in the settings.

    class Gateway:
        def send(self, phone: str, text: str) -> str: ...

``send`` hands one message over and gives the gateway's own reference; whatever it raises is a
failed attempt and is tried again later.
``JIEBANG_SMS_BACKEND`` is its dotted path; empty: no short messages are written at all.
``FileGateway`` keeps them as files, for demonstrations and tests.
"""

import re
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string

TEXT_AT_MOST = 300
NUMBERS = re.compile(r"\d{7,}")


class Gateway(Protocol):
    def send(self, phone: str, text: str) -> str: ...


def gateway() -> Gateway | None:
    """The gateway of this installation; None when there is none."""
    path = settings.JIEBANG_SMS_BACKEND
    found: Gateway | None = import_string(path)() if path else None
    return found


def is_on() -> bool:
    return bool(settings.JIEBANG_SMS_BACKEND)


def masked(text: str) -> str:
    """Without the middle of any telephone number."""
    return NUMBERS.sub(lambda m: f"{m[0][:3]}{'*' * (len(m[0]) - 7)}{m[0][-4:]}", text)


class FileGateway:
    """Each message is a file in ``JIEBANG_SMS_FOLDER``, the number masked."""

    def send(self, phone: str, text: str) -> str:
        folder = Path(settings.JIEBANG_SMS_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        reference = get_random_string(12)
        (folder / f"{reference}.txt").write_text(
            f"收件人：{masked(phone)}\n\n{text}\n", encoding="utf-8"
        )
        return f"file:{reference}"
