"""The log: JSON with the request's id, a line a request, slow statements without their values."""

import json
import logging
import sys

import pytest
from django.db import connection
from django.urls import reverse

from portal import logs


def formatted(record: logging.LogRecord) -> dict:
    return json.loads(logs.JsonFormatter().format(record))


def test_a_line_is_json_with_level_logger_message_and_traceback():
    try:
        raise ValueError("示例")
    except ValueError:
        record = logging.LogRecord(
            "a.b", logging.ERROR, "x.py", 1, "第 %d 行", (3,), sys.exc_info()
        )
    line = formatted(record)
    assert (line["level"], line["logger"], line["message"]) == ("ERROR", "a.b", "第 3 行")
    assert "ValueError: 示例" in line["traceback"]
    assert "request" not in line


@pytest.fixture
def lines(caplog):
    """The lines of the log as JSON, as they are written."""
    caplog.set_level(logging.INFO, "jiebang.request")
    found: list[dict] = []
    caplog.handler.emit = lambda record: found.append(formatted(record))
    return found


@pytest.mark.parametrize("given, kept", [("a" * 32, True), ("x", False), ("a b c d e f", False)])
def test_a_request_keeps_the_proxys_id_only_where_it_looks_like_one(client, lines, given, kept):
    client.get(reverse("alive"), HTTP_X_REQUEST_ID=given)
    (line,) = [one for one in lines if one["logger"] == "jiebang.request"]
    assert (line["request"] == given) is kept
    assert logs.GIVEN.fullmatch(line["request"])
    assert logs.request_id.get() == ""


def test_a_line_of_a_request_names_its_route_and_no_parameter(client, lines):
    client.get(reverse("alive") + "?name=geheim")
    (line,) = [one for one in lines if one["logger"] == "jiebang.request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "alive", 200)
    assert line["milliseconds"] >= 0
    assert "geheim" not in json.dumps(lines)


@pytest.mark.django_db
def test_a_slow_statement_is_noted_without_its_values(settings, caplog):
    settings.JIEBANG_SLOW_QUERY_MS = 0.000001
    with connection.execute_wrapper(logs._timed), connection.cursor() as cursor:
        cursor.execute("SELECT %s", ["geheim"])
    (record,) = [one for one in caplog.records if one.name == "jiebang.slow_query"]
    assert "SELECT %s" in record.getMessage()
    assert "geheim" not in record.getMessage()
    caplog.clear()
    settings.JIEBANG_SLOW_QUERY_MS = 10_000
    with connection.execute_wrapper(logs._timed), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert not caplog.records


@pytest.mark.django_db
def test_a_connection_is_watched_once():
    before = list(connection.execute_wrappers)
    try:
        logs.watch_queries(None, connection)
        logs.watch_queries(None, connection)
        assert connection.execute_wrappers == [*before, logs._timed]
    finally:
        connection.execute_wrappers[:] = before
