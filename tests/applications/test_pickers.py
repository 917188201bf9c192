"""Region and industry in a form of a programme: inputs over the code lists, in tables too."""

import re

from applications.content import answers, engine
from calls.programme import Section

SPEC = Section.model_validate(
    {
        "key": "places",
        "title": "地点",
        "fields": [
            {"key": "region", "label": "注册地", "type": "region"},
            {"key": "industry", "label": "行业", "type": "industry"},
            {
                "key": "sites",
                "label": "基地",
                "type": "rows",
                "max_rows": 5,
                "columns": [
                    {"key": "region", "label": "所在地", "type": "region"},
                    {"key": "industry", "label": "行业", "type": "industry"},
                ],
            },
        ],
    }
)


def form(data, **more):
    return engine.SectionForm(SPEC, data, answers={"places": data}, **more)


def markup(found, name):
    return str(found[name])


def test_a_kept_code_is_shown_by_name_and_read_back_as_itself():
    data = {
        "region": "430104",
        "industry": "3983",
        "sites": [{"region": "440305", "industry": "6513"}],
    }
    found = form(data)
    posted = {}
    for name in ("region", "industry", "sites-0-region", "sites-0-industry"):
        html = markup(found, name)
        assert 'data-picker="/reference/' in html
        posted[name] = [re.search(r'value="([^"]*)"', html)[1]]
    assert posted["region"] == ["湖南省长沙市岳麓区"]
    assert posted["sites-0-industry"] == ["6513 应用软件开发"]

    class Posted(dict):
        def getlist(self, key):
            return self.get(key, [])

    assert answers.read(SPEC, Posted(posted)) == data


def test_what_could_not_be_read_stands_as_typed():
    found = form({"_raw": {"region": "火星", "sites-0-region": "999999"}, "sites": [{}]})
    assert 'value="火星"' in markup(found, "region")
    assert 'value="999999"' in markup(found, "sites-0-region")


def test_a_locked_picker_is_read_only():
    html = markup(form({"region": "430104"}, read_only=True), "region")
    assert "readonly" in html and "湖南省长沙市岳麓区" in html
