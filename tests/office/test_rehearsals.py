"""Rehearsals in the browser: asked for, played by a worker in a sandbox, kept, told when stale."""

import hashlib
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.roles import Role
from audit.models import Entry
from calls import programme as programmes
from calls import services as calls
from core.errors import Refusal
from notifications.models import Message
from office import tasks
from office.models import Rehearsal
from office.rehearsal import facts, keeping, report, sandbox
from office.rehearsal.judging import judge
from office.rehearsal.report import Report, StepDone
from tests import world
from tests.world import AT

pytestmark = pytest.mark.django_db
SMALL = Path(__file__).parents[1] / "data" / "programmes" / "small.toml"
LATER = AT + timedelta(minutes=1)


def played(*, blocked=False):
    found = Report()
    found.steps.append(StepDone("filing", "申报", words=["3 个单位试填，3 项提交"]))
    if blocked:
        found.dead_end("filing", "“法人”填不上", "核对必填项")
        found.dead_end("dates", "推荐截止与盖章扫描件截止之间没有一个工作日", "推迟")
    found.warn("dates", "推荐截止（2018-06-30）是星期六", "可以改到工作日")
    found.letters = {"已收到申报": 3}
    return found.as_json()


@pytest.fixture
def sandboxed(monkeypatch):
    """Answers in the sandbox's stead; what it is given and may tell is looked at."""

    def answer(found=None, error=None, during=None):
        def run(payload, *, seconds=0, tell=None):
            tell(0, 0, "准备沙箱")
            tell(1, 12, "申报")
            if during:
                during()
            tell(2, 12, "推荐")
            if error:
                raise error
            return found or played()

        monkeypatch.setattr(sandbox, "run", run)

    return answer


def ask(cast, at=AT):
    return keeping.ask(cast.call, actor=cast.actor("office"), at=at)


def address(cast):
    return reverse("office:call_rehearsal", args=[cast.call.code])


# The way of one rehearsal ------------------------------------------------------------------------


def test_the_office_asks_a_worker_plays_and_the_report_stands_on_the_page(cast, enter, sandboxed):
    office = enter("office")
    assert "还没有演练过" in office.get(address(cast)).content.decode()
    assert office.post(address(cast)).status_code == 302
    waiting = office.get(address(cast)).content.decode()
    assert "已排队，很快开始。" in waiting and "取消演练" in waiting and "开始演练" not in waiting
    sandboxed(played(blocked=True))
    tasks.play_rehearsals()
    one = Rehearsal.objects.get()
    assert (one.state, one.done, one.total, one.step) == ("blocked", 2, 12, "推荐")
    text = office.get(address(cast)).content.decode()
    for words in (
        "“法人”填不上",
        "申报主体",
        "核对必填项",
        "没有一个工作日",
        "已收到申报",
        "打印报告",
    ):
        assert words in text, words
    assert "报告已过时" not in text
    trail = list(Entry.objects.filter(subject=f"office.rehearsal:{one.pk}").order_by("pk"))
    assert [entry.action for entry in trail] == ["office.ask_rehearsal", "office.rehearse"]


def test_findings_of_the_dates_come_before_those_of_the_steps():
    shown = report.shown(played(blocked=True))
    assert [(line.step, line.who) for line in shown.dead_ends] == [
        ("期限", "主管部门"),
        ("申报", "申报主体"),
    ]


def test_a_report_kept_before_findings_named_anybody_is_still_read():
    old = played(blocked=True)
    for line in old["dead_ends"]:
        del line["who"]
    assert {line.who for line in report.shown(old).dead_ends} == {"主管部门", "申报主体"}


def test_without_a_dead_end_it_passed(cast, sandboxed):
    ask(cast)
    sandboxed()
    assert keeping.run_waiting(at=AT).state == "passed"


@pytest.mark.parametrize("change", ["rules", "dates"])
def test_a_report_is_stale_when_rules_or_dates_changed_since(cast, enter, sandboxed, change):
    ask(cast)
    sandboxed()
    keeping.run_waiting(at=AT)
    assert not keeping.is_stale(keeping.latest(cast.call), cast.call)
    if change == "dates":
        later = cast.call.announcement_by + timedelta(days=1)
        calls.set_dates(
            cast.call, actor=cast.actor("office"), at=LATER, dates={"announcement_by": later}
        )
    else:
        cast.call.rules["note"] = "改动过的规则"
        cast.call.save(update_fields=["rules"])
    cast.call.refresh_from_db()
    assert keeping.is_stale(keeping.latest(cast.call), cast.call)
    office = enter("office")
    assert "报告已过时" in office.get(address(cast)).content.decode()
    page = office.get(reverse("office:call", args=[cast.call.code])).content.decode()
    assert "已过时" in page


