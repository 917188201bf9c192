from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.services import Actor
from core.errors import Refusal
from policies import services


class Command(BaseCommand):
    help = (
        "Import a policy compendium (UTF-8 text). Applying the same file again changes nothing; "
        "--preview only says what would change."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--preview", action="store_true")

    def handle(self, *args, file, preview, **options):
        at, actor = timezone.now(), Actor("system")
        try:
            data = file.read_bytes()
        except OSError as problem:
            raise CommandError(f"cannot read {file}: {problem.strerror}") from problem
        try:
            run = services.preview(data, name=file.name, actor=actor, at=at)
            if not preview:
                run = services.apply(run, actor=actor, at=at)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        report = run.report
        self.stdout.write(
            f"{report['zones']} zones, {report['policies']} policies, {report['nodes']} nodes "
            f"from {report['lines']} lines"
        )
        self.stdout.write(
            f"added {report['added']}, changed {report['changed']}, "
            f"removed {report['removed']}, unchanged {report['same']}"
        )
        for kind, count in report["repairs"].items():
            self.stdout.write(f"repaired {kind}: {count}")
        if report["unplaced"]:
            self.stdout.write("lines without a place: " + ", ".join(map(str, report["unplaced"])))
        for title in report["missing"]:
            self.stdout.write(f"in the contents, not in the body: {title}")
