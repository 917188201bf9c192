"""Who was strict and who was lenient, beside others who judged the same."""

import random
from decimal import Decimal

import pytest
from django.urls import reverse

from reviews import leaning, services
from reviews.aggregation import Score
from tests.reviews import scene
from tests.reviews.opening import office, signed_in
from tests.world import AT


def scores(*rows) -> list[Score]:
    return [Score(application, expert, Decimal(total)) for application, expert, total in rows]


def by_expert(found) -> dict[int, leaning.Lean]:
    return {one.expert: one for one in found}


def test_who_scores_lower_than_the_others_on_the_same_is_strict():
    rows = [(a, e, 80 + a % 2) for a in range(6) for e in (1, 2)]
    rows += [(a, 3, 68 + a % 2) for a in range(6)]
    found = leaning.leans(scores(*rows))
    assert found[0].expert == 3
    assert (found[0].lean, found[0].word) == (Decimal("-12.00"), "strict")
    assert by_expert(found)[1].lean == Decimal("6.00")


def test_weak_applications_do_not_make_their_expert_strict():
    rows = [(a, e, 40) for a in range(5) for e in (1, 2)]
    rows += [(a, e, 90) for a in range(5, 10) for e in (3, 4)]
    found = by_expert(leaning.leans(scores(*rows)))
    assert found[1].mean == Decimal("40.00")
    assert all(one.lean == 0 and one.word == "" for one in found.values())


def test_of_few_or_of_unlike_differences_nothing_is_said():
    few = leaning.leans(scores((1, 1, 90), (1, 2, 50), (2, 1, 90), (2, 2, 50)))
    assert all(one.word == "" and one.margin is None for one in few)
    rows = [(a, 1, 70 + (30 if a % 2 else -18)) for a in range(6)]
    rows += [(a, 2, 70) for a in range(6)]
    found = by_expert(leaning.leans(scores(*rows)))
    assert found[1].lean == Decimal("6.00")
    assert found[1].margin > 6 and found[1].word == ""


def test_an_application_judged_by_one_expert_compares_with_nobody():
    (one,) = leaning.leans(scores((1, 1, 90)))
    assert (one.compared, one.lean, one.word) == (0, None, "")


def test_the_order_of_the_scores_changes_nothing():
    draw = random.Random(3)
    rows = scores(*[(a, e, draw.randrange(30, 100)) for a in range(40) for e in range(5)])
    before = leaning.leans(rows)
    draw.shuffle(rows)
    assert leaning.leans(rows) == before


@pytest.mark.django_db
def test_the_page_shows_it_to_the_organiser_once_the_round_is_over():
    s = scene.declared(scene.deployed(scene.build(filed=4, experts=3, wanted=3)))
    for expert, figure in enumerate((9, 9, 5)):
        for filing in range(4):
            scene.submit(s.task(expert, filing), figure)
    url = reverse("reviews:leanings", args=[s.round.public_id])
    before = office(s).get(url).content.decode()
    assert "评审结束后才有比较" in before and "-40.00" not in before
    services.close_round(s.round, actor=s.office, at=AT)
    page = office(s).get(url).content.decode()
    line = page.split("-40.00")[0].rsplit("<tr>", 1)[1]
    assert s.experts[2].name in line
    assert "偏严 <b>1</b>" in page and page.count('class="jb-span"') == 3
    ranking = office(s).get(reverse("reviews:ranking", args=[s.round.public_id]))
    assert url in ranking.content.decode()
    assert signed_in(s.cast.people["operator"]).get(url).status_code == 404
    assert signed_in(s.user(0)).get(url).status_code == 403
