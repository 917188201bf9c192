"""Importing: preview changes nothing, twice is once, changes keep history and links."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from audit.services import Actor
from core.errors import Refusal
from policies import services
from policies.models import Amount, ImportRun, Node, Policy, Revision, Theme, Zone
from tests.policies.conftest import SAMPLE

ACTOR = Actor("system")


def state():
    """Everything in the library, without keys of rows."""
    return (
        list(
            Node.objects.order_by("policy", "path").values_list("path", "heading", "text", "gone")
        ),
        list(Amount.objects.order_by("node", "order").values_list("node__path", "value", "unit")),
        Theme.objects.count(),
        list(Policy.objects.values_list("key", "digest", "gone")),
    )


def read(text, at):
    return services.preview(text.encode(), name="sample.txt", actor=ACTOR, at=at)


def test_a_preview_reports_and_changes_nothing(db, text, at):
    run = read(text, at)
    assert (run.report["policies"], run.report["added"], run.report["missing"]) == (
        3,
        30,
        ["示例城没有正文的政策"],
    )
    assert not Node.objects.exists()
    assert not Zone.objects.exists()


def test_an_import_brings_zones_with_their_regions_and_articles_with_amounts(library):
    assert list(Zone.objects.values_list("short", "region")) == [
        ("天津", "120000"),
        ("杭州", "330100"),
    ]
    node = Node.objects.get(path="b1-k1", policy__order=1)
    assert [str(one) for one in node.amounts.all()] == [
        "最高 500 万元",
        "最高 300 万元",
        "最高 200 万元",
        "最高 100 万元",
        "不超过 0.1 亿元",
    ]
    assert node.themes == ["揭榜"]
    assert Entry.objects.filter(action="policies.import").count() == 1


def test_the_same_file_twice_changes_nothing(library, load, text):
    before = state()
    again = load(text)
    assert state() == before
    assert (again.report["added"], again.report["changed"], again.report["removed"]) == (0, 0, 0)
    assert not Revision.objects.exists()


def test_a_changed_file_keeps_links_and_history(library, load, text):
    before = Node.objects.get(path="b1-k1", policy__order=1)
    run = load(text.replace("最高500万元", "最高900万元"))
    after = Node.objects.get(path="b1-k1", policy__order=1)
    assert after.pk == before.pk
    assert str(after.amounts.first()) == "最高 900 万元"
    (kept,) = Revision.objects.all()
    assert (kept.node_id, kept.text) == (before.pk, before.text)
    assert (run.report["changed"], run.report["added"], run.report["removed"]) == (1, 0, 0)
    assert "奖励入围单位" in run.report["changes"][0]


def test_an_article_left_out_is_gone_but_kept_and_comes_back(library, load, text):
    shorter = text.replace("（二）提升算力\n\n推进", "推进")
    load(shorter)
    node = Node.objects.get(path="b2-k2", policy__order=3)
    assert node.gone
    assert node.revisions.count() == 1
    load(text)
    node.refresh_from_db()
    assert not node.gone


def test_a_policy_left_out_is_gone_with_its_articles(library, load, text):
    start, end = text.index("- 3. 示例城规划"), text.index("- 4.")
    load((text[:start] + text[end:]).split("\n示例城规划\n")[0])
    policy = Policy.objects.get(title="示例城规划")
    assert policy.gone
    assert not policy.nodes.filter(gone=False).exists()


def test_a_preview_says_exactly_what_applying_then_does(library, text, at):
    changed = text.replace("最高500万元", "最高900万元").replace("（二）提升算力\n\n", "")
    run = read(changed, at)
    said = [run.report[name] for name in ("added", "changed", "removed", "same")]
    done = services.apply(run, actor=ACTOR, at=at)
    assert [done.report[name] for name in ("added", "changed", "removed", "same")] == said


def test_applying_twice_is_refused(db, text, at):
    run = services.apply(read(text, at), actor=ACTOR, at=at)
    before = state()
    with pytest.raises(Refusal) as refused:
        services.apply(run, actor=ACTOR, at=at)
    assert refused.value.code == "applied"
    assert state() == before


def test_an_older_preview_is_superseded(db, text, at):
    old = read(text, at)
    read(text + "\n附一行", at)
    with pytest.raises(Refusal) as refused:
        services.apply(old, actor=ACTOR, at=at)
    assert refused.value.code == "superseded"
    assert not Node.objects.exists()


@pytest.mark.parametrize(
    "data, code",
    [
        (b"\xff\xfe\x00", "not-text"),
        ("没有目录".encode(), "no-compendium"),
        (b"x" * (services.LARGEST + 1), "too-large"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_kept(db, at, data, code):
    with pytest.raises(Refusal) as refused:
        services.preview(data, name="x", actor=ACTOR, at=at)
    assert (refused.value.code, refused.value.status) == (code, 422)
    assert not ImportRun.objects.exists()


def test_a_failure_half_way_leaves_the_library_as_it_was(db, text, at, monkeypatch):
    run = read(text, at)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("audit.services.record", broken)
    with pytest.raises(RuntimeError):
        services.apply(run, actor=ACTOR, at=at)
    run.refresh_from_db()
    assert run.applied_at is None
    assert not Node.objects.exists()


def test_the_command_imports_and_says_what_it_did(db):
    out = StringIO()
    call_command("import_policies", str(SAMPLE), "--preview", stdout=out)
    assert not Node.objects.exists()
    call_command("import_policies", str(SAMPLE), stdout=out)
    assert "2 zones, 3 policies" in out.getvalue()
    assert Policy.objects.count() == 3


def test_the_command_names_a_file_that_is_not_there(db, tmp_path):
    with pytest.raises(CommandError, match="cannot read"):
        call_command("import_policies", str(tmp_path / "none.txt"))


def test_the_check_of_the_real_compendium_fails_on_another_file_and_leaves_nothing(db):
    with pytest.raises(CommandError, match="zones and policies: 2, 3"):
        call_command("verify_compendium", str(SAMPLE), stdout=StringIO())
    assert not Node.objects.exists()
