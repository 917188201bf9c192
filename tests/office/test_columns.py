"""The rows of the office's list are written without a template: what people wrote stays text."""

from office import columns
from office.listing import Listed

EVIL = "<b>\"甲\"&'乙'</b>"
ONE = Listed(
    public_id="a2b3",
    number=EVIL,
    title=EVIL,
    status="submitted",
    submitted_at=None,
    version_number=3,
    organisation=EVIL,
    region="430000",
    recommender=EVIL,
    direction=EVIL,
    corrected=True,
)


def test_what_people_wrote_is_text_in_every_column():
    row = columns.rows([ONE], list(columns.COLUMNS))
    escaped = "&lt;b&gt;&quot;甲&quot;&amp;&#x27;乙&#x27;&lt;/b&gt;"
    assert "<b>" not in row and row.count(escaped) == 6
    assert row.count("<td") == len(columns.COLUMNS) + 1


def test_a_row_leads_to_its_filing_and_to_its_correction():
    row = columns.rows([ONE], ["status"])
    assert 'href="/applications/a2b3/"' in row
    assert "/a2b3/corrections/" in row
    assert "corrections" not in columns.rows([ONE._replace(corrected=False)], ["status"])


def test_what_is_missing_is_a_dash():
    bare = ONE._replace(direction=None, recommender=None)
    row = columns.rows([bare], ["direction", "recommender"])
    assert row.count(">—</td>") == 2
    assert columns.rows([], ["region"]) == ""


def test_columns_come_in_the_order_of_the_list_and_unknown_ones_do_not():
    assert columns.chosen(["status", "x", "direction"]) == ["direction", "status"]
    assert (
        columns.chosen([])
        == columns.chosen(["x"])
        == [key for key, column in columns.COLUMNS.items() if column.usual]
    )
