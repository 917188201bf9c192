"""Asking for packages, building them, cancelling, and letting them go.

Only this module writes the state of a package.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.core.files.storage import default_storage
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from accounts.models import Membership, Organisation
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.figures import whole_or
from documents import storage
from documents.fingerprints import fingerprint
from documents.models import Package
from documents.packages import registry, signals
from documents.packages.work import Abandoned, NotYet, Work, safe_name

PACKER = Actor("packer")
FOLDER = "packages"
LEASE = timedelta(minutes=10)
PATIENCE = (timedelta(seconds=20), timedelta(minutes=2))
ATTEMPTS = len(PATIENCE) + 1
LOOK_AGAIN = timedelta(seconds=15)
WAIT_AT_MOST = timedelta(minutes=10)
"""How long a package waits for what is still being drawn; then it is built without."""
KEEP = timedelta(days=3)
MOST_OPEN = 5
REPORT_EVERY = 0.5
"""Seconds between two writes of the progress."""

State = Package.State
log = logging.getLogger(__name__)


def request(
    *,
    kind: str,
    subject: models.Model,
    title: str,
    acting: Membership,
    actor: Actor,
    at: datetime,
    options: Mapping[str, Any] | None = None,
) -> Package:
    """Ask for a package, in the name of the unit of ``acting``. A worker builds it afterwards.

    Asking again for the same while it is worked on gives the same row. Raises ``Refusal``:
    ``not-yours`` (403), ``too-many-packages``.
    """
    chosen = dict(options or {})
    label = audit.label(subject)
    package = Package(
        kind=kind,
        title=title[:200],
        subject=label,
        options=chosen,
        choice=fingerprint({"options": chosen, "organisation": acting.organisation_id}),
        organisation=acting.organisation,
        requested_by_id=actor.person,
        requested_at=at,
        not_before=at,
    )
    if not registry.builder(kind).allowed(package, acting):
        raise Refusal("not-yours", "您现在的身份不能打包这些文件，请切换到相应的身份。", status=403)
    with transaction.atomic():
        running = Package.objects.filter(
            requested_by=actor.person, state__in=[State.WAITING, State.BUILDING]
        )
        same = running.filter(kind=kind, subject=label, choice=package.choice).first()
        if same:
            return same
        if running.count() >= MOST_OPEN:
            raise Refusal(
                "too-many-packages",
                f"您已有 {MOST_OPEN} 个打包正在进行，请等其中一个完成或取消后再申请。",
            )
        try:
            with transaction.atomic():
                package.save(force_insert=True)
        except IntegrityError:
            return running.get(kind=kind, subject=label, choice=package.choice)
        audit.record(
            actor=actor,
            action="documents.request_package",
            subject=package,
            at=at,
            kind=kind,
            about=label,
            options=chosen,
        )
        transaction.on_commit(_nudge, robust=True)
    return package


@transaction.atomic
def cancel(package: Package, *, actor: Actor, at: datetime) -> None:
    """Take the request back. What a worker has written of it goes with the worker's next step."""
    held = Package.objects.filter(pk=package.pk, state__in=[State.WAITING, State.BUILDING]).update(
        state=State.CANCELLED, claimed_until=None, ended_at=at
    )
    if not held:
        raise Refusal("package-ended", "这个打包已经结束，不需要取消。请刷新页面。")
    audit.record(actor=actor, action="documents.cancel_package", subject=package, at=at)


@transaction.atomic
def retry(package: Package, *, actor: Actor, at: datetime) -> None:
    """Try a failed or expired package again."""
    running = Package.objects.filter(
        kind=package.kind,
        subject=package.subject,
        choice=package.choice,
        requested_by=package.requested_by,
        state__in=[State.WAITING, State.BUILDING],
    )
    ended = [State.FAILED, State.EXPIRED, State.CANCELLED]
    if running.exists() or not Package.objects.filter(pk=package.pk, state__in=ended).update(
        state=State.WAITING,
        attempts=0,
        requested_at=at,
        not_before=at,
        done=0,
        total=0,
        note="",
        error="",
        fault="",
        ended_at=None,
        expires_at=None,
    ):
        raise Refusal("package-running", "这个打包正在进行或已经完成，不需要重新打包。请刷新页面。")
    audit.record(actor=actor, action="documents.retry_package", subject=package, at=at)
    transaction.on_commit(_nudge, robust=True)


