"""On PostgreSQL the digest of a call's rules stands beside them, kept by the database itself.

Nearly every request of an applicant asks for it; taking it anew each time cost a millisecond and
more. SQLite goes on taking it where it is asked for (``calls.models.rules_digest``).
"""

from django.db import migrations

MADE = (
    "ALTER TABLE calls_call ADD COLUMN rules_digest text "
    "GENERATED ALWAYS AS (md5(rules::text)) STORED"
)


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(MADE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE calls_call DROP COLUMN rules_digest")


class Migration(migrations.Migration):
    dependencies = [("calls", "0006_question_category")]
    operations = [migrations.RunPython(make, drop)]
