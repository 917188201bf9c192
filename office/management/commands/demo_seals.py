from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from accounts.roles import Role
from office.demo import seals


class Command(BaseCommand):
    help = (
        "Make a 演示专用 seal with a self-signed demonstration certificate for each recommender "
        "that has two people and no electronic seal (demo only, no legal effect)."
    )

    def handle(self, *args, **options):
        if not settings.JIEBANG_DEMO:
            raise CommandError("only with JIEBANG_DEMO=1")
        units = Organisation.objects.filter(memberships__role=Role.REC_APPROVER).distinct()
        made = seals.make(list(units.order_by("pk")), at=timezone.now())
        for seal in made:
            self.stdout.write(f"{seal.organisation.name}：演示印章和演示证书，不具法律效力")
        self.stdout.write(f"共 {len(made)} 枚。")