def of(subject: models.Model, *, kind: str, organisation: Organisation | int) -> Package | None:
    """The newest package of this kind about this subject that was asked for in a unit's name."""
    return Package.objects.filter(
        subject=audit.label(subject), kind=kind, organisation=organisation
    ).first()


def _nudge() -> None:
    """Tell a worker that there is work. Only a hint: the pulse finds the row anyway."""
    try:
        current_app.send_task("documents.packages.tasks.build_packages", expires=55, retry=False)
    except Exception as error:  # the broker may be away in any way it likes
        log.info("no nudge to the packer: %s", error)


# ── building ─────────────────────────────────────────────────────────────────────────────────


def build_waiting(*, at: datetime, limit: int = 3) -> int:
    """Build up to ``limit`` packages, one after the other; how many became ready.

    Any number of these may run at once. A row is taken by a conditional update with an expiry,
    which each step of the builder renews; what a killed worker leaves behind is taken again and
    built from the beginning. Nothing of it can be seen until the whole file is kept.
    """
    started, ready = time.monotonic(), 0

    def clock() -> datetime:
        return at + timedelta(seconds=time.monotonic() - started)

    for _ in range(limit):
        package = _claim(at=clock())
        if package is None:
            break
        ready += _attempt(package, clock=clock)
    return ready


def _due(at: datetime) -> models.QuerySet[Package]:
    waiting = Q(state=State.WAITING, not_before__lte=at)
    abandoned = Q(state=State.BUILDING, claimed_until__lt=at)
    return Package.objects.filter(waiting | abandoned)


def _claim(*, at: datetime) -> Package | None:
    while (
        pk := _due(at).order_by("not_before", "pk").values_list("pk", flat=True).first()
    ) is not None:
        taken = (
            _due(at)
            .filter(pk=pk, attempts__lt=ATTEMPTS)
            .update(
                state=State.BUILDING,
                claimed_until=at + LEASE,
                attempts=F("attempts") + 1,
                done=0,
                total=0,
            )
        )
        if taken:
            return Package.objects.select_related("organisation", "requested_by").get(pk=pk)
        _give_up(pk, at=at)
    return None


@transaction.atomic
def _give_up(pk: int, *, at: datetime) -> None:
    """What killed its worker each time is not tried for ever."""
    held = (
        _due(at)
        .filter(pk=pk, attempts__gte=ATTEMPTS)
        .update(
            state=State.FAILED,
            claimed_until=None,
            ended_at=at,
            error=_gave_up(),
            fault=f"the worker died {ATTEMPTS} times",
        )
    )
    if held:
        _record("documents.package_failed", pk, at=at, fault="the worker died")
        _tell(pk, at=at)


def _gave_up() -> str:
    return f"打包 {ATTEMPTS} 次没有成功。请稍后重新打包；仍不成功的，请与技术支持联系。"


def _attempt(package: Package, *, clock: Callable[[], datetime]) -> bool:
    """Build one package; whether it became ready. Whatever happens is written into its row."""
    try:
        builder = registry.builder(package.kind)
        with tempfile.TemporaryFile(prefix="jiebang-package-") as file:
            work = Work(
                file,
                at=clock(),
                may_wait=clock() < package.requested_at + WAIT_AT_MOST,
                report=_reporter(package, clock),
            )
            builder.build(package, work)
            _hold(package, at=clock(), done=work.done, total=work.total)
            return _publish(package, builder, work, at=clock())
    except Abandoned:
        return False
    except NotYet as wait:
        _wait(package, words=str(wait), at=clock())
    except Refusal as refusal:
        _fail(package, words=str(refusal), at=clock())
    except Exception as error:
        log.exception("package %s could not be built", package.pk)
        _postpone(package, error=error, at=clock())
    return False