def test_a_change_during_the_play_makes_its_report_stale(cast, sandboxed):
    ask(cast)

    def meanwhile():
        later = cast.call.announcement_by + timedelta(days=1)
        calls.set_dates(
            cast.call, actor=cast.actor("office"), at=AT, dates={"announcement_by": later}
        )

    sandboxed(during=meanwhile)
    one = keeping.run_waiting(at=AT)
    cast.call.refresh_from_db()
    assert one.state == "passed" and keeping.is_stale(one, cast.call)


def test_a_call_is_rehearsed_once_at_a_time(cast):
    ask(cast)
    with pytest.raises(Refusal, match="已有一次演练"):
        ask(cast)
    assert Rehearsal.objects.count() == 1


def test_a_cancelled_play_ends_before_its_next_step_and_keeps_nothing(cast, enter, sandboxed):
    one = ask(cast)
    sandboxed(during=lambda: keeping.cancel(one, actor=cast.actor("office"), at=LATER))
    keeping.run_waiting(at=AT)
    one.refresh_from_db()
    assert (one.state, one.report, one.basis) == ("cancelled", {}, "")
    with pytest.raises(Refusal, match="已经结束"):
        keeping.cancel(one, actor=cast.actor("office"), at=LATER)
    assert ask(cast, LATER).state == "waiting"


def test_a_play_that_fails_says_so_and_can_be_asked_for_again(cast, enter, sandboxed):
    one = ask(cast)
    sandboxed(error=Refusal("rehearsal-slow", "演练超过 900 秒没有完成，已停止。"))
    keeping.run_waiting(at=AT)
    one.refresh_from_db()
    assert (one.state, one.error) == ("failed", "演练超过 900 秒没有完成，已停止。")
    page = enter("office").get(reverse("office:rehearsal", args=[cast.call.code, one.pk]))
    assert "演练超过 900 秒" in page.content.decode()
    ask(cast, LATER)


def test_a_killed_worker_s_play_is_begun_again_once_and_then_given_up(cast, sandboxed):
    ask(cast)

    class Killed(BaseException):
        """What no ``except Exception`` catches."""

    at = AT
    for _ in range(keeping.ATTEMPTS):
        sandboxed(error=Killed())
        with pytest.raises(Killed):
            keeping.run_waiting(at=at)
        sandboxed()
        assert keeping.run_waiting(at=at + timedelta(minutes=1)) is None, "the claim holds"
        at += keeping.LEASE + timedelta(seconds=1)
    assert keeping.run_waiting(at=at) is None
    assert Rehearsal.objects.get().state == "failed"


def test_one_is_played_at_a_time_in_the_house(cast, sandboxed):
    ask(cast)
    other = calls.create(programmes.read(SMALL), code="other", actor=cast.actor("office"), at=AT)
    second = keeping.ask(other, actor=cast.actor("office"), at=AT)
    met = []
    sandboxed(during=lambda: met.append(keeping.run_waiting(at=AT)))
    keeping.run_waiting(at=AT)
    second.refresh_from_db()
    assert (met, second.state) == ([None], "waiting")


def test_when_the_trail_cannot_be_written_nothing_is_asked_or_kept(cast, sandboxed, monkeypatch):
    def away(**kwargs):
        raise OSError("no trail")

    with monkeypatch.context() as patched:
        patched.setattr("office.rehearsal.keeping.audit.record", away)
        with pytest.raises(OSError):
            ask(cast)
    assert not Rehearsal.objects.exists()
    one = ask(cast)
    sandboxed()
    monkeypatch.setattr("office.rehearsal.keeping.audit.record", away)
    with pytest.raises(OSError):
        keeping.run_waiting(at=AT)
    one.refresh_from_db()
    assert (one.state, one.basis) == ("playing", "")


