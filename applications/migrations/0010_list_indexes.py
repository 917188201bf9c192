"""What the list of a call's filings stands on, at any size: its order, its count, its search."""

from django.db import migrations, models

from core import searching

COLUMNS = ("title", "number")


def make(apps, editor):
    for column in COLUMNS:
        searching.index(editor, "applications_application", column)


def drop(apps, editor):
    for column in COLUMNS:
        searching.unindex(editor, "applications_application", column)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_names_found"),
        ("applications", "0009_results_hidden"),
    ]
    operations = [
        migrations.AddIndex(
            "application",
            models.Index(
                name="application_newest",
                fields=["call", "-submitted_at", "-id"],
                condition=models.Q(version_number__gt=0),
            ),
        ),
        migrations.AddIndex(
            "application",
            models.Index(
                name="application_submitted",
                fields=["call", "status"],
                condition=models.Q(version_number__gt=0),
            ),
        ),
        migrations.RunPython(make, drop),
    ]
