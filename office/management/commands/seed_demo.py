import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from calls.models import Call
from office.demo import (
    beside,
    cast,
    desk,
    finished,
    meeting,
    next_call,
    proofs,
    seals,
    season,
    testing,
    working,
)

SEALED = 3
"""How many recommenders have an electronic seal from the start; ``demo_seals`` makes the rest."""


class Command(BaseCommand):
    help = "Fill an empty database with a lively season, made through the services (demo only)."

    def handle(self, *args, **options):
        if not settings.JIEBANG_DEMO:
            raise CommandError("only with JIEBANG_DEMO=1")
        if Call.objects.exists():
            self.stdout.write("演示数据已在。")
            return
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=OFF")
        begun = time.monotonic()
        at = timezone.now()
        people = cast.build(at=at)
        seals.make(people.recommenders[:SEALED], at=at)
        proofs.make(people, at=at)
        beside.library(at=at)
        beside.survey(people, at=at)
        for call in season.play(people, at=at):
            count = call.applications.count()
            self.stdout.write(f"{call.title}：申报 {count} 项 {time.monotonic() - begun:.0f} 秒")
        meeting.hold(people, at=at)
        testing.round_under_test(people, at=at)
        working.round_at_work(people, at=at)
        finished.round_over(people, at=at)
        desk.make(people, Call.objects.order_by("pk")[0], at=at)
        next_call.prepare(people, Call.objects.order_by("pk")[0], at=at)
