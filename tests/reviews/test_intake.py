"""Long lists of experts: a worker takes them in, a page tells how far, nothing is done twice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Link, Membership
from audit.models import Entry as Trail
from core.errors import Refusal
from notifications.models import Message
from office import jobs
from portal import invariants
from reviews import services
from reviews.models import Expert, Intake
from reviews.poolfile import Entry
from reviews.services import intake as work
from tests import halfway, world
from tests.reviews import scene
from tests.reviews.opening import office, signed_in
from tests.reviews.test_pool_pages import sheet
from tests.world import AT

pytestmark = pytest.mark.django_db
SOON = AT + timedelta(seconds=5)


@pytest.fixture
def s():
    return scene.Scene(world.build())


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few people are enough to see pieces: five at once, five a piece."""
    monkeypatch.setattr(work, "AT_ONCE", 5)
    monkeypatch.setattr(work, "PIECE", 5)


def people(count, start=1):
    """Entries as a sheet gives them; the first stands in row 2."""
    return [
        Entry(
            f"专家{n}",
            f"e{n}@example.org",
            fields=("机器翻译系统",),
            employer_name="示例院",
            row=n + 1,
        )
        for n in range(start, start + count)
    ]


def ask(s, entries, who="office"):
    return services.ask_intake(
        organisation=None,
        entries=entries,
        name="名单.xlsx",
        acting=s.cast.people[who].memberships.get(organisation__kind="office"),
        actor=s.cast.actor(who),
        at=AT,
    )


def again(one):
    return Intake.objects.get(pk=one.pk)


def rows(count):
    return [
        (f"专家{n}", f"e{n}@example.org", "", "", "机器翻译系统", "示例院", "", "", "", "")
        for n in range(1, count + 1)
    ]


def address(name, one):
    return reverse(f"reviews:{name}", args=[one.public_id])


def test_a_long_list_gets_a_page_of_its_own_and_a_worker_takes_it_in(s):
    client = office(s)
    answer = client.post(
        reverse("reviews:import_experts"), {"sheet": sheet(*rows(work.AT_ONCE + 5))}
    )
    one = Intake.objects.get()
    assert answer.status_code == 302 and answer["Location"] == address("intake", one)
    assert (one.state, one.total, Expert.objects.count()) == ("waiting", work.AT_ONCE + 5, 0)
    page = client.get(address("intake", one)).content.decode()
    assert "已排队" in page and f'max="{one.total}"' in page
    assert "刷新进度</a></noscript>" in page, "the page goes on without a script"
    assert address("intake", one) in client.get(reverse("reviews:experts")).content.decode()

    assert services.take_in_waiting(at=one.asked_at) == 1
    one = again(one)
    assert (one.state, one.done, one.taken, one.lines) == ("done", one.total, one.total, "")
    assert Expert.objects.count() == one.total
    assert Link.objects.filter(purpose="activate").count() == one.total
    page = client.get(address("intake", one)).content.decode()
    assert f"已导入 {one.total} 人" in page and "progress" not in page
    assert address("intake", one) in client.get(reverse("reviews:import_experts")).content.decode()
    assert Message.objects.get(kind="intake").user == one.acting.user
    said = Trail.objects.filter(action="reviews.add_expert").latest("pk")
    assert said.actor_id == one.acting.user_id, "they came in by whoever brought the list"


def test_a_short_list_goes_in_at_once(s):
    office(s).post(reverse("reviews:import_experts"), {"sheet": sheet(*rows(work.AT_ONCE))})
    assert Expert.objects.count() == work.AT_ONCE and not Intake.objects.exists()


def test_progress_is_told_with_figures_while_it_goes_on(s, monkeypatch):
    one, client, seen = ask(s, people(12)), office(s), []

    def looked(*given, **named):
        seen.append(client.get(address("intake_progress", one)).json())
        return piece(*given, **named)

    piece = work._piece
    monkeypatch.setattr(work, "_piece", looked)
    services.take_in_waiting(at=SOON)
    assert [(one["done"], one["total"]) for one in seen] == [(0, 12), (5, 12), (10, 12)]
    assert seen[1]["open"] and seen[1]["words"] == "正在导入：第 5 人，共 12 人。"
    assert not client.get(address("intake_progress", one)).json()["open"]


def test_who_is_in_the_pool_already_is_named_by_row_before_anything_begins(s):
    services.add_expert(
        organisation=None, entry=people(1, start=3)[0], actor=s.cast.actor("office"), at=AT
    )
    answer = office(s).post(reverse("reviews:import_experts"), {"sheet": sheet(*rows(12))})
    assert answer.status_code == 422 and not Intake.objects.exists()
    page = answer.content.decode()
    assert "e3@example.org 已在专家库中" in page and ">4<" in page
    assert Expert.objects.count() == 1


def test_who_came_into_the_pool_meanwhile_is_passed_over_by_row(s):
    one = ask(s, people(12))
    services.add_expert(
        organisation=None, entry=people(1, start=9)[0], actor=s.cast.actor("office"), at=AT
    )
    services.take_in_waiting(at=SOON)
    one = again(one)
    assert (one.state, one.taken, one.passed[0]["row"]) == ("done", 11, 10)
    assert Expert.objects.count() == 12
    page = office(s).get(address("intake", one)).content.decode()
    assert "另有 1 行没有导入" in page and "e9@example.org 已在专家库中" in page


