"""What a draw was made from is kept, so that whoever controls it can make it again."""

import hashlib
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Membership
from accounts.roles import Role
from audit.models import Entry
from documents.fingerprints import canonical, fingerprint
from portal.invariants import review as invariants
from reviews import disclosure, drawing, drawrecord, queries, services
from reviews.drawmodel import Draw
from reviews.models import Assignment, Round
from tests import halfway, kept, world
from tests.reviews import opening, scene
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]


def build():
    """Four applications, six experts; one is barred from the first."""
    s = scene.build(filed=4, experts=5, wanted=2, made=False)
    s.experts.append(
        scene.expert(9, actor=s.office, employer_code=s.applications[0].organisation.code)
    )
    s.round = scene.new_round(s, wanted=2)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    s.round.refresh_from_db()
    return s


played = kept.fixture(build)


@pytest.fixture
def proposed(played):
    return replace(played, round=Round.objects.get(pk=played.round.pk))


@pytest.fixture
def sent(proposed):
    services.deploy(proposed.round, actor=proposed.cast.actor("chief"), at=AT)
    proposed.round.refresh_from_db()
    return proposed


def problems() -> list[str]:
    found = [
        *invariants.draws_follow_from_what_they_were_made_from(),
        *invariants.tasks_come_from_the_draw_or_from_a_hand(),
    ]
    return [str(one) for one in found]


def auditor(s) -> Client:
    office = Membership.objects.get(user=s.cast.people["office"]).organisation
    return opening.signed_in(world.person(office, Role.AUDITOR, "审计员"))


# Keeping ---------------------------------------------------------------------------------------


def test_a_proposal_keeps_what_it_was_made_from_without_a_name(proposed):
    s = proposed
    draw = Draw.objects.get()
    given = draw.given
    assert [row[0] for row in given["applications"]] == sorted(one.pk for one in s.applications)
    assert [row[0] for row in given["experts"]] == sorted(one.pk for one in s.experts)
    assert given["conflicts"] == [[s.applications[0].pk, [s.experts[-1].pk]]]
    assert given["commitment"] == s.round.seed_commitment
    assert draw.drawn == set(s.round.assignments.values_list("application_id", "expert_id"))
    text = canonical(given).decode()
    for one in s.applications:
        assert one.organisation.name not in text and one.title not in text
    for one in s.experts:
        assert one.name not in text and one.employer_name not in text
    assert s.round.seed not in text, "the seed is disclosed, the inputs are read before"


def test_the_trail_holds_the_fingerprint_of_what_is_kept(proposed):
    draw = Draw.objects.get()
    said = Entry.objects.get(action="reviews.propose").data
    assert said["fingerprint"] == draw.fingerprint == fingerprint(draw.given)
    assert said["outcome"] == draw.outcome_fingerprint and said["draw"] == 1


def test_the_kept_draw_comes_out_the_same(proposed):
    draw = Draw.objects.get()
    assert set(drawing.repeat(draw.given, seed=draw.seed).pairs) == draw.drawn
    other = drawing.repeat(draw.given, seed="另一种子")
    assert other.commitment != draw.commitment


def test_each_proposal_is_kept_and_loads_of_other_rounds_stand_in_it(proposed):
    s = proposed
    services.update_expert(s.experts[0], values={"capacity": 3}, actor=s.office, at=AT)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    first, second = Draw.objects.order_by("number")
    assert (first.number, second.number) == (1, 2)
    assert first.fingerprint != second.fingerprint
    assert second.given["experts"][0][2:] == [3, 0]
    assert first.committed_at == second.committed_at == s.round.created_at


@pytest.mark.parametrize("breaks", ["reviews.drawing.packed", halfway.AUDIT])
def test_a_proposal_that_breaks_half_way_keeps_no_draw(proposed, monkeypatch, breaks):
    def propose():
        round = Round.objects.get(pk=proposed.round.pk)
        services.propose_assignment(round, actor=proposed.office, at=AT)

    tables = (Draw, Assignment, Entry, Round)
    halfway.leaves_nothing(propose, breaks, lambda: halfway.rows_of(tables), monkeypatch)


def test_tasks_that_are_not_sent_leave_the_draw_undisclosed(proposed, monkeypatch):
    def deploy():
        round = Round.objects.get(pk=proposed.round.pk)
        services.deploy(round, actor=proposed.cast.actor("chief"), at=AT)

    tables = (Draw, Assignment, Entry, Round)
    halfway.leaves_nothing(deploy, halfway.LETTER, lambda: halfway.rows_of(tables), monkeypatch)


