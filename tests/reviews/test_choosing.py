"""An expert is chosen by hand: what follows is shown first; long pools are paged and searched."""

import pytest
from django.urls import reverse

from reviews import choosing, pages, services, shares
from reviews.models import Assignment, Conflict, Expert
from tests.reviews import scene
from tests.reviews.opening import office, signed_in
from tests.world import AT

pytestmark = pytest.mark.django_db


def proposed(*, experts=4, wanted=2, **more):
    s = scene.build(filed=2, experts=experts, wanted=wanted, made=False)
    for changes in more.get("others", ()):
        s.experts.append(scene.expert(90 + len(s.experts), actor=s.office, **changes))
    s.round = scene.new_round(s, wanted=wanted)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    s.round.refresh_from_db()
    return s


def entry_of(s, index=0):
    entries = s.round.entries.select_related("application__direction")
    return entries.get(application=s.applications[index])


def offered(s, **more):
    now = choosing.standing(s.round)
    given = {"instead": None, "at": AT, **more}
    return {one.expert.pk: one for one in choosing.candidates(entry_of(s), now=now, **given)}


def page_of(s) -> str:
    return reverse("reviews:choose", args=[s.round.public_id, entry_of(s).number])


def test_what_is_shown_is_what_comes_to_pass():
    s = proposed(others=[{"fields": ("机器翻译",)}])
    before = choosing.standing(s.round)
    for one in offered(s).values():
        if one.barred:
            continue
        made = services.add(
            s.round,
            expert=one.expert,
            application=s.applications[0],
            actor=s.office,
            at=AT,
        )
        after = choosing.standing(s.round)
        assert after.mean == pytest.approx(one.mean)
        assert after.pairs == before.pairs + 1
        load = Assignment.objects.filter(round=s.round, expert=one.expert).count()
        assert load == one.load
        services.remove(made, actor=s.office, at=AT)


def test_the_change_is_that_of_the_sum_the_proposal_minimised():
    """100 less the match, and 2 for each task that the expert already holds."""
    s = proposed(experts=2, wanted=2, others=[{"fields": ("机器翻译",)}])
    Assignment.objects.filter(round=s.round, application=s.applications[0]).first().delete()
    free = next(
        one
        for one in s.experts
        if not s.round.assignments.filter(expert=one, application=s.applications[0]).exists()
        and one.fields != ["机器翻译"]
    )
    found = offered(s)
    held = s.round.assignments.filter(expert=free).count()
    assert found[free.pk].change == 100 - found[free.pk].match + 2 * held
    other = found[s.experts[-1].pk]
    assert (
        other.change
        == 100 - other.match + 2 * s.round.assignments.filter(expert=s.experts[-1]).count()
    )
    assert found[free.pk].match > other.match


def test_who_must_not_or_cannot_is_listed_last_with_the_reason_and_without_a_button():
    s = proposed(experts=4, wanted=1, others=[{"capacity": 1, "name": "满额专家"}])
    barred, full = s.experts[0], s.experts[-1]
    s.round.assignments.all().delete()
    services.set_conflict(
        round=s.round, expert=barred, application=s.applications[0], reason="导师", actor=s.office,
        at=AT,
    )  # fmt: skip
    services.add(s.round, expert=full, application=s.applications[1], actor=s.office, at=AT)
    found = list(offered(s).values())
    assert {one.expert.pk for one in found[-2:]} == {barred.pk, full.pk}
    page = office(s).get(page_of(s)).content.decode()
    assert "须回避：导师" in page
    assert "评审量已满（上限 1 项）" in page
    assert page.count(f'name="application" value="{entry_of(s).number}"') == len(found) - 2


def test_a_conflict_of_the_same_person_in_another_pool_bars_here_too():
    s = proposed(experts=3, wanted=1)
    person = s.experts[0]
    pool = services.pool_of(s.cast.province, at=AT)
    twin = Expert.objects.create(
        pool=pool, user=person.user, email=person.email, name=person.name,
        employer_name="某院", created_at=AT,
    )  # fmt: skip
    assert not offered(s)[person.pk].conflict
    Conflict.objects.create(
        expert=twin, application=s.applications[0], kind="office", reason="近亲属", at=AT
    )
    assert offered(s)[person.pk].conflict


