"""The pulse. Every task finds its work in rows; losing the broker loses nothing."""

import contextlib
import os
from pathlib import Path
from typing import Any

import celery
from celery.signals import worker_init

from portal import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
NICENESS = 15


class SealedTask(celery.Task):
    """Every task of the house. In a restored place that nobody has unsealed it does nothing.

    Tasks are the only senders and the only movers of the clock, so this is the one place that holds
    them all back. ``while_sealed`` marks the few that stay inside the house.
    """

    while_sealed = False

    def __call__(self, *args: Any, **options: Any) -> Any:
        from audit import restoring

        if not self.while_sealed and restoring.sealed() is not None:
            return None
        return super().__call__(*args, **options)


@worker_init.connect
def settle(**_given: Any) -> None:
    """Before the first task, and before any child of the worker is made."""
    warm.set_apart()
    give_way()


def give_way() -> None:
    """Leave the processors to whoever answers people: in the last minutes before a deadline papers
    and letters wait, and a worker takes what the web processes leave."""
    os.nice(NICENESS)
    with contextlib.suppress(OSError):  # Linux may weigh whole sessions instead of processes
        Path("/proc/self/autogroup").write_text(str(NICENESS))


app = celery.Celery("jiebang", task_cls=SealedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "render documents": {"task": "documents.tasks.render_documents", "schedule": 5.0},
    "sweep previews": {"task": "documents.tasks.sweep_previews", "schedule": 1800.0},
    "build packages": {
        "task": "documents.packages.tasks.build_packages",
        "schedule": 10.0,
    },
    "sweep packages": {
        "task": "documents.packages.tasks.sweep_packages",
        "schedule": 600.0,
    },
    "send messages": {"task": "notifications.tasks.send_messages", "schedule": 10.0},
    "chain the audit trail": {"task": "audit.tasks.chain_entries", "schedule": 10.0},
    "verify the audit trail when asked": {"task": "audit.tasks.run_checks", "schedule": 10.0},
    "sweep recommendations": {
        "task": "recommenders.tasks.sweep_recommendations",
        "schedule": 60.0,
    },
    "send reminders": {"task": "office.tasks.send_reminders", "schedule": 60.0},
    "remind of visits": {"task": "visits.tasks.remind_visits", "schedule": 600.0},
    "clear what is past its time": {"task": "office.tasks.purge_approved", "schedule": 60.0},
    "rehearse calls": {"task": "office.tasks.play_rehearsals", "schedule": 10.0},
    "take in experts": {"task": "reviews.tasks.take_in_experts", "schedule": 10.0},
    "remind experts": {"task": "reviews.tasks.remind_experts", "schedule": 600.0},
    "check evidence for viruses": {
        "task": "applications.tasks.check_files",
        "schedule": 60.0,
    },
    "sweep unfinished uploads": {"task": "applications.tasks.sweep_uploads", "schedule": 1800.0},
    "clear ended sessions": {"task": "accounts.tasks.clear_sessions", "schedule": 3600.0},
    "sweep deadlines": {"task": "applications.tasks.sweep_deadlines", "schedule": 60.0},
    "send surveys": {"task": "surveys.tasks.send_surveys", "schedule": 60.0},
    "sweep publicity": {"task": "outcomes.tasks.sweep_publicity", "schedule": 60.0},
    "remind testing agencies": {"task": "testing.tasks.remind_agencies", "schedule": 60.0},
    "send task reminders": {
        "task": "fulfilment.tasks.send_task_reminders",
        "schedule": 300.0,
    },
    "compare texts": {"task": "applications.tasks.compare_texts", "schedule": 300.0},
}
app.conf.task_routes = {
    "documents.*": {"queue": "documents"},
    "office.tasks.play_rehearsals": {"queue": "documents"},
    "notifications.*": {"queue": "letters"},
}
app.conf.task_default_queue = "sweeps"
