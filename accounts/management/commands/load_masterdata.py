from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import masterdata
from audit.services import Actor


class Command(BaseCommand):
    help = "Make the 37 local recommenders. Running it again adds nothing."

    def handle(self, *args, **options):
        made = masterdata.load_recommenders(actor=Actor("system"), at=timezone.now())
        self.stdout.write(f"{made} units made")