def test_a_worker_that_dies_between_two_pieces_is_gone_on_with_where_it_stood(s, monkeypatch):
    one, piece, pieces = ask(s, people(12)), work._piece, []

    class Killed(BaseException):
        pass

    def dies(*given, **named):
        pieces.append(1)
        if len(pieces) == 2:
            raise Killed
        return piece(*given, **named)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(work, "_piece", dies)
        services.take_in_waiting(at=SOON)
    assert (again(one).state, again(one).done, Expert.objects.count()) == ("working", 5, 5)
    assert services.take_in_waiting(at=SOON) == 0, "its claim still stands"
    assert services.take_in_waiting(at=SOON + work.LEASE * 2) == 1
    assert Expert.objects.count() == Link.objects.filter(purpose="activate").count() == 12


def test_a_piece_that_fails_half_way_leaves_nothing_of_it_and_says_what_was_done(s, monkeypatch):
    one, add, at = ask(s, people(12)), work.add_expert, SOON

    def breaks(*, entry, **named):
        made = add(entry=entry, **named)
        if entry.row == 9:
            raise OSError("disk")
        return made

    monkeypatch.setattr(work, "add_expert", breaks)
    for _ in range(work.ATTEMPTS):
        assert services.take_in_waiting(at=at) == 0
        at += timedelta(minutes=5)
    one = again(one)
    assert (one.state, one.done, one.row, one.fault) == ("failed", 5, 6, "OSError: disk")
    assert Expert.objects.count() == Link.objects.filter(purpose="activate").count() == 5
    client = office(s)
    page = client.get(address("intake", one)).content.decode()
    assert "已导入 5 人；其余 7 人（第 6 行之后）没有导入" in page
    assert jobs.of(jobs.INTAKE, jobs.FAILED, at).get().pk == one.pk
    assert "评审专家库：名单.xlsx" in client.get("/office/jobs/?kind=intake").content.decode()
    monkeypatch.undo()
    client.post(address("intake_resume", one))
    assert services.take_in_waiting(at=again(one).not_before) == 1
    assert again(one).state == "done" and Expert.objects.count() == 12


def test_stopping_keeps_who_is_in_and_lets_the_list_go(s, monkeypatch):
    one, client, piece = ask(s, people(12)), office(s), work._piece

    def stops(*given, **named):
        went = piece(*given, **named)
        client.post(address("intake_cancel", one))
        return went

    monkeypatch.setattr(work, "_piece", stops)
    assert services.take_in_waiting(at=SOON) == 0
    one = again(one)
    assert (one.state, one.lines, Expert.objects.count()) == ("cancelled", "", 5)
    page = client.get(address("intake", one)).content.decode()
    assert "已导入 5 人；其余 7 人（第 6 行之后）没有导入" in page
    assert client.post(address("intake_cancel", one)).status_code == 409
    assert client.post(address("intake_resume", one)).status_code == 409


def test_it_ends_with_the_role_of_whoever_brought_the_list(s):
    one = ask(s, people(12))
    Membership.objects.filter(pk=one.acting_id).update(valid_until=SOON)
    services.take_in_waiting(at=SOON)
    one = again(one)
    assert one.state == "failed" and "不再任职" in one.error and not Expert.objects.exists()


def test_one_list_at_a_time_goes_into_a_pool(s):
    ask(s, people(12))
    with pytest.raises(Refusal) as refused:
        ask(s, people(12, start=100))
    assert refused.value.code == "intake-open"
    assert Intake.objects.count() == 1


def test_an_interrupted_list_is_not_kept_for_ever(s):
    one = ask(s, people(12))
    Intake.objects.filter(pk=one.pk).update(state="failed", error="中断。", ended_at=AT)
    assert services.take_in_waiting(at=AT + work.KEPT) == 0 and again(one).lines
    services.take_in_waiting(at=AT + work.KEPT + timedelta(seconds=1))
    assert (again(one).state, again(one).lines) == ("cancelled", "")


@pytest.mark.parametrize("breaks", [halfway.AUDIT])
def test_asking_that_breaks_half_way_leaves_nothing(s, monkeypatch, breaks):
    halfway.leaves_nothing(
        lambda: ask(s, people(12)), breaks, lambda: halfway.rows_of([Intake, Trail]), monkeypatch
    )


def test_another_unit_s_list_does_not_exist(s):
    one = ask(s, people(12))
    client = signed_in(s.cast.people["operator"])
    for name in ("intake", "intake_progress"):
        assert client.get(address(name, one)).status_code == 404
    assert client.post(address("intake_cancel", one)).status_code == 404


def test_the_page_of_imports_costs_the_same_for_one_and_five(s):
    client = office(s)

    def cost():
        client.get(reverse("reviews:import_experts"))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("reviews:import_experts")).status_code == 200
        return len(seen)

    ask(s, people(12))
    few = cost()
    Intake.objects.update(state="cancelled", lines="", ended_at=AT)
    for _ in range(4):
        made = ask(s, people(12))
        Intake.objects.filter(pk=made.pk).update(state="cancelled", lines="", ended_at=AT)
    assert cost() == few
    assert not [one for one in invariants.run() if "intake" in str(one)]
