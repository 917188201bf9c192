"""Long tables: every cell is there, escaped, and drawn without a template of its own."""

import pytest
from django.test import Client

from tests import world
from tests.applications.filling import url


@pytest.fixture
def page(db):
    cast = world.build()
    row = {"kind": "invention", "title": '<b>"甲"</b>', "number": "ZL1", "state": "granted"}
    rows = [row | {"number": f"ZL{n}", "date": "2015-03-01"} for n in range(50)]
    raw = {"rights-0-date": "坏日期"}
    cast.application.sections.filter(key="property").update(data={"rights": rows, "_raw": raw})
    client = Client()
    client.force_login(cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(url("section", cast.application, "property") + "?check=1")


def test_a_table_of_250_cells_is_drawn_with_few_templates(page):
    assert page.status_code == 200
    assert page.content.decode().count('name="rights-') == 50 * 5 + 50
    assert len(page.templates) < 60


def test_the_cells_hold_their_values_escaped_with_their_errors(page):
    words = page.content.decode()
    assert '<b>"甲"</b>' not in words and "&lt;b&gt;&quot;甲&quot;&lt;/b&gt;" in words
    assert words.count('<option value="invention" selected>发明专利</option>') == 50
    assert 'value="坏日期"' in words
    assert 'aria-describedby="id_rights-0-date_error" aria-invalid="true"' in words
    assert '<p class="invalid-feedback" id="id_rights-0-date_error">' in words
