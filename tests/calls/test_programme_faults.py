"""Each way a programme file can be wrong is named by file and key."""

from pathlib import Path

import pytest

from calls import programme as programmes
from calls.programme import ProgrammeError

SMALL = (Path(__file__).parents[1] / "data" / "programmes" / "small.toml").read_text("utf-8")

CASES = [
    # what is changed, into what, where the fault is named, what is said
    ('code = "small"', 'code = "small"\ncolour = "red"', "colour", "unknown key 'colour'"),
    ("soft = true", "sofd = true", "quota.0.sofd", "unknown key 'sofd'"),
    ('number_prefix = "XM-1"', "", "number_prefix", "Field required"),
    ('number_prefix = "XM-1"', 'number_prefix = "xm 1"', "number_prefix", "pattern"),
    ('code = "small"', 'code = "Small One"', "code", "pattern"),
    ('kinds = ["enterprise"]', 'kinds = ["person"]', "applicants.kinds.0", "Input should be"),
    ("limit = 5", "limit = 0", "quota.0.limit", "greater than or equal to 1"),
    ("limit = 5", 'limit = "five"', "quota.0.limit", "valid integer"),
    ("2030-02-01", '"soon"', "dates.filing_until", "valid date"),
    ("2030-02-01", "2030-02-01T12:00:00", "dates.filing_until", "zero time"),
    ("value = 2.50", 'value = "fast"', "directions.0.indicators.0", "is no number"),
    # dates
    ("2030-02-01", "2130-02-01", "dates.filing_until", "year 2130 is out of range"),
    ("2030-02-01", "2029-12-31", "dates.filing_until", "lies before filing_from"),
    ("2030-03-01", "2030-01-15", "dates.recommendation_until", "lies before filing_until"),
    (
        "recommendation_until = 2030-03-01",
        "announcement_by = 2030-01-20",
        "dates.announcement_by",
        "lies before filing_until",
    ),
    (
        "filing_from = 2030-01-01",
        'sources = { filing = "x" }',
        "dates.sources.filing",
        "names no date",
    ),
    (
        "[publicity]",
        '[[levels]]\nkind = "district"\ntitle = "区"\nuntil = 2030-04-01\n\n[publicity]',
        "levels.0.until",
        "lies after recommendation_until",
    ),
    # steps
    ('"filing", "recommendation"', '"recommendation", "filing"', "steps", "wrong order"),
    ('"filing", "recommendation"', '"filing", "filing"', "steps", "stands twice"),
    ('["filing", "recommendation"', '["recommendation"', "steps", "filing is missing"),
    ('"recommendation", "review"', '"preselection", "review"', "steps", "preselection without"),
    ('"review", "publicity"', '"panel", "publicity"', "steps", "panel without review"),
    ('"publicity", "announcement"', '"publicity"', "steps", "neither approval nor announcement"),
    ('"filing", "recommendation"', '"filing", "voting"', "steps.1", "Input should be"),
    ('"review", "publicity"', '"review"', "publicity", "without the step publicity"),
    ('"recommendation", "review"', '"recommendation"', "review", "without the step review"),
    ("[publicity]\nworking_days = 5", "", "publicity", "has no [publicity]"),
    ("[dates]", '[step_titles]\npanel = "会评"\n\n[dates]', "step_titles.panel", "not one of the"),
    ("[publicity]", "[task]\nmonths = 3\n\n[publicity]", "task", "without the step task"),
    ("[publicity]", '[testing]\nby = "某"\n\n[publicity]', "testing", "without the step testing"),
    (
        "[publicity]",
        '[dispatch]\ntitle = "通知"\njointly = ["某局"]\n\n[publicity]',
        "dispatch.jointly",
        "is no cosigner of [approval]",
    ),
    # quota
    ('"filing", "recommendation"', '"filing"', "quota", "quota without the step recommendation"),
    (
        '[[quota]]\nkinds = ["province"]\nlimit = 5\nsoft = true',
        "",
        "quota",
        "has no quota rows",
    ),
    ("limit = 5\n", "", "quota.0.soft", "nothing to exceed"),
    (
        "soft = true",
        'soft = true\n\n[[quota]]\nkinds = ["province", "corps"]\nlimit = 3',
        "quota.1.kinds",
        "province already has quota.0",
    ),
    # caps and results
    ('tier = "finalist"', 'tier = "champion"', "caps.0.tier", "unknown tier 'champion'"),
    (', stage = "award"', "", "decision.tiers", "step award has no tier"),
    (', "award"]', "]", "decision.tiers.1.stage", "without the step award"),
    (
        '{ key = "finalist", title = "入选" }, ',
        "",
        "decision.tiers",
        "at least one tier of the stage selection",
    ),
    (
        "limit = 2",
        'limit = 2\n\n[[caps]]\ntier = "finalist"\nscope = "direction"\nlimit = 3',
        "caps.1",
        "stands twice",
    ),
    # review
    ("weight = 60", "weight = 50", "review.criteria", "add up to 90, not 100"),
    (
        'key = "b", title = "乙"',
        'key = "a", title = "乙"',
        "review.criteria.1.key",
        "'a' is already",
    ),
    (
        'criteria = [{ key = "a", title = "甲", weight = 60 }, '
        '{ key = "b", title = "乙", weight = 40 }]',
        "",
        "review.criteria",
        "has no criteria",
    ),
    ("[review]", "[review]\nmin_reviews = 9", "review.min_reviews", "more than experts"),
    ("[review]", "[review]\ntrim = true\nmin_reviews = 2", "review.trim", "min_reviews of 3"),
    (
        "[review]",
        "[review]\ncomment_low = 8\ncomment_high = 4",
        "review.comment_low",
        "not below comment_high",
    ),
    # directions
    ('class_key = "one"', 'class_key = "two"', "directions.0.class_key", "unknown class 'two'"),
    ('subfield = "north"', 'subfield = "south"', "directions.0.indicators.0.subfield", "'south'"),
    ('key = "north"', 'key = "all"', "directions.0.subfields.0.key", "implicit sub-field"),
    ('operator = "ge", ', "", "directions.0.indicators.0", "belong together"),
    (
        'operator = "ge"',
        'levels = ["a"], operator = "ge"',
        "directions.0.indicators.0.levels",
        "has no levels",
    ),
    (
        "value = 2.50",
        'kind = "level", value = "二"',
        "directions.0.indicators.0.levels",
        "levels are missing",
    ),
    (
        "value = 2.50",
        'kind = "level", levels = ["一"], value = "二"',
        "directions.0.indicators.0.value",
        "not one of the levels",
    ),
    (
        "value = 2.50",
        'kind = "boolean", value = true',
        "directions.0.indicators.0.operator",
        "compared with eq",
    ),
    (
        "value = 2.50",
        'kind = "boolean", value = "maybe"',
        "directions.0.indicators.0.value",
        "true or false",
    ),
    (
        "value = 2.50",
        'kind = "text", value = "快"',
        "directions.0.indicators.0.operator",
        "a text indicator has none",
    ),
    (
        "[[sections]]",
        '[[directions]]\nkey = "east"\ntitle = "又东"\nnumber = 1\n\n[[sections]]',
        "directions.1.key",
        "'east' is already directions.0",
    ),
    (
        "[[sections]]",
        '[[directions]]\nkey = "west"\ntitle = "西"\nnumber = 1\n\n[[sections]]',
        "directions.1.number",
        "already directions.0",
    ),
    # applicants
    ("per_applicant = 1", "count_partners = true", "applicants.count_partners", "nothing to count"),
    ("per_applicant = 1", 'regions = ["42"]', "applicants.regions.0", "6-digit"),
    (
        "per_applicant = 1",
        'sources = { kind = "x" }',
        "applicants.sources.kind",
        "names no rule",
    ),
    # form
    ('key = "own", label', 'key = "total", label', "sections.0.fields.2.key", "'total' is already"),
    ('right = "ends"', 'right = "finish"', "sections.0.rules.1", "no field 'finish'"),
    ('left = "own"', 'left = "starts"', "sections.0.rules.3", "'starts' is a date field"),
    ('left = "own", ', "", "sections.0.rules.3.left", "is missing"),
    (
        "value = 100, ",
        "value = 100, right = 'own', ",
        "sections.0.rules.2.right",
        "does not belong",
    ),
    ('left = "partners.share"', 'left = "own"', "sections.0.rules.2.left", "table.column"),
    ('left = "own", right', 'left = "partners.share", right', "sections.0.rules.3", "different"),
    ('sum = ["own", "other"]', 'sum = ["own", "joint"]', "sections.0.fields.3.formula", "'joint'"),
    ('sum = ["own", "other"]', "sum = []", "sections.0.fields.3.formula", "exactly one"),
    ('sum = ["own", "other"]', 'ratio = ["own"]', "sections.0.fields.3.formula.ratio", "two parts"),
    (', formula = { sum = ["own", "other"] }', "", "sections.0.fields.3.formula", "has a formula"),
    (
        ', choices = [{ key = "low", title = "低" }]',
        "",
        "sections.0.fields.7.choices",
        "nothing to choose from",
    ),
    (
        'label = "自筹", type = "money"',
        'label = "自筹", type = "money", choices = [{ key = "x", title = "叉" }]',
        "sections.0.fields.0.choices",
        "a money field has no choices",
    ),
    (
        'field = "joint", equals = true }, c',
        'field = "jont", equals = true }, c',
        "sections.0.fields.8.show_if.field",
        "no field 'jont'",
    ),
    (
        'field = "joint", equals = true }, c',
        'field = "grade", equals = "high" }, c',
        "sections.0.fields.8.show_if.equals",
        "'high' cannot occur",
    ),
    (
        'field = "joint", equals = true }, c',
        'field = "own", equals = "1" }, c',
        "sections.0.fields.8.show_if.field",
        "boolean or a choice",
    ),
    (
        'field = "main.joint"',
        'field = "joint"',
        "attachments.0.condition.field",
        "no field 'joint'",
    ),
    (
        'title = "协议"',
        'title = "协议"\ntypes = ["exe"]',
        "attachments.0.types",
        "'exe' is not pdf",
    ),
    (
        'label = "自筹", type = "money"',
        'label = "自筹", type = "money", prefill = "shoe_size"',
        "sections.0.fields.0.prefill",
        "unknown profile key 'shoe_size'",
    ),
    (
        'label = "自筹", type = "money"',
        'label = "自筹", type = "money", minimum = 5, maximum = 1',
        "sections.0.fields.0.minimum",
        "greater than maximum",
    ),
    (
        'label = "自筹", type = "money"',
        'label = "自筹", type = "text", min_chars = 9, max_chars = 3',
        "sections.0.fields.0.min_chars",
        "greater than max_chars",
    ),
    ('type = "rows"', 'type = "rows", min_rows = 3, max_rows = 2', "fields.8.min_rows", "max_rows"),
    ('type = "rows"', 'type = "year_table"', "sections.0.fields.8.years", "names years"),
    ('type = "rows"', 'type = "text"', "sections.0.fields.8.columns", "has no columns"),
    (
        'label = "联合", type = "boolean"',
        'label = "联合", type = "rows"',
        "sections.0.fields.6.columns",
        "a table needs columns",
    ),
    ('type = "percent"', 'type = "rows"', "fields.8.columns.1.type", "a simple field"),
    ('type = "percent"', 'type = "percents"', "fields.8.columns.1.type", "Input should be"),
    (
        'kind = "form"\ntitle = "申报书"',
        'kind = "form"\ntitle = "甲"\n\n[[documents]]\nkind = "form"\ntitle = "乙"',
        "documents.1.kind",
        "stands twice",
    ),
    (
        "[[attachments]]",
        '[[sections]]\ninclude = "common/nothing.toml"\n\n[[attachments]]',
        "sections.1.include",
        "'common/nothing.toml' does not exist",
    ),
    (
        "[[attachments]]",
        '[[sections]]\ninclude = "../secrets.toml"\n\n[[attachments]]',
        "sections.1.include",
        "does not exist",
    ),
    (
        "[[attachments]]",
        '[[sections]]\ninclude = "common/unit.toml"\nwithout = ["unit.shoe"]\n\n[[attachments]]',
        "sections.1",
        "'unit.shoe' is not in the included file",
    ),
    (
        "[[attachments]]",
        '[[sections]]\ninclude = "common/unit.toml"\nkey = "x"\n\n[[attachments]]',
        "sections.1.key",
        "unknown key 'key' beside include",
    ),
    ("[dates]", "[dates", "file", "is not TOML"),
]


@pytest.mark.parametrize(("old", "new", "where", "what"), CASES)
def test_a_fault_is_named_by_file_and_key(
    tmp_path: Path, old: str, new: str, where: str, what: str
) -> None:
    assert old in SMALL
    path = tmp_path / "small.toml"
    path.write_text(SMALL.replace(old, new, 1), "utf-8")
    with pytest.raises(ProgrammeError) as refused:
        programmes.read(path)
    named = [p for p in refused.value.problems if where in p.where and what in p.what]
    assert named, str(refused.value)
    assert str(path) in str(refused.value)
