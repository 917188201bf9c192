from pathlib import Path
from statistics import median
from time import perf_counter

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from audit.services import Actor
from policies import queries, services, verification, words
from policies.models import Node
from policies.parsing import parse
from policies.queries import Wanted

ROUNDS, PAGE, MOST_MS = 20, 20, 50


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
            wrong += self._timed()
            transaction.set_rollback(True)
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("all counts agree")

    def _timed(self) -> list[str]:
        """Searches on the whole library, first page of hits included, in milliseconds."""
        asked = [*verification.WORDS, *verification.PHRASES]
        took = []
        for _ in range(ROUNDS):
            for text in asked:
                wanted = Wanted(query=words.query(text))
                began = perf_counter()
                queries.hits(queries.search(wanted)[:PAGE], wanted.query)
                took.append((perf_counter() - began) * 1000)
        middle, slowest = median(took), max(took)
        self.stdout.write(
            f"{len(asked)} searches × {ROUNDS} on {connection.vendor}: "
            f"median {middle:.1f} ms, slowest {slowest:.1f} ms"
        )
        return [f"a search takes {middle:.0f} ms"] if middle >= MOST_MS else []
