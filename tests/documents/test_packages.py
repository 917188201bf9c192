"""Large files made on request: taken by one worker, whole or not at all, for their asker alone."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Membership
from accounts.roles import Role
from audit.models import Entry
from core.errors import Refusal
from documents.models import Package
from documents.packages import registry, services
from documents.packages.work import MOST_FILES, Archive, NotYet, Work, safe_name
from notifications.models import Message
from tests import world
from tests.world import AT

pytestmark = pytest.mark.django_db

SOON = AT + timedelta(seconds=1)


@pytest.fixture
def kind(monkeypatch):
    """A kind of package whose builder the test gives as ``kind.build``."""

    class Kind:
        @staticmethod
        def build(package, work):
            work.expect(2)
            with Archive(work) as archive:
                archive.add("一.txt", b"one")
                work.step()
                archive.add("二.txt", b"two", squeeze=True)
                work.step()

    made = registry.Builder(
        "test-kind",
        "测试",
        lambda package, work: Kind.build(package, work),
        lambda package, held: held.role.startswith("rec_"),
        lambda package: "/packages/",
    )
    monkeypatch.setitem(registry._builders, made.kind, made)
    return Kind


def ask(cast, name="operator", **options):
    return services.request(
        kind="test-kind",
        subject=cast.province,
        title="示例打包",
        acting=Membership.objects.get(user=cast.people[name]),
        actor=cast.actor(name),
        at=AT,
        options=options,
    )


def again(package):
    return Package.objects.get(pk=package.pk)


def stored():
    try:
        return sorted(default_storage.listdir("packages")[1])
    except FileNotFoundError:
        return []


def as_(client, cast, name):
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name, package):
    return reverse(f"documents:{name}", args=[package.public_id])


def test_a_package_is_built_kept_and_fetched(client, cast, kind):
    package = ask(cast)
    assert services.build_waiting(at=SOON) == 1
    package = again(package)
    assert (package.state, package.done, package.total) == ("ready", 2, 2)
    answer = as_(client, cast, "operator").get(url("package_file", package))
    body = b"".join(answer.streaming_content)
    assert len(body) == package.size == int(answer["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        assert book.namelist() == ["一.txt", "二.txt"] and book.testzip() is None
    assert "attachment" in answer["Content-Disposition"]
    actions = Entry.objects.filter(action__contains="package").values_list("action", flat=True)
    assert set(actions) == {"documents.request_package", "documents.package_ready"}


def test_asking_twice_for_the_same_is_one_package(cast, kind):
    assert ask(cast).pk == ask(cast).pk != ask(cast, evidence=True).pk
    assert ask(cast, "approver").pk != ask(cast).pk


def test_a_person_has_only_so_many_at_once(cast, kind):
    for n in range(services.MOST_OPEN):
        ask(cast, n=n)
    with pytest.raises(Refusal) as refused:
        ask(cast, n=99)
    assert refused.value.code == "too-many-packages"
    assert Package.objects.count() == services.MOST_OPEN


def test_who_may_not_have_it_cannot_ask_for_it(cast, kind):
    with pytest.raises(Refusal) as refused:
        ask(cast, "office")
    assert refused.value.code == "not-yours" and not Package.objects.exists()


def test_a_builder_that_fails_is_tried_again_and_then_gives_up(cast, kind):
    def broken(package, work):
        work.file.write(b"half")
        raise OSError("disk")

    kind.build = broken
    package, at = ask(cast), SOON
    for n in range(1, services.ATTEMPTS + 1):
        assert services.build_waiting(at=at) == 0
        assert again(package).attempts == n
        at += timedelta(hours=1)
    package = again(package)
    assert package.state == "failed" and "没有成功" in package.error
    assert package.fault == "OSError: disk" and stored() == []
    assert services.build_waiting(at=at) == 0
    del kind.build
    kind.build = staticmethod(lambda package, work: work.file.write(b"whole"))
    services.retry(package, actor=cast.actor("operator"), at=at)
    assert services.build_waiting(at=at) == 1


def test_a_refusal_of_the_builder_is_told_and_not_tried_again(client, cast, kind):
    kind.build = staticmethod(lambda package, work: work.expect(MOST_FILES + 1))
    package = ask(cast)
    services.build_waiting(at=SOON)
    package = again(package)
    assert package.state == "failed" and package.attempts == 1
    text = as_(client, cast, "operator").get(url("package", package)).content.decode()
    assert "请缩小筛选范围后分次打包" in text and "重新打包" in text


def test_bytes_beyond_the_limit_are_refused_while_writing(cast, kind, monkeypatch):
    monkeypatch.setattr("documents.packages.work.MOST_BYTES", 1000)

    def large(package, work):
        with Archive(work) as archive:
            for n in range(10):
                archive.add(f"{n}.bin", b"x" * 300)

    kind.build = large
    package = ask(cast)
    services.build_waiting(at=SOON)
    assert again(package).state == "failed" and "超过一次打包上限" in again(package).error
    assert stored() == []


def test_what_a_killed_worker_left_is_built_again(cast, kind):
    package = ask(cast)
    taken = services._claim(at=SOON)
    assert taken.pk == package.pk and services.build_waiting(at=SOON) == 0
    late = SOON + services.LEASE + timedelta(seconds=1)
    assert services.build_waiting(at=late) == 1
    assert again(package).attempts == 2


def test_a_worker_that_dies_each_time_is_not_followed_for_ever(cast, kind):
    package, at = ask(cast), SOON
    for _ in range(services.ATTEMPTS):
        assert services._claim(at=at)
        at += services.LEASE + timedelta(seconds=1)
    assert services._claim(at=at) is None
    assert again(package).state == "failed"


def test_a_worker_whose_claim_ran_out_publishes_nothing(cast, kind):
    whole = kind.build

    def slow(package, work):
        whole(package, work)
        Package.objects.filter(pk=package.pk).update(claimed_until=AT + timedelta(days=1))

    kind.build = slow
    package = ask(cast)
    assert services.build_waiting(at=SOON) == 0
    assert again(package).state == "building" and stored() == []


def test_a_file_kept_before_the_worker_died_is_swept(cast, kind, monkeypatch):
    package = ask(cast)
    with monkeypatch.context() as patched:
        patched.setattr(services, "_record", lambda *args, **data: 1 / 0)
        services.build_waiting(at=SOON)
    assert again(package).state == "waiting" and len(stored()) == 1
    assert services.sweep(at=SOON) == 1 and stored() == []
    assert services.build_waiting(at=SOON + timedelta(hours=1)) == 1
    assert services.sweep(at=SOON + timedelta(hours=1)) == 0 and len(stored()) == 1


def test_cancelling_stops_the_builder_at_its_next_step(cast, kind, monkeypatch):
    monkeypatch.setattr(services, "REPORT_EVERY", 0)
    steps = []

    def build(package, work):
        work.expect(3)
        services.cancel(package, actor=cast.actor("operator"), at=SOON)
        for n in range(3):
            work.step()
            steps.append(n)

    kind.build = build
    package = ask(cast)
    assert services.build_waiting(at=SOON) == 0
    assert again(package).state == "cancelled" and steps == [] and stored() == []
    with pytest.raises(Refusal):
        services.cancel(package, actor=cast.actor("operator"), at=SOON)


def test_what_is_still_drawn_is_waited_for_without_counting_as_a_failure(client, cast, kind):
    def build(package, work: Work):
        if work.may_wait:
            raise NotYet("还有 2 份文件正在生成。")
        work.tell("缺 2 份。")
        work.file.write(b"rest")

    kind.build = build
    package, at = ask(cast), SOON
    for _ in range(8):
        services.build_waiting(at=at)
        at += timedelta(minutes=1)
    assert (again(package).state, again(package).attempts) == ("waiting", 0)
    answer = as_(client, cast, "operator").get(url("package_progress", package)).json()
    assert answer["open"] and answer["words"] == "还有 2 份文件正在生成。"
    services.build_waiting(at=AT + services.WAIT_AT_MOST)
    assert again(package).state == "ready" and again(package).note == "缺 2 份。"


def letters(cast, name="operator"):
    found = Message.objects.filter(user=cast.people[name], kind__startswith="package_")
    return list(found.order_by("pk"))


def test_who_asked_is_told_once_that_it_is_ready_and_where(client, cast, kind):
    package = ask(cast)
    services.build_waiting(at=SOON)
    services.build_waiting(at=SOON + timedelta(hours=1))
    (letter,) = letters(cast)
    assert letter.subject == "打包完成：示例打包" and url("package", package) in letter.body
    assert not letters(cast, "approver")
    inbox = as_(client, cast, "operator").get(reverse("notifications:inbox"))
    assert "打包完成：示例打包" in inbox.content.decode()


def test_who_asked_is_told_of_each_failure_with_its_reason(cast, kind):
    kind.build = staticmethod(lambda package, work: work.expect(MOST_FILES + 1))
    package, later = ask(cast), SOON + timedelta(hours=1)
    services.build_waiting(at=SOON)
    services.retry(package, actor=cast.actor("operator"), at=later)
    services.build_waiting(at=later)
    first, second = letters(cast)
    assert first.subject == second.subject == "打包没有成功：示例打包"
    assert "请缩小筛选范围后分次打包" in first.body and url("package", package) in first.body


def test_who_asked_is_told_when_the_worker_died_each_time(cast, kind):
    ask(cast)
    at = SOON
    for _ in range(services.ATTEMPTS):
        services._claim(at=at)
        at += services.LEASE + timedelta(seconds=1)
    assert services._claim(at=at) is None
    assert [one.kind for one in letters(cast)] == ["package_failed"]


def test_nothing_is_published_whose_letter_could_not_be_written(cast, kind, monkeypatch):
    package = ask(cast)
    with monkeypatch.context() as patched:
        patched.setattr("notifications.services.enqueue", lambda **words: 1 / 0)
        services.build_waiting(at=SOON)
    assert again(package).state == "waiting" and not letters(cast)
    assert not Entry.objects.filter(action="documents.package_ready").exists()


def test_the_account_menu_leads_those_who_can_ask_to_their_packages(client, cast):
    here = reverse("documents:packages")

    def menu(name):
        text = as_(client, cast, name).get(reverse("notifications:inbox")).content.decode()
        return f'href="{here}"' in text

    assert all(menu(name) for name in ("admin", "operator", "approver", "office"))
    cast.people["expert"] = world.person(cast.office, Role.EXPERT, "评示例")
    assert not menu("expert")


def test_a_package_expires_and_its_file_goes(client, cast, kind):
    package = ask(cast)
    services.build_waiting(at=SOON)
    over = again(package).expires_at
    assert services.sweep(at=over - timedelta(seconds=1)) == 0
    assert services.sweep(at=over) == 1 and stored() == []
    assert again(package).state == "expired"
    answer = as_(client, cast, "operator").get(url("package_file", package))
    assert answer.status_code == 410 and "保留期已过" in answer.content.decode()


def test_only_the_asker_sees_it_and_only_while_in_office(client, cast, kind):
    package = ask(cast)
    services.build_waiting(at=SOON)
    assert as_(client, cast, "approver").get(url("package_file", package)).status_code == 404
    as_(client, cast, "operator")
    assert client.get(url("package_file", package)).status_code == 200
    accounts.end_membership(
        Membership.objects.get(user=cast.people["operator"]), actor=cast.actor("approver"), at=AT
    )
    assert client.get(url("package_file", package)).status_code == 404
    assert "示例打包" not in client.get(reverse("documents:packages")).content.decode()


def test_a_kind_that_is_known_no_more_belongs_to_nobody(client, cast, kind, monkeypatch):
    package = ask(cast)
    monkeypatch.delitem(registry._builders, "test-kind")
    assert as_(client, cast, "operator").get(url("package", package)).status_code == 404
    assert client.get(reverse("documents:packages")).status_code == 200
    services.build_waiting(at=SOON)
    assert again(package).state == "waiting" and "KeyError" in again(package).fault


def test_changed_bytes_are_not_handed_out(client, cast, kind):
    package = ask(cast)
    services.build_waiting(at=SOON)
    with open(default_storage.path(again(package).path), "ab") as file:
        file.write(b"!")
    client.raise_request_exception = False
    assert as_(client, cast, "operator").get(url("package_file", package)).status_code == 500


def test_the_page_says_how_far_it_is_with_and_without_a_script(client, cast, kind):
    package = ask(cast)
    text = as_(client, cast, "operator").get(url("package", package)).content.decode()
    assert "已排队" in text and 'aria-live="polite"' in text
    assert "data-progress" in text and '<noscript><meta http-equiv="refresh"' in text
    client.post(url("package_cancel", package))
    assert "已取消" in client.get(reverse("documents:packages")).content.decode()


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("01", "JB-1", "甲/乙:丙"), "01_JB-1_甲-乙-丙.pdf"),
        (("con",), "_con.pdf"),
        (("..", "", "x. "), "x.pdf"),
        (("a\u202eb\x00c",), "abc.pdf"),
        (("",), "文件.pdf"),
    ],
)
def test_names_are_legal_everywhere(parts, name):
    assert safe_name(*parts, suffix=".pdf") == name


def test_names_are_short_and_cut_at_a_whole_character():
    name = safe_name("01", "长" * 300, suffix=".pdf")
    assert len(name.encode()) <= 200 and name.endswith("长.pdf")
