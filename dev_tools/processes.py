"""The processes of an installation that run our own code, in one table.

`dev.py cluster` starts them, docker-compose.yml is compared with them by a test.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """One kind of process. `service` is its name in the compose file, `count` how many of it.

    In `words`, {bind}, {workers}, {tasks}, {pulse} and {backups} stand for what differs from place
    to place: where the web listens, its worker processes, tasks at once, the file of beat, and the
    folder of the backups.
    """

    service: str
    count: int
    words: tuple[str, ...]
    queues: tuple[str, ...] = ()

    def command(self, **places: str) -> list[str]:
        """The whole command line, with the places filled in."""
        queues = ("--queues", ",".join(self.queues)) if self.queues else ()
        return [word.format(**places) for word in (*self.words, *queues)]


WORKER = ("celery", "-A", "portal", "worker", "-c", "{tasks}", "--hostname")

TABLE = (
    Process(
        "web",
        2,
        (
            *("gunicorn", "portal.wsgi", "--bind", "{bind}", "--workers", "{workers}"),
            *("--timeout", "60", "--graceful-timeout", "30", "--no-control-socket"),
        ),
    ),
    # Drawing PDFs takes whole seconds of a processor: letters and clock steps never wait for it.
    Process("papers", 1, (*WORKER, "papers@%h"), queues=("documents",)),
    Process("worker", 1, (*WORKER, "worker@%h"), queues=("letters", "sweeps")),
    Process("beat", 1, ("celery", "-A", "portal", "beat", "--schedule", "{pulse}")),
    Process(
        "backup",
        1,
        (
            *("python", "manage.py", "backup", "--into", "{backups}"),
            *("--every", "24", "--keep", "14"),
        ),
    ),
)
GRACE_SECONDS = 60
"""How long a process is given to end what it is doing. Compose's stop_grace_period."""


def named(service: str) -> Process:
    return next(process for process in TABLE if process.service == service)
