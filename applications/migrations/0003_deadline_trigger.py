"""The database itself refuses a submission that is not before the deadline in force.

The deadline is the call's, or the earlier one of a level of the application's own chain; an
approved extension wins; while a filing is returned its correction time counts when later. The
call's own clock (``clock_offset``) is added to the database's. ``arrived_at`` is in the call's
own time already. The grace after the deadline is ten minutes (``calls.phases.GRACE``).
"""

from django.db import migrations

POSTGRES = """
CREATE FUNCTION applications_version_in_time() RETURNS trigger AS $body$
DECLARE
    ending timestamptz;
    moved interval;
    base timestamptz;
    extended timestamptz;
    corrected timestamptz;
BEGIN
    SELECT c.filing_until, c.clock_offset,
           CASE WHEN a.status = 'returned' THEN a.correction_until END,
           (SELECT max(e.until) FROM calls_extension e
             WHERE e.call_id = c.id AND e.key = 'filing' AND e.state = 'approved'
               AND e.organisation_id IN
                   (a.organisation_id, a.recommender_id, a.preselector_id, p.parent_id)),
           least(c.filing_until, (SELECT min(d.until) FROM calls_leveldate d
             WHERE d.call_id = c.id AND d.key = 'filing'
               AND d.organisation_id IN (a.recommender_id, a.preselector_id, p.parent_id)))
      INTO base, moved, corrected, extended, ending
      FROM applications_application a
      JOIN calls_call c ON c.id = a.call_id
      LEFT JOIN accounts_organisation p ON p.id = a.preselector_id
     WHERE a.id = NEW.application_id;
    IF extended IS NOT NULL THEN
        ending := greatest(extended, base);
    END IF;
    ending := greatest(ending, corrected);
    IF ending IS NULL OR NEW.arrived_at >= ending THEN
        RAISE EXCEPTION 'late filing: arrived %, the deadline is %', NEW.arrived_at, ending
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF clock_timestamp() + moved > ending + interval '10 minutes' THEN
        RAISE EXCEPTION 'late filing: written more than the grace after %', ending
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $body$ LANGUAGE plpgsql;
CREATE TRIGGER applications_version_in_time BEFORE INSERT ON applications_version
    FOR EACH ROW EXECUTE FUNCTION applications_version_in_time();
"""

POSTGRES_BACK = """
DROP TRIGGER applications_version_in_time ON applications_version;
DROP FUNCTION applications_version_in_time();
"""

# SQLite keeps instants as UTC text, whose order is that of time, and durations as microseconds.
ENDING = """
SELECT max(
         coalesce(corrected, ''),
         coalesce(CASE WHEN extended IS NOT NULL THEN max(extended, coalesce(base, ''))
              ELSE min(base, coalesce(level, base)) END, '')
       )
  FROM (
    SELECT c.filing_until AS base,
           CASE WHEN a.status = 'returned' THEN a.correction_until END AS corrected,
           (SELECT max(e.until) FROM calls_extension e
             WHERE e.call_id = c.id AND e.key = 'filing' AND e.state = 'approved'
               AND e.organisation_id IN
                   (a.organisation_id, a.recommender_id, a.preselector_id, p.parent_id)
           ) AS extended,
           (SELECT min(d.until) FROM calls_leveldate d
             WHERE d.call_id = c.id AND d.key = 'filing'
               AND d.organisation_id IN (a.recommender_id, a.preselector_id, p.parent_id)
           ) AS level
      FROM applications_application a
      JOIN calls_call c ON c.id = a.call_id
      LEFT JOIN accounts_organisation p ON p.id = a.preselector_id
     WHERE a.id = NEW.application_id
  )
"""
MOVED = """
SELECT c.clock_offset FROM applications_application a JOIN calls_call c ON c.id = a.call_id
 WHERE a.id = NEW.application_id
"""
SQLITE = f"""
CREATE TRIGGER applications_version_in_time BEFORE INSERT ON applications_version
BEGIN
    SELECT RAISE(ABORT, 'late filing: not before the deadline')
     WHERE NEW.arrived_at >= ({ENDING});
    SELECT RAISE(ABORT, 'late filing: written more than the grace after the deadline')
     WHERE strftime('%Y-%m-%d %H:%M:%f', 'now', (({MOVED}) / 1000000.0) || ' seconds')
         > strftime('%Y-%m-%d %H:%M:%f', ({ENDING}), '+600 seconds');
END
"""


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(POSTGRES if vendor == "postgresql" else SQLITE)


def drop(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    back = POSTGRES_BACK if vendor == "postgresql" else "DROP TRIGGER applications_version_in_time"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(back)


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0002_initial"),
        ("calls", "0001_initial"),
        ("accounts", "0001_initial"),
    ]
    operations = [migrations.RunPython(create, drop)]
