import json
import os
import sys
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from calls import programme as programmes
from calls import services as calls
from calls.models import CalendarDay
from office.rehearsal import sandbox
from office.rehearsal.judging import judge
from office.rehearsal.playing import Player
from office.rehearsal.report import Report


class Command(BaseCommand):
    help = "Play a call in the sandbox that rehearse_call makes. Refuses any other database."

    def handle(self, *args, **options):
        folder = os.environ.get("JIEBANG_REHEARSAL", "")
        name = str(connection.settings_dict["NAME"])
        if not folder or connection.vendor != "sqlite" or Path(name).parent != Path(folder):
            raise CommandError("only inside the sandbox of a rehearsal: use rehearse_call")
        assert Path(settings.MEDIA_ROOT).is_relative_to(folder)
        payload = json.load(sys.stdin)

        def tell(done, total, title):
            self.stderr.write(sandbox.told(done, total, title))

        tell(0, 0, "准备沙箱")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")  # nothing of it outlives the play
        call_command("migrate", verbosity=0, stdout=sys.stderr)
        CalendarDay.objects.bulk_create(
            CalendarDay(day=date.fromisoformat(day), working=working)
            for day, working in payload["calendar"].items()
        )
        programme = programmes.from_rules(payload["rules"])
        dates = {
            key: datetime.fromisoformat(text) if text else None
            for key, text in payload["dates"].items()
        }
        report, names = Report(), calls.NAMES
        judge(programme, dates, names, payload["facts"], report, overrides=calls.overrides())

        Player(programme, dates, report, at=timezone.now(), tell=tell).play()
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
