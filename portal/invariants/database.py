"""The guards that the database itself keeps are there and switched on."""

from collections.abc import Iterator

from django.db import connection

from portal.invariants.base import check

Found = Iterator[tuple[str, str]]

TRIGGERS = {
    "postgresql": (
        "applications_version_in_time",
        "recommenders_place_fits",
        "recommenders_limit_fits",
        "recommenders_holder_fits",
        "outcomes_decision_cap",
        "outcomes_slot_cap",
        "outcomes_slotgroup_cap",
    ),
    "sqlite": (
        "applications_version_in_time",
        "recommenders_place_insert",
        "recommenders_place_update",
        "recommenders_limit_fits",
        "recommenders_holder_insert",
        "recommenders_holder_update",
        "outcomes_decision_cap_insert",
        "outcomes_decision_cap_update",
        "outcomes_slot_cap_insert",
        "outcomes_slot_cap_update",
        "outcomes_slotgroup_cap_insert",
        "outcomes_slotgroup_cap_update",
    ),
}
UNIQUE = (
    "application_number_once",
    "version_once",
    "version_one_per_key",
    "place_once",
    "confirmation_place_held_once",
    "confirmation_one_per_application",
    "list_version_one_in_force",
    "documents_one_per_content",
    "slot_once",
)


def _names(query: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


@check("R3")
def triggers_are_there() -> Found:
    """R3, R4: deadline, quota and cap triggers exist, and on PostgreSQL are enabled."""
    query = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }[connection.vendor]
    for name in sorted(set(TRIGGERS[connection.vendor]) - _names(query)):
        yield name, "数据库触发器缺失或被停用"


@check("R2")
def unique_rules_are_there() -> Found:
    """R2, R3, R5, R6: the unique constraints that keep one outcome, one holder, one number."""
    if connection.vendor == "postgresql":
        there = _names("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")
    else:
        there = _names("SELECT name FROM sqlite_master WHERE type = 'index'")
        tables = _names("SELECT sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")
        there |= {name for name in UNIQUE if any(f'CONSTRAINT "{name}"' in sql for sql in tables)}
    for name in sorted(set(UNIQUE) - there):
        yield name, "数据库唯一约束缺失"
