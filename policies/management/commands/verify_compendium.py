from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from audit.services import Actor
from policies import queries, services, verification, words
from policies.models import Node
from policies.parsing import parse
from policies.queries import Wanted


class Command(BaseCommand):
    help = (
        "Check the compendium of January 2022 against the numbers counted by hand: zones, "
        "policies, parts, articles, lines in and out, and words found against a plain scan. "
        "Imports inside a transaction that is rolled back."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *args, file, **options):
        at = timezone.now()
        try:
            data = file.read_bytes()
        except OSError as problem:
            raise CommandError(f"cannot read {file}: {problem.strerror}") from problem
        text = data.decode("utf-8-sig")
        wrong = verification.check(text)
        with transaction.atomic():
            actor = Actor("system")
            run = services.preview(data, name=file.name, actor=actor, at=at)
            services.apply(run, actor=actor, at=at)
            found = parse(text)
            for word in verification.WORDS:
                keys = queries.search(Wanted(query=words.query(word)))
                hits = set(Node.objects.filter(pk__in=keys).values_list("policy__key", "path"))
                scanned = verification.scan(text, found, word)
                self.stdout.write(f"{word}: {len(hits)} found, {len(scanned)} by a plain scan")
                if hits != scanned:
                    wrong.append(f"{word}: {sorted(hits ^ scanned)}")
            transaction.set_rollback(True)
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("all counts agree")
