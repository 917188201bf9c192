import sys

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.roles import ADMIN, Role
from audit.services import Actor
from core.errors import Refusal
from office import rescuing


class Command(BaseCommand):
    help = (
        "When no security administrator (or, with --role, no system administrator) can sign in: "
        "invite a new one by e-mail, with a reason and two witnesses that stay in the trail. No "
        "password is made and no link is shown. What is not given is asked for."
    )

    def add_arguments(self, parser):
        parser.add_argument("--role", choices=ADMIN, default=Role.SECURITY_ADMIN)
        parser.add_argument("--email", default="")
        parser.add_argument("--name", default="")
        parser.add_argument("--reason", default="")
        parser.add_argument("--witness", action="append", default=[], help="give it twice")
        parser.add_argument(
            "--although-one-is-there",
            action="store_true",
            help="also when an administrator of this kind could sign in",
        )

    def handle(self, *args, role, email, name, reason, witness, although_one_is_there, **options):
        at = timezone.now()
        role = Role(role)
        there = rescuing.living(role, at=at)
        if there and not although_one_is_there:
            names = ", ".join(user.name for user in there)
            raise CommandError(
                f"nothing was done: {names} can sign in; or say --although-one-is-there"
            )
        email = email or self._ask("E-mail of the new administrator: ")
        name = name or self._ask("Their name: ")
        reason = reason or self._ask("Reason, in a sentence: ")
        while len(witness) < 2:
            witness = [*witness, self._ask(f"Name of witness {len(witness) + 1}: ")]
        try:
            link = rescuing.call_in(
                role=role,
                email=email,
                name=name,
                reason=reason,
                witnesses=(witness[0], witness[1]),
                although_one_is_there=although_one_is_there,
                actor=Actor("system"),
                at=at,
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{link.name}: the activation letter to {link.email} is in the outbox, good until "
            f"{link.expires_at:%Y-%m-%d %H:%M} UTC. The entry of the trail is written."
        )

    def _ask(self, question: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError(f"not given: {question.rstrip(': ')}")
        return input(question).strip()
