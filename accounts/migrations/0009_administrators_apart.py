"""One person holds one of the three roles of administration and audit."""

from django.db import migrations, models

APART = ["system_admin", "security_admin", "auditor"]


def somebody_must_choose(apps, schema_editor):
    """Which of two such roles a person gives up, no program can know: stop and name them."""
    Membership = apps.get_model("accounts", "Membership")
    held = Membership.objects.filter(role__in=APART, valid_until=None)
    several = (
        held.values("user_id")
        .annotate(n=models.Count("id"))
        .filter(n__gt=1)
        .order_by("user_id")
        .values_list("user__email", flat=True)
    )
    if several:
        raise RuntimeError(
            "before this version, end all but one of the roles of system administrator, security "
            f"administrator and auditor (人员 page) of: {', '.join(several)}"
        )


class Migration(migrations.Migration):

    dependencies = [("accounts", "0008_hash_recovery_codes")]

    operations = [
        migrations.RunPython(somebody_must_choose, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("role__in", APART), ("valid_until__isnull", True)),
                fields=("user",),
                name="membership_administrators_apart",
            ),
        ),
    ]
