"""The index of the search: a phrase index over the bigram column, kept by the database itself.

SQLite: an FTS5 table beside ``policies_node``, kept by triggers. A later migration that rebuilds
``policies_node`` on SQLite must drop and make the index again.
PostgreSQL: a stored ``tsvector`` with a GIN index.
"""

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE policies_search USING fts5(bigrams, content='policies_node', "
    "content_rowid='id', tokenize='unicode61')",
    "CREATE TRIGGER policies_search_insert AFTER INSERT ON policies_node BEGIN "
    "INSERT INTO policies_search(rowid, bigrams) VALUES (NEW.id, NEW.bigrams); END",
    "CREATE TRIGGER policies_search_delete AFTER DELETE ON policies_node BEGIN "
    "INSERT INTO policies_search(policies_search, rowid, bigrams) "
    "VALUES ('delete', OLD.id, OLD.bigrams); END",
    "CREATE TRIGGER policies_search_update AFTER UPDATE ON policies_node "
    "WHEN OLD.bigrams <> NEW.bigrams BEGIN "
    "INSERT INTO policies_search(policies_search, rowid, bigrams) "
    "VALUES ('delete', OLD.id, OLD.bigrams); "
    "INSERT INTO policies_search(rowid, bigrams) VALUES (NEW.id, NEW.bigrams); END",
)
SQLITE_BACK = (
    "DROP TRIGGER IF EXISTS policies_search_insert",
    "DROP TRIGGER IF EXISTS policies_search_delete",
    "DROP TRIGGER IF EXISTS policies_search_update",
    "DROP TABLE IF EXISTS policies_search",
)
POSTGRES = (
    "ALTER TABLE policies_node ADD COLUMN search tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, bigrams)) STORED",
    "CREATE INDEX policies_node_search ON policies_node USING gin (search)",
)
POSTGRES_BACK = ("ALTER TABLE policies_node DROP COLUMN search",)


def _run(schema_editor, sqlite, postgres):
    for statement in {"sqlite": sqlite, "postgresql": postgres}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def make(apps, schema_editor):
    _run(schema_editor, SQLITE, POSTGRES)


def drop(apps, schema_editor):
    _run(schema_editor, SQLITE_BACK, POSTGRES_BACK)


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
