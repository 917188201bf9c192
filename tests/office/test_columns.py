"""The rows of the office's list are written without a template: what people wrote stays text."""

import pytest

from applications.models import Application
from office import columns

pytestmark = pytest.mark.django_db
EVIL = "<b>\"甲\"&'乙'</b>"


@pytest.fixture
def filing(cast):
    found = cast.application
    found.title, found.number, found.status, found.corrected = EVIL, EVIL, "submitted", True
    found.organisation.name = found.recommender.name = EVIL
    found.submitted_at, found.version_number = None, 3
    return found


def test_what_people_wrote_is_text_in_every_column(filing):
    row = columns.rows([filing], list(columns.COLUMNS))
    assert (
        "<b>" not in row and row.count("&lt;b&gt;&quot;甲&quot;&amp;&#x27;乙&#x27;&lt;/b&gt;") == 5
    )
    assert row.count("<td") == len(columns.COLUMNS) + 1


def test_a_row_leads_to_its_filing_and_to_its_correction(filing):
    row = columns.rows([filing], ["status"])
    assert f'href="{filing.get_absolute_url()}"' in row
    assert f"/{filing.public_id}/corrections/" in row
    filing.corrected = False
    assert "corrections" not in columns.rows([filing], ["status"])


def test_what_is_missing_is_a_dash(filing):
    filing.direction = filing.recommender = None
    row = columns.rows([filing], ["direction", "recommender"])
    assert row.count(">—</td>") == 2
    assert columns.rows(Application.objects.none(), ["region"]) == ""


def test_columns_come_in_the_order_of_the_list_and_unknown_ones_do_not():
    assert columns.chosen(["status", "x", "direction"]) == ["direction", "status"]
    assert (
        columns.chosen([])
        == columns.chosen(["x"])
        == [key for key, column in columns.COLUMNS.items() if column.usual]
    )
