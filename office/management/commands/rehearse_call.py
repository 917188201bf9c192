from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from calls.models import Call
from core.errors import Refusal
from office.rehearsal import facts, sandbox
from office.rehearsal.report import RESULTS


class Command(BaseCommand):
    help = (
        "Play a whole call with made-up people on a moved clock in a database of its own that is "
        "thrown away, and report its dead ends. Real data is only read; no letter goes out."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", help="code of the call")

    def handle(self, *args, code, **options):
        call = Call.objects.filter(code=code).first()
        if call is None:
            raise CommandError(f"no call {code}")
        try:
            report = sandbox.run(facts.of(call, at=timezone.now()))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for step in report["steps"]:
            said = "；".join(step["words"])
            self.stdout.write(f"{RESULTS[step['result']]}　{step['title']}　{said}")
        for title, key in (("走不通", "dead_ends"), ("提醒", "warnings")):
            for one in report[key]:
                self.stdout.write(f"{title}：{one['words']}。{one['way_out']}")
        for subject, count in report["letters"].items():
            self.stdout.write(f"信件：{subject} {count} 封")
        self.stdout.write(f"走不通 {len(report['dead_ends'])} 处。")
