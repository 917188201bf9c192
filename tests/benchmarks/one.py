"""Runs one benchmark on a database of its own, made from a migrated one, and prints JSON.

    python -m tests.benchmarks.one MODULE

``DATABASE_URL`` names the migrated database; nobody may be connected to it meanwhile.
"""

import importlib
import json
import os
import sys
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql


def main(module: str) -> None:
    base = os.environ["DATABASE_URL"]
    parts = urlsplit(base)
    pattern, name = parts.path.lstrip("/"), f"bench_{module}_{os.getpid()}"
    order = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(pattern)
    )
    server = urlunsplit(parts._replace(scheme="postgresql", path="/template1"))
    with closing(psycopg2.connect(server)) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(order)
    os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{name}"))
    try:
        import django

        django.setup()
        from django.db import connection

        # A module that makes a test database copies the migrated one too.
        connection.settings_dict["TEST"]["TEMPLATE"] = pattern
        found = importlib.import_module(f"tests.benchmarks.{module}").measure()
        print(json.dumps(found, ensure_ascii=False, default=str))
    finally:
        from django.db import connections

        connections.close_all()
        with closing(psycopg2.connect(server)) as line:
            line.autocommit = True
            with line.cursor() as cursor:
                cursor.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                )


if __name__ == "__main__":
    main(sys.argv[1])
