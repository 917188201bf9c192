from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from office.demo import links


class Command(BaseCommand):
    help = "Print one-time login links for each role, and write var/demo-links.json (demo only)."

    def handle(self, *args, **options):
        entries = links.make(at=timezone.now())
        links.write(entries, settings.VAR / "demo-links.json")
        for entry in entries:
            self.stdout.write(f"{entry.label}　{entry.person}　{entry.unit}\n    {entry.url}")