def test_sending_out_and_taking_back_stand_on_the_draw(sent):
    s = sent
    assert Draw.objects.get().is_out
    services.undo(s.round, actor=s.office, at=AT + timedelta(minutes=1))
    draw = Draw.objects.get()
    assert draw.undone_at == AT + timedelta(minutes=1) and draw.seed_shown == "示例种子"
    services.propose_assignment(s.round, actor=s.office, at=AT + timedelta(minutes=2))
    again = Draw.objects.get(number=2)
    assert again.seed_shown == "" and again.committed_at == draw.undone_at
    assert again.commitment != draw.commitment


def test_two_draws_of_a_round_are_never_out_at_once(sent):
    first = Draw.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.create(
            round=first.round, number=2, made_at=AT, commitment="c", committed_at=AT, seed="s",
            inputs=b"", outcome=b"", pairs=0, objective="0", cost=0, gap=0, deployed_at=AT,
        )  # fmt: skip


# Numbers ---------------------------------------------------------------------------------------


def test_the_disclosed_seed_tells_nobody_who_is_behind_a_number(sent):
    """Numbers and pseudonyms are ordered by a mask of its own, which no paper or page holds."""
    s = sent
    numbers = dict(s.round.entries.values_list("number", "application_id"))

    def drawn(key):
        return hashlib.sha256(f"{s.round.mask}|n|{key}".encode()).hexdigest()

    assert numbers == dict(enumerate(sorted(numbers.values(), key=drawn), start=1))
    assert s.round.mask != s.round.seed
    shown = [public(s), drawrecord.as_json(Draw.objects.get()).decode()]
    shown.append(opening.text(opening.office(s).get(s.round.get_absolute_url())))
    assert not any(s.round.mask in page for page in shown)


# Changes by hand -------------------------------------------------------------------------------


def test_what_was_changed_by_hand_is_listed_beside_the_draw(proposed):
    s = proposed
    task = s.round.assignments.order_by("pk").first()
    free = next(
        one
        for one in s.experts[:-1]
        if not s.round.assignments.filter(expert=one, application=task.application).exists()
    )
    services.remove(task, actor=s.office, at=AT)
    services.add(s.round, expert=free, application=task.application, actor=s.office, at=AT)
    services.deploy(s.round, actor=s.cast.actor("chief"), at=AT)
    draw = Draw.objects.get()
    found = {(one.expert, one.words) for one in drawrecord.adjustments(draw)}
    assert found == {(task.expert_id, "下发前移出"), (free.pk, "手工增加")}
    assert not problems()


def test_a_task_that_nobody_gave_is_found(sent):
    s = sent
    task = s.round.assignments.order_by("pk").first()
    free = next(
        one
        for one in s.experts[:-1]
        if not s.round.assignments.filter(expert=one, application=task.application).exists()
    )
    assert not problems()
    Assignment.objects.filter(pk=task.pk).update(expert=free)
    assert "既非抽取所得" in problems()[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": "别的种子"}, "承诺值"),
        ({"fingerprint": "0" * 64}, "指纹"),
    ],
)
def test_a_changed_draw_is_found(sent, change, words):
    Draw.objects.update(**change)
    assert any(words in told for told in problems())


def test_other_inputs_and_other_outcomes_are_found(sent):
    draw = Draw.objects.get()
    given = draw.given | {"conflicts": []}
    Draw.objects.update(inputs=drawing.packed(given)[0])
    assert any("输入的指纹" in told for told in problems())
    Draw.objects.update(
        inputs=drawing.packed(draw.given)[0],
        outcome=drawing.packed(drawing.outcome(draw.fingerprint, list(draw.drawn)[1:]))[0],
    )
    told = " ".join(problems())
    assert "复算有而记录没有 1 对" in told and "结果的指纹" in told


# The record ------------------------------------------------------------------------------------


def record(s, tmp_path):
    answer = opening.office(s).get(reverse("reviews:draw_record", args=[s.round.public_id, 1]))
    assert answer.status_code == 200
    file = tmp_path / "record.json"
    file.write_bytes(answer.content)
    return file


def test_the_record_alone_is_enough_to_make_the_draw_again(
    sent, tmp_path, django_assert_num_queries
):
    file = record(sent, tmp_path)
    said = io.StringIO()
    with django_assert_num_queries(0):
        call_command("repeat_draw", file, stdout=said)
    assert "相符：4 份申报书、6 名专家、8 项分配" in said.getvalue()


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("seed", lambda was: "x" + was, "种子的 SHA-256"),
        ("pairs", lambda was: was[1:], "复算有而记录没有 2 对"),
        ("inputs", lambda was: was | {"conflicts": []}, "输入的指纹"),
    ],
)
def test_a_record_that_was_changed_differs(sent, tmp_path, part, change, words):
    file = record(sent, tmp_path)
    held = json.loads(file.read_text())
    file.write_text(json.dumps(held | {part: change(held[part])}))
    said = io.StringIO()
    with pytest.raises(CommandError, match="复算不符"):
        call_command("repeat_draw", file, stdout=said)
    assert words in said.getvalue()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": "x"}', b"\xff"])
