from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import links, masterdata, services
from accounts.models import Organisation
from accounts.roles import Role
from audit.services import Actor


class Command(BaseCommand):
    help = (
        "Start an empty installation: the local recommenders, the ministry's unit, and one-use "
        "activation links for its first approver and system administrator. No password is made."
    )

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="name of the ministry's department")
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)

    @transaction.atomic
    def handle(self, *args, unit, email, name, **options):
        at, actor = timezone.now(), Actor("system")
        if Organisation.objects.filter(kind=Organisation.Kind.OFFICE).exists():
            raise CommandError("the ministry's unit is there already; its people invite others")
        masterdata.load_recommenders(actor=actor, at=at)
        office = Organisation.objects.create(
            kind=Organisation.Kind.OFFICE, name=unit, region="110000", created_at=at
        )
        for role in (Role.OFFICE_APPROVER, Role.SYSTEM_ADMIN):
            link = services.invite(
                organisation=office, role=role, email=email, name=name, actor=actor, at=at
            )
            self.stdout.write(f"{role.label}: {links.url(link)}")
