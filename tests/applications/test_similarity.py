"""Texts that are alike: the rules, the worker, and who may see it."""

import gc
import random
import time

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from applications import services, similarity
from applications.models import Application, Likeness, TextSketch, Version
from applications.services import comparing
from tests import season, world
from tests.world import AT

CHARS = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]


def prose(seed: str, length: int = 600) -> str:
    rng = random.Random(seed)
    text = "".join(rng.choices(CHARS, k=length))
    return "，".join(text[start : start + 17] for start in range(0, length, 17)) + "。"


def filed(**fields: str) -> dict[str, str]:
    return {f"part.{name}": text for name, text in fields.items()}


# The rules -----------------------------------------------------------------------------------


def test_the_same_text_is_the_same_whatever_its_spaces_and_punctuation():
    text = prose("a")
    other = text.replace("，", " , ").replace("。", ".\n")
    found = similarity.compare(filed(x=text), filed(x=other), ignored=set())
    assert found.share == 1.0
    assert found.fields[0].share == 1.0


def test_different_texts_have_nothing_in_common():
    found = similarity.compare(filed(x=prose("a")), filed(x=prose("b")), ignored=set())
    assert found.share < 0.01 and not found.passages


def test_a_passage_taken_over_into_another_field_is_shown_where_it_stands_in_both():
    taken = prose("taken", 120)
    a = filed(x=prose("a", 300) + taken + prose("b", 100))
    b = filed(y=prose("c", 200), z=prose("d", 50) + taken)
    found = similarity.compare(a, b, ignored=set())
    assert found.share >= similarity.KEPT
    passage = found.passages[0]
    assert (passage.a_field, passage.b_field) == ("part.x", "part.z")
    same = similarity.bare(a["part.x"][passage.a_start : passage.a_end])[0]
    assert same == similarity.bare(b["part.z"][passage.b_start : passage.b_end])[0]
    assert similarity.bare(taken)[0] in same
    assert len(same) <= len(similarity.bare(taken)[0]) + 4


def test_a_short_text_taken_over_whole_counts_as_whole():
    short = prose("short", 150)
    found = similarity.compare(filed(x=short), filed(x=prose("long", 3000) + short), ignored=set())
    assert found.share > 0.9


def test_the_forms_own_wording_does_not_count():
    said = prose("form", 200)
    ignored = {int(n) for n in similarity.numbers(similarity.bare(said)[0])}
    a, b = filed(x=said + prose("a", 200)), filed(x=said + prose("b", 200))
    assert similarity.compare(a, b, ignored=set()).share > 0.3
    assert similarity.compare(a, b, ignored=ignored).share < 0.1
    spec = world.programme()
    assert similarity.wording(spec) >= {
        int(n) for n in similarity.numbers(similarity.bare(spec.declaration[0])[0])
    }


def test_what_the_profile_fills_in_is_left_out():
    spec = world.programme()
    prefilled = next((s, f) for s, f in spec.fields() if f.prefill == "introduction")
    answers = {
        prefilled[0].key: {prefilled[1].key: "单位简介"},
        "benefit": {"economic": "效益"},
        "technology": {"innovations": [{"text": "一"}, {"text": "二"}]},
    }
    found = similarity.texts(spec, answers)
    assert found["benefit.economic"] == "效益"
    assert found["technology.innovations"] == "一\n二"
    assert "单位简介" not in "".join(found.values())


def test_pairs_are_found_from_samples_and_one_of_them_is_new():
    texts = [filed(x=prose(str(n), 2000)) for n in range(30)]
    texts += [filed(x=texts[3]["part.x"][:1500]), filed(x=texts[7]["part.x"])]
    sketches = [similarity.sketch(one, ignored=set())[0] for one in texts]
    assert {(a, b) for a, b, _ in similarity.candidates(sketches)} == {(3, 30), (7, 31)}
    assert [(a, b) for a, b, _ in similarity.candidates(sketches, fresh=[31])] == [(7, 31)]
    assert similarity.candidates(sketches, fresh=[0]) == []
    assert similarity.candidates([]) == []


def test_what_very_many_filings_say_is_standard_wording():
    said = prose("everybody", 600)
    many = [filed(x=said + prose(str(n), 600)) for n in range(similarity.STANDARD + 10)]
    sketches = [similarity.sketch(one, ignored=set())[0] for one in many]
    assert similarity.candidates(sketches) == []


@pytest.mark.slow
def test_a_thousand_filings_meet_each_other_in_bounded_time():
    texts = [filed(x=prose(str(n), 3000), y=prose(f"{n}y", 1500)) for n in range(1000)]
    texts[-1] = filed(x=texts[0]["part.x"])
    started = time.perf_counter()
    sketches = [similarity.sketch(one, ignored=set())[0] for one in texts]
    read = time.perf_counter() - started
    started = time.perf_counter()
    found = similarity.candidates(sketches)
    met = time.perf_counter() - started
    print(f"1000 filings of 4500 characters: sketches {read:.2f} s, all pairs {met:.3f} s")
    assert [(a, b) for a, b, _ in found] == [(0, 999)]
    assert read < 60 and met < 10