def test_the_database_ties_a_report_to_its_state(cast):
    one = ask(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rehearsal.objects.filter(pk=one.pk).update(state="passed", ended_at=AT)


def test_the_progress_is_told_to_the_page_s_script(cast, enter):
    one = ask(cast)
    Rehearsal.objects.filter(pk=one.pk).update(
        state="playing", claimed_until=LATER, done=3, total=12, step="推荐"
    )
    told = enter("office")
    answer = told.get(reverse("office:rehearsal_progress", args=[cast.call.code, one.pk])).json()
    assert answer["open"] and answer["words"] == "第 4 步，共 12 步：推荐。"


def test_an_auditor_reads_and_does_not_start(cast, enter):
    cast.people["auditor"] = world.person(cast.office, Role.AUDITOR, "审示例计")
    auditor = enter("auditor")
    assert auditor.get(address(cast)).status_code == 200
    assert auditor.post(address(cast)).status_code == 403
    assert not Rehearsal.objects.exists()


def test_the_page_costs_the_same_for_one_and_thirty_rehearsals(
    cast, enter, django_assert_max_num_queries
):
    office = enter("office")

    def past(many):
        Rehearsal.objects.bulk_create(
            Rehearsal(
                call=cast.call,
                state="passed",
                asked_by=cast.people["office"],
                asked_by_name="经办",
                asked_at=AT,
                ended_at=AT,
                basis="0" * 64,
                report=played(),
            )
            for _ in range(many)
        )

    past(1)
    office.get(address(cast))
    with django_assert_max_num_queries(14):
        office.get(address(cast))
    past(30)
    with django_assert_max_num_queries(14):
        office.get(address(cast))


# The sandbox -------------------------------------------------------------------------------------


def test_the_sandbox_is_told_nothing_of_the_house(monkeypatch, tmp_path):
    secrets = {
        "DATABASE_URL": "postgres://real",
        "SECRET_KEY": "real",
        "EMAIL_URL": "smtp://real",
        "REDIS_URL": "redis://real",
        "S3_URL": "s3://real",
        "JIEBANG_SEAL_KEY": "real",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    given = sandbox.environment(tmp_path)
    assert not [value for value in given.values() if "real" in value]
    here = ("DATABASE_URL", "JIEBANG_VAR", "JIEBANG_MEDIA", "HOME", "TMPDIR", "JIEBANG_REHEARSAL")
    assert all(str(tmp_path) in given[name] for name in here)
    known = {*sandbox.KEPT, *here, "DJANGO_SETTINGS_MODULE", "EMAIL_URL", "BROKER_URL"}
    assert set(given) <= known


@pytest.mark.parametrize("folder", ["", "/tmp"])
def test_the_player_refuses_any_database_that_is_not_the_sandbox_s(monkeypatch, folder):
    monkeypatch.setenv("JIEBANG_REHEARSAL", folder)
    before = Entry.objects.count()
    with pytest.raises(CommandError, match="only inside the sandbox"):
        call_command("play_rehearsal")
    assert Entry.objects.count() == before


def rows():
    """The contents of every table, model by model."""
    return {
        model._meta.label: hashlib.sha256(
            repr(sorted(map(str, model._default_manager.values_list()))).encode()
        ).hexdigest()
        for model in apps.get_models()
        if model is not Rehearsal and model is not Entry
    }


@pytest.mark.slow
def test_a_whole_play_leaves_nothing_in_the_real_tables_nor_on_the_disk(cast, settings):
    """Real process, real database of its own: only the report and its line of the trail are new."""
    programme = programmes.read(programmes.catalogue()["2018-ronghe"])
    call = calls.create(programme, code="played", actor=cast.actor("office"), at=AT)
    keeping.ask(call, actor=cast.actor("office"), at=AT)
    before, letters, said = rows(), Message.objects.count(), Entry.objects.count()
    folders = set(Path(tempfile.gettempdir()).glob("jiebang-rehearsal-*"))
    one = keeping.run_waiting(at=AT)
    assert one.state in Rehearsal.PLAYED, one.error
    assert one.report["counts"]["filings"] >= 3, "nobody filed: nothing was played"
    assert one.report["letters"], "no letter would go: nothing was played"
    assert rows() == before
    assert (Message.objects.count(), Entry.objects.count()) == (letters, said + 1)
    assert set(Path(tempfile.gettempdir()).glob("jiebang-rehearsal-*")) <= folders
    assert not os.path.exists(settings.MEDIA_ROOT)


def test_a_child_that_is_too_slow_is_ended(cast, monkeypatch):
    with pytest.raises(Refusal, match="没有完成，已停止"):
        sandbox.run(facts.of(cast.call, at=AT), seconds=0.2)


def test_what_the_teller_raises_ends_the_child(cast):
    def stop(*args):
        raise keeping.Abandoned

    with pytest.raises(keeping.Abandoned):
        sandbox.run(facts.of(cast.call, at=AT), tell=stop)


# What it finds -----------------------------------------------------------------------------------


def test_the_file_of_2018_leaves_no_working_day_to_seal_and_send():
    programme = programmes.read(programmes.catalogue()["2018-ronghe"])
    full = {"units": 3, "one": 3, "two": 3}
    house = {
        "recommenders": {str(kind): full for kind in programme.recommender_kinds},
        "experts": 9,
        "office": {"office_operator": 1, "office_approver": 1},
    }
    found = Report()
    judge(programme, calls.dates_of(programme), calls.NAMES, house, found, overrides={})
    assert [(one.who, one.words) for one in found.dead_ends] == [
        (
            "推荐单位",
            "推荐截止与盖章扫描件截止之间没有一个工作日，推荐单位没有时间打印、盖章、扫描",
        ),
        ("推荐单位", "推荐截止与纸质材料截止之间没有一个工作日，推荐单位没有时间寄送纸质材料"),
    ]
