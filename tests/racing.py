"""Acts at the same moment, each in a thread and on a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection

from core.errors import Refusal


def together(*acts: Callable[[], object]) -> list[str]:
    """Run the acts at once. What each was refused with, "" for one that went through."""
    barrier, said = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number: int) -> None:
        try:
            barrier.wait()
            acts[number]()
        except Refusal as refusal:
            said[number] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said
