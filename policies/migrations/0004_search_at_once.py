"""On PostgreSQL a new article stands in the index of the search itself at once.

By default GIN keeps new rows in a list beside the index, which each search reads whole until a
vacuum merges it: 400 pages after an import of the library. It is read far more than it is written.
"""

from django.db import migrations

AT_ONCE = "ALTER INDEX policies_node_search SET (fastupdate = off)"
MERGED = "SELECT gin_clean_pending_list('policies_node_search'::regclass)"
BACK = "ALTER INDEX policies_node_search RESET (fastupdate)"


def set_at_once(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(AT_ONCE)
        schema_editor.execute(MERGED)


def set_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BACK)


class Migration(migrations.Migration):
    dependencies = [("policies", "0003_rules_cite")]
    operations = [migrations.RunPython(set_at_once, set_back)]