def test_an_expert_is_added_from_the_page_and_replaced_from_it():
    s = proposed(experts=4, wanted=2)
    client = office(s)
    free = next(one for one in offered(s).values() if not one.barred)
    url = reverse("reviews:add", args=[s.round.public_id])
    client.post(url, {"application": entry_of(s).number, "expert": free.expert.pk})
    assert s.round.assignments.filter(expert=free.expert, application=s.applications[0]).exists()
    services.deploy(s.round, actor=s.cast.actor("chief"), at=AT)
    s.round.refresh_from_db()
    task = s.round.assignments.filter(application=s.applications[0]).first()
    found = offered(s, instead=task)
    other = next(one for one in found.values() if not one.barred)
    page = client.get(page_of(s), {"instead": task.public_id}).content.decode()
    assert f"接替{task.expert.name}的专家" in page
    assert reverse("reviews:replace", args=[s.round.public_id, task.public_id]) in page
    before = choosing.standing(s.round)
    services.replace(task, by=other.expert, reason="出差", actor=s.office, at=AT)
    after = choosing.standing(s.round)
    assert (after.pairs, after.mean) == (before.pairs, pytest.approx(other.mean))


def test_a_task_of_another_application_or_a_foreign_round_is_not_found():
    s = scene.deployed(proposed(experts=4, wanted=2))
    other = s.round.assignments.filter(application=s.applications[1]).first()
    client = office(s)
    assert client.get(page_of(s), {"instead": other.public_id}).status_code == 404
    assert client.get(page_of(s), {"instead": "nothing"}).status_code == 404
    none = reverse("reviews:choose", args=[s.round.public_id, 99])
    assert client.get(none).status_code == 404
    assert signed_in(s.cast.people["operator"]).get(page_of(s)).status_code == 404


def test_the_search_finds_experts_by_name_or_employer():
    s = proposed(experts=3, others=[{"name": "寻得专家"}, {"employer_name": "寻得研究院"}])
    page = office(s).get(page_of(s), {"q": "寻得"}).content.decode()
    main = page.split("<main")[1]
    assert "寻得专家" in main and "寻得研究院" in main
    assert "示例研究院2<" not in main.split("<tbody>")[-1]


def test_conflicts_are_paged_filtered_and_the_lists_to_choose_from_are_bounded(monkeypatch):
    from reviews.views import organiser

    s = proposed(experts=5, wanted=1)
    Conflict.objects.bulk_create(
        Conflict(expert=one, application=filing, kind="computed", reason=f"缘由{at}", at=AT)
        for at, one in enumerate(s.experts)
        for filing in s.applications
    )
    monkeypatch.setattr(organiser, "PER_PAGE", 4)
    monkeypatch.setattr(organiser, "MOST_OFFERED", 3)
    client = office(s)
    url = reverse("reviews:conflicts", args=[s.round.public_id])
    page = client.get(url).content.decode()
    assert page.count("缘由") == 4
    assert "共 10 条" in page
    experts = page.split('id="expert"')[1].split("</select>")[0]
    assert experts.count("<option") == 1 + 3
    found = client.get(url, {"q": s.experts[3].name}).content.decode()
    assert found.count("缘由3") == 2 and "缘由1" not in found
    assert "没有符合条件的回避关系" in client.get(url, {"state": "pinned"}).content.decode()
    narrowed = client.get(url, {"expert": s.experts[4].name}).content.decode()
    experts = narrowed.split('id="expert"')[1].split("</select>")[0]
    assert s.experts[4].name in experts and experts.count("<option") == 2
    assert pages.conflicts(s.round, kind="declared").count() == 0


def test_the_round_page_says_shares_and_leaves_nobody_out_of_the_histogram():
    s = proposed(experts=5, wanted=1)
    ready = shares.ready_experts(s.round)
    found = shares.shares(s.round, ready)
    assert sum(one.held for one in found) == 2
    assert shares.sums(found)["proposed"] == 2
    bars = {one["tasks"]: one["experts"] for one in shares.histogram(found, ready)}
    assert bars == {0: 3, 1: 2}
    page = office(s).get(s.round.get_absolute_url()).content.decode()
    assert "<datalist" not in page
    assert page_of(s) in page  # while assigning more may be added, whether any lack or not


def test_the_number_of_rows_is_chosen_from_a_few():
    s = proposed()
    client = office(s)
    for rows in ("250", "7", "²", "99999999999999"):
        response = client.get(s.round.get_absolute_url(), {"rows": rows})
        per_page = response.context["page"].paginator.per_page
        assert per_page == (250 if rows == "250" else 50)


def test_the_page_for_choosing_costs_the_same_for_one_and_for_thirty():
    from django.db import transaction

    from tests.reviews.test_pages import queries_of

    def cost(filed, experts):
        s = scene.build(filed=filed, experts=experts, wanted=2)
        services.propose_assignment(s.round, actor=s.office, at=AT)
        client = office(s)
        urls = {
            "choose": page_of(s),
            "conflicts": reverse("reviews:conflicts", args=[s.round.public_id]),
            "round": s.round.get_absolute_url(),
        }
        return {name: queries_of(client, url) for name, url in urls.items()}

    with transaction.atomic():
        one = cost(1, 2)
        transaction.set_rollback(True)
    assert cost(30, 12) == one
    assert all(count <= 13 for count in one.values()), one