def _reporter(package: Package, clock: Callable[[], datetime]) -> Callable[[int, int], None]:
    """Writes the progress now and then, and keeps the claim alive by it."""
    last = 0.0

    def report(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= REPORT_EVERY:
            _hold(package, at=clock(), done=done, total=total)
            last = time.monotonic()

    return report


def _held(package: Package) -> models.QuerySet[Package]:
    return Package.objects.filter(
        pk=package.pk, state=State.BUILDING, claimed_until=package.claimed_until
    )


def _hold(package: Package, *, at: datetime, done: int, total: int) -> None:
    until = at + LEASE
    if not _held(package).update(claimed_until=until, done=done, total=total):
        raise Abandoned
    package.claimed_until, package.done, package.total = until, done, total


def _publish(package: Package, builder: registry.Builder, work: Work, *, at: datetime) -> bool:
    """Keep the file, then say so in one transaction; never half a file."""
    work.file.flush()
    size = work.file.seek(0, 2)
    if not size:
        raise ValueError(f"the builder of {package.kind} wrote nothing")
    work.must_fit(size)
    path = f"{FOLDER}/{package.public_id}-{package.attempts}{builder.suffix}"
    sha256 = storage.write_file(path, work.file)
    with transaction.atomic():
        held = _held(package).update(
            state=State.READY,
            claimed_until=None,
            path=path,
            name=safe_name(package.title, suffix=builder.suffix),
            size=size,
            sha256=sha256,
            note="\n".join(work.said),
            error="",
            fault="",
            ended_at=at,
            expires_at=at + KEEP,
        )
        if held:
            _record("documents.package_ready", package.pk, at=at, size=size, sha256=sha256)
            _tell(package.pk, at=at)
    if not held:
        storage.delete(path)
    return bool(held)


@transaction.atomic
def _wait(package: Package, *, words: str, at: datetime) -> None:
    """Look again later. Waiting for others is no failed attempt."""
    _held(package).update(
        state=State.WAITING,
        claimed_until=None,
        attempts=F("attempts") - 1,
        not_before=at + LOOK_AGAIN,
        note=words,
    )


@transaction.atomic
def _fail(package: Package, *, words: str, at: datetime, fault: str = "") -> None:
    held = _held(package).update(
        state=State.FAILED, claimed_until=None, ended_at=at, error=words, fault=fault
    )
    if held:
        _record("documents.package_failed", package.pk, at=at, error=words, fault=fault)
        _tell(package.pk, at=at)


def _postpone(package: Package, *, error: Exception, at: datetime) -> None:
    fault = f"{type(error).__name__}: {error}"[:2000]
    if package.attempts >= ATTEMPTS:
        _fail(package, words=_gave_up(), at=at, fault=fault)
        return
    _held(package).update(
        state=State.WAITING,
        claimed_until=None,
        not_before=at + PATIENCE[package.attempts - 1],
        fault=fault,
    )


def _record(action: str, pk: int, *, at: datetime, **data: Any) -> None:
    audit.record(actor=PACKER, action=action, subject=Package.objects.get(pk=pk), at=at, **data)


def _tell(pk: int, *, at: datetime) -> None:
    package = Package.objects.select_related("requested_by").get(pk=pk)
    signals.ended.send(sender=Package, package=package, at=at)


# ── letting go ───────────────────────────────────────────────────────────────────────────────


def sweep(*, at: datetime) -> int:
    """Expire what was kept long enough, and remove files that no row names. How many files went.

    A file without its row is what a worker left that was killed between keeping and saying so.
    """
    for package in Package.objects.filter(state=State.READY, expires_at__lte=at):
        with transaction.atomic():
            held = Package.objects.filter(pk=package.pk, state=State.READY).update(
                state=State.EXPIRED, path=""
            )
            if held:
                _record("documents.package_expired", package.pk, at=at)
    return sum(_is_orphan(name) and _remove(name) for name in _files())


def _files() -> list[str]:
    try:
        return list(default_storage.listdir(FOLDER)[1])
    except FileNotFoundError:
        return []


def _is_orphan(name: str) -> bool:
    """Whether no row names this file and no worker is about to."""
    if Package.objects.filter(path=f"{FOLDER}/{name}").exists():
        return False
    public_id, _, rest = name.partition("-")
    return not Package.objects.filter(
        public_id=public_id,
        state=State.BUILDING,
        attempts=whole_or(rest.partition(".")[0], -1),
    ).exists()


def _remove(name: str) -> bool:
    storage.delete(f"{FOLDER}/{name}")
    return True
