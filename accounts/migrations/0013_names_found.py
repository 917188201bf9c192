"""Finding a unit by a part of its name: see ``core.searching``."""

from django.db import migrations

from core import searching

FUNCTIONS = (
    """
CREATE FUNCTION jiebang_grams(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
  SELECT ARRAY(
    SELECT substr(words, i, n)
    FROM generate_series(2, 3) AS n, generate_series(1, char_length(words) - n + 1) AS i)
$$""",
    """
CREATE FUNCTION jiebang_asked(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ARRAY(
    SELECT substr(words, i, n)
    FROM (SELECT least(greatest(char_length(words), 2), 3) AS n) AS size,
         generate_series(1, char_length(words) - n + 1) AS i)
$$""",
)
"""The runs a text has, and those a searched text must find: the longer ones where it has any.

The cost makes the database look at a text itself before it works out the runs of its row."""


def make(apps, editor):
    if editor.connection.vendor == "postgresql":
        for function in FUNCTIONS:
            editor.execute(function)
    searching.index(editor, "accounts_organisation", "name")


def drop(apps, editor):
    searching.unindex(editor, "accounts_organisation", "name")
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION jiebang_asked(text)")
        editor.execute("DROP FUNCTION jiebang_grams(text)")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_lock_authenticators")]
    operations = [migrations.RunPython(make, drop)]