def test_what_is_no_record_is_told_so(tmp_path, content):
    file = tmp_path / "other.json"
    file.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("repeat_draw", file)


def test_the_record_for_people_has_numbers_and_pseudonyms_only(sent):
    s = sent
    answer = opening.office(s).get(reverse("reviews:draw_sheet", args=[s.round.public_id, 1]))
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["抽取", "申报书", "专家", "手工调整"]
    cells = {str(cell) for page in book for row in page.values for cell in row if cell}
    assert {"PS-0001", s.round.seed, Draw.objects.get().fingerprint} <= cells
    assert any("专家01" in cell for cell in cells)
    for one in s.experts:
        assert one.name not in cells and one.employer_name not in cells


def test_before_the_tasks_are_out_nobody_takes_a_record(proposed):
    for name in ("draw_record", "draw_sheet"):
        url = reverse(f"reviews:{name}", args=[proposed.round.public_id, 1])
        assert opening.office(proposed).get(url).status_code == 409
        assert opening.office(proposed).get(url.replace("/1/", "/7/")).status_code == 404


# Everybody -------------------------------------------------------------------------------------


def public(s) -> str:
    return opening.text(Client().get(reverse("public:draws", args=[s.cast.call.code])))


def grouped(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def test_everybody_reads_the_promise_before_and_the_seed_after(proposed):
    s = proposed
    page = public(s)
    draw = Draw.objects.get()
    assert grouped(draw.commitment) in page and "已承诺，未下发" in page
    assert draw.seed not in page and grouped(draw.fingerprint) not in page
    services.deploy(s.round, actor=s.cast.actor("chief"), at=AT)
    page = public(s)
    assert draw.seed in page and grouped(draw.fingerprint) in page and "已下发" in page
    assert hashlib.sha256(draw.seed.encode()).hexdigest() == draw.commitment
    for hidden in (s.round.title, s.round.public_id, *(one.title for one in s.applications)):
        assert hidden not in page
    link = reverse("public:draws", args=[s.cast.call.code])
    assert link in Client().get(reverse("public:call", args=[s.cast.call.code])).content.decode()


def test_a_draw_that_was_taken_back_stays_before_the_public_with_the_next_promise(sent):
    s = sent
    services.undo(s.round, actor=s.office, at=AT + timedelta(minutes=1))
    s.round.refresh_from_db()
    (shown,) = disclosure.disclosed(s.cast.call)
    assert [one.seed for one in shown.promises] == ["示例种子", ""]
    assert shown.promises[0].undone_at and not shown.promises[1].deployed_at
    assert shown.promises[1].commitment == s.round.next_commitment
    services.propose_assignment(s.round, actor=s.office, at=AT + timedelta(minutes=2))
    (shown,) = disclosure.disclosed(s.cast.call)
    assert [one.commitment for one in shown.promises][1] == Draw.objects.get(number=2).commitment
    assert shown.promises[1].times == 0 and not shown.promises[1].fingerprint


def test_a_proposal_that_is_not_out_changes_nothing_before_the_public(proposed):
    s = proposed
    before = public(s)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    assert public(s) == before


def test_a_round_of_a_unit_is_not_before_the_public(sent):
    Round.objects.filter(pk=sent.round.pk).update(organisation=sent.cast.province)
    assert disclosure.disclosed(sent.cast.call) == []
    assert "还没有公布的抽取" in public(sent)


# The auditor -----------------------------------------------------------------------------------


def test_the_auditor_reads_a_round_without_names_and_without_acts(sent):
    s = sent
    client = auditor(s)
    for name, args in (
        ("board", []),
        ("round", [s.round.public_id]),
        ("draws", [s.round.public_id]),
        ("ranking", [s.round.public_id]),
    ):
        answer = client.get(reverse(f"reviews:{name}", args=args))
        assert answer.status_code == 200, name
        page = answer.content.decode()
        main = page[page.index("<main") :]
        assert 'method="post"' not in main, name
        for one in s.experts:
            assert one.name not in main, name
    page = opening.text(client.get(s.round.get_absolute_url()))
    assert "专家01" in page and "只读" in page
    for name in ("conflicts", "extend"):
        assert client.get(reverse(f"reviews:{name}", args=[s.round.public_id])).status_code == 403
    for name in ("propose", "deploy", "undo", "close", "add"):
        assert client.post(reverse(f"reviews:{name}", args=[s.round.public_id])).status_code == 403
    assert queries.unfinished(s.round).count() == 8
