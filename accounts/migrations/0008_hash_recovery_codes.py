"""Recovery codes that were kept in clear are hashed; those that people hold go on working."""

from django.db import migrations

from accounts import recovery


def hash_those_in_use(apps, schema_editor):
    """Half a second for each person who has codes: scrypt takes its time."""
    Device = apps.get_model("otp_static", "StaticDevice")
    Set = apps.get_model("accounts", "RecoverySet")
    Code = apps.get_model("accounts", "RecoveryCode")
    for old in Device.objects.filter(confirmed=True).order_by("pk"):
        made, _ = Set.objects.get_or_create(
            user_id=old.user_id,
            defaults={
                "name": old.name,
                "salt": recovery.salt(),
                "throttling_failure_timestamp": old.throttling_failure_timestamp,
                "throttling_failure_count": old.throttling_failure_count,
            },
        )
        kept = set(made.codes.values_list("digest", flat=True))
        held = {recovery.digest(one.token, made.salt) for one in old.token_set.all()}
        Code.objects.bulk_create(Code(of=made, digest=one) for one in sorted(held - kept))
    Device.objects.all().delete()  # and with them their codes in clear


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0007_recovery_codes"),
        ("otp_static", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(hash_those_in_use, migrations.RunPython.noop)]