# The worker ----------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(db):
    return season.begin()


def write(made: Application, text: str, *, key: str = "k1") -> None:
    section = made.sections.get(key="technology")
    author = world.actor(made.created_by)
    services.save_section(
        made,
        "technology",
        data={**section.data, "solution": text},
        version=section.version,
        actor=author,
        at=AT,
    )
    services.submit(made, key=key, actor=author, at=AT)


@pytest.fixture
def two(played):
    """Two filings with one technical solution, of two units."""
    text = prose("shared", 2500)
    made = []
    for name in ("甲", "乙"):
        one = season.draft(played, name)
        write(one, text)
        made.append(one)
    return made


def test_the_worker_takes_each_version_once_and_keeps_the_pair(two):
    assert comparing.compare_waiting(at=AT) == 2
    (pair,) = Likeness.objects.all()
    assert (pair.a_id, pair.b_id) == (two[0].pk, two[1].pk)
    assert pair.share > 0.5
    assert pair.fields[0]["a_field"] == "technology.solution"
    assert comparing.compare_waiting(at=AT) == 0
    assert Likeness.objects.count() == 1
    assert np.frombuffer(bytes(TextSketch.objects.first().sketch), np.uint32).size > 50


def test_a_bounded_number_is_taken_up_and_the_rest_later(two):
    assert comparing.compare_waiting(at=AT, limit=1) == 1
    assert not Likeness.objects.exists()
    assert comparing.compare_waiting(at=AT, limit=1) == 1
    assert Likeness.objects.count() == 1


def test_what_was_read_is_let_go_as_the_run_ends_and_not_when_the_collector_comes(two):
    """A version holds its whole text; 200 of them in a run must not pile up in a worker."""
    held = lambda: sum(isinstance(one, Version) for one in gc.get_objects())  # noqa: E731
    gc.collect()
    before = held()
    gc.disable()
    try:
        assert comparing.compare_waiting(at=AT) == 2
        assert Likeness.objects.count() == 1 and held() == before
    finally:
        gc.enable()


def test_submitting_again_compares_the_new_version_and_a_withdrawn_one_is_like_nobody(two):
    comparing.compare_waiting(at=AT)
    write(two[1], prose("own words", 2500), key="k2")
    assert comparing.compare_waiting(at=AT) == 1
    assert not Likeness.objects.exists()
    write(two[1], two[0].sections.get(key="technology").data["solution"], key="k3")
    comparing.compare_waiting(at=AT)
    assert Likeness.objects.get().b_version == 3
    services.withdraw(
        Application.objects.get(pk=two[1].pk),
        reason="不报了",
        actor=world.actor(two[1].created_by),
        at=AT,
    )
    assert not Likeness.objects.exists()


# Who may see it ------------------------------------------------------------------------------


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_office_sees_the_pair_and_its_passages_side_by_side(played, two):
    comparing.compare_waiting(at=AT)
    pair = Likeness.objects.get()
    client = signed_in(played.cast.people["office"])
    page = client.get(reverse("applications:similar")).content.decode()
    assert two[0].title in page and two[1].organisation.name in page
    page = client.get(reverse("applications:similar_pair", args=[pair.pk])).content.decode()
    assert page.count("<mark>") >= 2 and "技术方案" in page
    Likeness.objects.update(share="0.5000")
    page = client.get(reverse("applications:similar"), {"share": "70"}).content.decode()
    assert two[0].title not in page
    assert (
        client.get(reverse("applications:similar"), {"share": "x", "page": "-"}).status_code == 200
    )


def test_a_recommender_sees_pairs_of_its_own_area_once_filing_has_ended(played, two):
    comparing.compare_waiting(at=AT)
    pair = Likeness.objects.get()
    here = reverse("applications:similar_pair", args=[pair.pk])
    operator = signed_in(played.cast.people["operator"])
    assert operator.get(here).status_code == 404
    played.clock(3)
    assert operator.get(here).status_code == 200
    assert signed_in(played.cast.people["neighbour"]).get(here).status_code == 404
    Application.objects.filter(pk=two[1].pk).update(
        recommender=played.cast.other_province, preselector=None
    )
    assert operator.get(here).status_code == 404
    page = operator.get(reverse("applications:similar")).content.decode()
    assert "另有 1 对" in page and two[1].title not in page


def test_applicants_never_see_it(played, two):
    comparing.compare_waiting(at=AT)
    client = signed_in(two[0].created_by)
    assert client.get(reverse("applications:similar")).status_code == 403
    pair = reverse("applications:similar_pair", args=[Likeness.objects.get().pk])
    assert client.get(pair).status_code == 403
