"""The caps of both stages, kept by the database whatever code or hand writes to it.

What 0002 held for selections holds for awards too, and each stage has slots of its own: a selection
holds none of the award's, an award none of the selection's, so that a slot is held once.
"""

from django.db import migrations

WORDS = {
    "outcomes_decision": "selection without a slot under the cap",
    "outcomes_award": "award without a slot under the cap",
    "outcomes_slot": "slot above the cap",
    "outcomes_slotgroup": "cap below its slots",
}


def _without_slot(kind: str, stage: str) -> str:
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
        WHERE s.id = {column} AND a.id = NEW.application_id AND g.stage = '{stage}'
          AND g.tier = NEW.tier AND g.kind = '{kind}'{here}
          AND (s.granted_for_id IS NULL OR s.granted_for_id = NEW.application_id)))"""


def _chosen(outcome: str, stage: str) -> str:
    kinds = " OR ".join(_without_slot(kind, stage) for kind in ("call", "direction", "subfield"))
    return f"NEW.outcome = '{outcome}' AND NEW.state <> 'revoked' AND ({kinds})"


CONDITIONS = {
    "outcomes_decision": _chosen("select", "selection"),
    "outcomes_award": _chosen("win", "award"),
    "outcomes_slot": """EXISTS (
        SELECT 1 FROM outcomes_slotgroup g WHERE g.id = NEW.group_id
          AND ((NEW.granted_for_id IS NULL AND NEW.number > g."limit")
            OR (NEW.granted_for_id IS NOT NULL AND NOT g.soft)))""",
    "outcomes_slotgroup": """EXISTS (
        SELECT 1 FROM outcomes_slot s WHERE s.group_id = NEW.id
          AND s.granted_for_id IS NULL AND s.number > NEW."limit")""",
}


def name_stages(apps, schema_editor) -> None:
    """Which of the caps there are belong to an award: the call's own rules say it."""
    Call = apps.get_model("calls", "Call")
    SlotGroup = apps.get_model("outcomes", "SlotGroup")
    for call in Call.objects.all():
        tiers = ((call.rules or {}).get("decision") or {}).get("tiers") or ()
        awards = [tier["key"] for tier in tiers if tier.get("stage") == "award"]
        SlotGroup.objects.filter(call=call, tier__in=awards).update(stage="award")


def make_triggers(apps, schema_editor) -> None:
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
        for act in ("INSERT", "UPDATE"):
            schema_editor.execute(
                f"CREATE TRIGGER {table}_cap_{act.lower()} BEFORE {act} ON {table} FOR EACH ROW "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{WORDS[table]}'); END"
            )


def drop_triggers(apps, schema_editor) -> None:
    for table in CONDITIONS:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_cap ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_cap()")
            continue
        for act in ("insert", "update"):
            schema_editor.execute(f"DROP TRIGGER {table}_cap_{act}")


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0004_award")]

    operations = [
        migrations.RunPython(name_stages, migrations.RunPython.noop),
        migrations.RunPython(make_triggers, drop_triggers),
    ]
