"""The caps, kept by the database whatever code or hand writes to it.

A selection holds a slot of every cap of its call and tier: of its own direction and sub-field,
and not one that was granted to another application. A slot lies under its cap, or was granted
above a soft one. A cap cannot be lowered below slots that stand.
"""

from django.db import migrations

WORDS = {
    "outcomes_decision": "selection without a slot under the cap",
    "outcomes_slot": "slot above the cap",
    "outcomes_slotgroup": "cap below its slots",
}


def _without_slot(kind: str) -> str:
    here = {
        "call": "",
        "direction": " AND g.direction_id = a.direction_id",
        "subfield": " AND g.direction_id = a.direction_id AND g.subfield_id = a.subfield_id",
    }[kind]
    column = f"NEW.{kind}_slot_id"
    return f"""(
      ({column} IS NOT NULL OR EXISTS (
        SELECT 1 FROM outcomes_slotgroup g
        JOIN applications_application a ON a.call_id = g.call_id
        WHERE a.id = NEW.application_id AND g.tier = NEW.tier AND g.kind = '{kind}'))
      AND NOT EXISTS (
        SELECT 1 FROM outcomes_slot s
        JOIN outcomes_slotgroup g ON g.id = s.group_id
        JOIN applications_application a ON a.call_id = g.call_id
        WHERE s.id = {column} AND a.id = NEW.application_id
          AND g.tier = NEW.tier AND g.kind = '{kind}'{here}
          AND (s.granted_for_id IS NULL OR s.granted_for_id = NEW.application_id)))"""


CONDITIONS = {
    "outcomes_decision": (
        "NEW.outcome = 'select' AND NEW.state <> 'revoked' AND ("
        + " OR ".join(_without_slot(kind) for kind in ("call", "direction", "subfield"))
        + ")"
    ),
    "outcomes_slot": """EXISTS (
        SELECT 1 FROM outcomes_slotgroup g WHERE g.id = NEW.group_id
          AND ((NEW.granted_for_id IS NULL AND NEW.number > g."limit")
            OR (NEW.granted_for_id IS NOT NULL AND NOT g.soft)))""",
    "outcomes_slotgroup": """EXISTS (
        SELECT 1 FROM outcomes_slot s WHERE s.group_id = NEW.id
          AND s.granted_for_id IS NULL AND s.number > NEW."limit")""",
}


def _names(table: str) -> tuple[str, ...]:
    return tuple(f"{table}_cap_{act}" for act in ("insert", "update"))


def forwards(apps, schema_editor) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for table, condition in CONDITIONS.items():
        if postgres:
            schema_editor.execute(
                f"""CREATE FUNCTION {table}_cap() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF {condition} THEN
                    RAISE EXCEPTION '{WORDS[table]}' USING ERRCODE = 'check_violation';
                  END IF;
                  RETURN NEW;
                END $$"""
            )
            schema_editor.execute(
                f"CREATE TRIGGER {table}_cap BEFORE INSERT OR UPDATE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_cap()"
            )
            continue
        for name, act in zip(_names(table), ("INSERT", "UPDATE"), strict=True):
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{WORDS[table]}'); END"
            )


def backwards(apps, schema_editor) -> None:
    for table in CONDITIONS:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_cap ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_cap()")
            continue
        for name in _names(table):
            schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0001_initial"),
        ("applications", "0003_deadline_trigger"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
