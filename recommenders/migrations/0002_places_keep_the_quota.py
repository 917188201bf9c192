"""The database keeps the quota: no place above its allotment's limit, none held by a stranger.

An ordinary place (``granted_for`` empty) has a number up to the allotment's limit; a limit is
never set below the ordinary places that exist; a granted place is held by the application it was
granted for. Together with the unique place of a live confirmation nothing can write one
recommendation more than there are places, whatever code path writes it.
"""

from django.db import migrations

POSTGRES = """
CREATE FUNCTION recommenders_place_fits() RETURNS trigger AS $body$
BEGIN
    IF NEW.granted_for_id IS NULL AND EXISTS (
        SELECT 1 FROM recommenders_allotment a
         WHERE a.id = NEW.allotment_id AND a."limit" IS NOT NULL AND NEW.number > a."limit"
    ) THEN
        RAISE EXCEPTION 'place above the limit: %', NEW.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $body$ LANGUAGE plpgsql;
CREATE TRIGGER recommenders_place_fits BEFORE INSERT OR UPDATE ON recommenders_place
    FOR EACH ROW EXECUTE FUNCTION recommenders_place_fits();

CREATE FUNCTION recommenders_limit_fits() RETURNS trigger AS $body$
BEGIN
    IF NEW."limit" IS NOT NULL AND EXISTS (
        SELECT 1 FROM recommenders_place p
         WHERE p.allotment_id = NEW.id AND p.granted_for_id IS NULL AND p.number > NEW."limit"
    ) THEN
        RAISE EXCEPTION 'limit below its places: %', NEW."limit"
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $body$ LANGUAGE plpgsql;
CREATE TRIGGER recommenders_limit_fits BEFORE UPDATE ON recommenders_allotment
    FOR EACH ROW EXECUTE FUNCTION recommenders_limit_fits();

CREATE FUNCTION recommenders_holder_fits() RETURNS trigger AS $body$
BEGIN
    IF NEW.released_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM recommenders_place p
         WHERE p.id = NEW.place_id AND p.allotment_id = NEW.allotment_id
           AND (p.granted_for_id IS NULL OR p.granted_for_id = NEW.application_id)
    ) THEN
        RAISE EXCEPTION 'place of another allotment or application: %', NEW.place_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $body$ LANGUAGE plpgsql;
CREATE TRIGGER recommenders_holder_fits BEFORE INSERT OR UPDATE ON recommenders_confirmation
    FOR EACH ROW EXECUTE FUNCTION recommenders_holder_fits();
"""

POSTGRES_BACK = """
DROP TRIGGER recommenders_place_fits ON recommenders_place;
DROP TRIGGER recommenders_limit_fits ON recommenders_allotment;
DROP TRIGGER recommenders_holder_fits ON recommenders_confirmation;
DROP FUNCTION recommenders_place_fits();
DROP FUNCTION recommenders_limit_fits();
DROP FUNCTION recommenders_holder_fits();
"""

PLACE = """
CREATE TRIGGER recommenders_place_{event} BEFORE {event} ON recommenders_place
WHEN NEW.granted_for_id IS NULL AND EXISTS (
    SELECT 1 FROM recommenders_allotment a
     WHERE a.id = NEW.allotment_id AND a."limit" IS NOT NULL AND NEW.number > a."limit")
BEGIN SELECT RAISE(ABORT, 'place above the limit'); END
"""
LIMIT = """
CREATE TRIGGER recommenders_limit_fits BEFORE UPDATE ON recommenders_allotment
WHEN NEW."limit" IS NOT NULL AND EXISTS (
    SELECT 1 FROM recommenders_place p
     WHERE p.allotment_id = NEW.id AND p.granted_for_id IS NULL AND p.number > NEW."limit")
BEGIN SELECT RAISE(ABORT, 'limit below its places'); END
"""
HOLDER = """
CREATE TRIGGER recommenders_holder_{event} BEFORE {event} ON recommenders_confirmation
WHEN NEW.released_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM recommenders_place p
     WHERE p.id = NEW.place_id AND p.allotment_id = NEW.allotment_id
       AND (p.granted_for_id IS NULL OR p.granted_for_id = NEW.application_id))
BEGIN SELECT RAISE(ABORT, 'place of another allotment or application'); END
"""
SQLITE = [
    PLACE.format(event="insert"),
    PLACE.format(event="update"),
    LIMIT,
    HOLDER.format(event="insert"),
    HOLDER.format(event="update"),
]
SQLITE_NAMES = [
    "recommenders_place_insert",
    "recommenders_place_update",
    "recommenders_limit_fits",
    "recommenders_holder_insert",
    "recommenders_holder_update",
]


def forwards(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRES, params=None)
    else:
        for statement in SQLITE:
            editor.execute(statement, params=None)


def backwards(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRES_BACK, params=None)
    else:
        for name in SQLITE_NAMES:
            editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("recommenders", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
