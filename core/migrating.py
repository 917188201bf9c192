"""What migrations need on SQLite, which makes a table anew to change it."""

from collections.abc import Callable
from typing import Any


def old_renaming(*, on: bool) -> Callable[[Any, Any], None]:
    """A step that switches SQLite's old way of renaming on or off; nothing on PostgreSQL.

    Triggers of other tables name the table that is made anew, and renaming would look them through
    while it is away; the old way does not.
    """
    value = "ON" if on else "OFF"

    def switch(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"PRAGMA legacy_alter_table = {value}", params=None)

    return switch
