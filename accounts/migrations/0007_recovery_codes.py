"""Recovery codes are kept as salted hashes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts import recovery


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0006_absences"),
    ]

    operations = [
        migrations.CreateModel(
            name="RecoverySet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                ("throttling_failure_timestamp", models.DateTimeField(blank=True, default=None, help_text="A timestamp of the last failed verification attempt. Null if last attempt succeeded.", null=True)),
                ("throttling_failure_count", models.PositiveIntegerField(default=0, help_text="Number of successive failed attempts.")),
                ("salt", models.CharField(default=recovery.salt, max_length=32)),
                ("user", models.ForeignKey(help_text="The user that this device belongs to.", on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "恢复码",
                "constraints": [models.UniqueConstraint(fields=("user",), name="recovery_set_once")],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("of", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="accounts.recoveryset")),
            ],
            options={
                "verbose_name": "未用的恢复码",
                "constraints": [models.UniqueConstraint(fields=("of", "digest"), name="recovery_code_once")],
            },
        ),
    ]
