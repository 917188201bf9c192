"""Secrets of authenticators that were kept in clear are locked; those that people hold go on."""

from django.db import migrations

from accounts import totp


def lock_them(apps, schema_editor):
    Device = apps.get_model("otp_totp", "TOTPDevice")
    Authenticator = apps.get_model("accounts", "Authenticator")
    usual = {"step": 30, "t0": 0, "digits": 6}
    for old in Device.objects.filter(**usual).order_by("pk").iterator():
        made = Authenticator.objects.create(
            user_id=old.user_id,
            name=old.name,
            confirmed=old.confirmed,
            secret=totp.sealed(bytes.fromhex(old.key), user=old.user_id),
            drift=old.drift,
            last_t=old.last_t,
            throttling_failure_timestamp=old.throttling_failure_timestamp,
            throttling_failure_count=old.throttling_failure_count,
            last_used_at=old.last_used_at,
        )
        Authenticator.objects.filter(pk=made.pk).update(created_at=old.created_at)
    Device.objects.all().delete()  # the house made none but usual ones


def open_them(apps, schema_editor):
    Device = apps.get_model("otp_totp", "TOTPDevice")
    Authenticator = apps.get_model("accounts", "Authenticator")
    for one in Authenticator.objects.order_by("pk").iterator():
        Device.objects.create(
            user_id=one.user_id,
            name=one.name,
            confirmed=one.confirmed,
            key=totp.opened(one.secret, user=one.user_id).hex(),
            drift=one.drift,
            last_t=one.last_t,
        )
    Authenticator.objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0011_authenticators"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(lock_them, open_them)]
