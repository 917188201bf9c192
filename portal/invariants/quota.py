"""Places, confirmations, lists and sealed scans."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, F, Q

from applications.models import Application, Version
from applications.workflow import Status
from calls.models import Call
from calls.programme import Step
from portal.invariants.base import check
from recommenders import liststates, matching, ranking
from recommenders.models import (
    Allotment,
    Confirmation,
    LevelQuota,
    ListVersion,
    RankedList,
    SealedScan,
)
from recommenders.queries import forwarded

Found = Iterator[tuple[str, str]]
HOLDING = (Status.RECOMMENDED, Status.ACCEPTED, Status.IN_REVIEW, Status.FINALIST)
EITHER = (Status.NOT_SELECTED,)
ACCEPTED_SCANS = (SealedScan.State.MATCHED, SealedScan.State.MANUAL_CONFIRMED)
LIVE = Q(confirmations__released_at__isnull=True, confirmations__isnull=False)


@check("R3")
def confirmations_fit_their_places() -> Found:
    """R3: never more live confirmations than the limit and what was granted above it."""
    for allotment in Allotment.objects.annotate(
        used=Count("confirmations", filter=LIVE, distinct=True),
    ).annotate(
        ordinary=Count(
            "confirmations",
            filter=LIVE & Q(confirmations__place__granted_for__isnull=True),
            distinct=True,
        ),
    ):
        name = f"recommenders.allotment:{allotment.pk}"
        rows = allotment.places.count()
        if allotment.used > rows:  # type: ignore[attr-defined]
            yield name, f"推荐 {allotment.used} 项，名额只有 {rows} 个"  # type: ignore[attr-defined]
        if allotment.limit is not None and allotment.ordinary > allotment.limit:  # type: ignore[attr-defined]
            yield name, f"限额 {allotment.limit} 项，占用 {allotment.ordinary} 项"  # type: ignore[attr-defined]
        if allotment.limit is not None:
            ordinary = allotment.places.filter(granted_for__isnull=True)
            if ordinary.exclude(of_limit=allotment.limit).exists():
                yield name, "名额行记的限额与现行限额不同"
            if ordinary.count() != allotment.limit:
                yield name, f"限额 {allotment.limit} 项，名额行 {ordinary.count()} 个"


@check("R3")
def places_are_held_by_whom_they_are_for() -> Found:
    """R3: a place is held once, in its own allotment, a granted one by the named application."""
    live = Confirmation.objects.filter(released_at__isnull=True)
    for place, held in live.values_list("place").annotate(n=Count("pk")).filter(n__gt=1):
        yield f"recommenders.place:{place}", f"一个名额被占用 {held} 次"
    strange = live.exclude(place__allotment=F("allotment")) | live.filter(
        place__granted_for__isnull=False
    ).exclude(place__granted_for=F("application"))
    for pk in strange.values_list("pk", flat=True):
        yield f"recommenders.confirmation:{pk}", "占用了别的单位或别的项目的名额"
    wrong = live.exclude(allotment__call=F("application__call")) | live.exclude(
        allotment__organisation=F("application__recommender")
    )
    for pk in wrong.values_list("pk", flat=True):
        yield f"recommenders.confirmation:{pk}", "名额与申报的批次或推荐单位不符"


@check("R3")
def levels_forward_what_they_may() -> Found:
    """R3: a level below has sent up no more filings than the level above it allows."""
    for quota in LevelQuota.objects.select_related("call"):
        sent = forwarded(quota.call, quota.organisation_id).count()
        if sent > quota.limit:
            yield (
                f"recommenders.levelquota:{quota.pk}",
                f"已上报 {sent} 项，上级核定 {quota.limit} 项",
            )


@check("R3")
def recommended_means_a_place_is_held() -> Found:
    """R3: whatever stands as recommended, and what follows from it, holds a place; nothing else."""
    held = set(
        Confirmation.objects.filter(released_at__isnull=True).values_list("application", flat=True)
    )
    recommending = {
        call.pk for call in Call.objects.all() if Step.RECOMMENDATION in call.steps
    }  # the rules are read once for each call, not with each of its filings
    for application in Application.objects.only(
        "pk", "status", "returned_from", "call_id"
    ).iterator(1000):
        name = f"applications.application:{application.pk}"
        if application.call_id not in recommending:
            if application.pk in held:
                yield name, "批次没有推荐步骤，却占有名额"
            continue
        if application.status in EITHER:
            continue
        due = application.status in HOLDING or (
            application.status == Status.RETURNED
            and application.returned_from == Status.RECOMMENDED
        )
        if due and application.pk not in held:
            yield name, f"状态为“{application.get_status_display()}”，却没有占用名额"
        if not due and application.pk in held:
            yield name, f"状态为“{application.get_status_display()}”，却仍占用名额"


@check("R10")
def list_versions_are_what_their_hash_says() -> Found:
    """R10: rows, hash, sheet and the frozen versions they name agree."""
    known: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for public_id, number, fingerprint in Version.objects.values_list(
        "application__public_id", "number", "fingerprint"
    ):
        known[public_id].add((number, fingerprint))
    for version in ListVersion.objects.select_related("document"):
        name = f"recommenders.listversion:{version.pk}"
        if ranking.list_hash(version.rows) != version.hash:
            yield name, "名单内容与指纹不符"
        if [row["rank"] for row in version.rows] != list(range(1, len(version.rows) + 1)):
            yield name, "名单序号不连续"
        for row in version.rows:
            if (row["version"], row["fingerprint"]) not in known[row["application"]]:
                yield name, f"第 {row['rank']} 行的申报书版本不存在"
        if version.document is None:
            yield name, "没有汇总表"
        elif version.document.snapshot.get("content_fingerprint") != version.hash:
            yield name, "汇总表不是由这一版名单生成的"
        elif bool(version.voided_at) != bool(version.document.voided_at):
            yield name, "名单与汇总表一个作废、一个有效"


@check("R10")
def list_states_fit_their_versions() -> Found:
    """R10: a confirmed list has one version in force and holds what is recommended; an open one
    has none; a sealed or delivered one rests on a scan of the version in force."""
    live: dict[tuple[int, int], list[tuple[str, int]]] = defaultdict(list)
    for call, unit, public_id, rank in Confirmation.objects.filter(
        released_at__isnull=True
    ).values_list("allotment__call", "allotment__organisation", "application__public_id", "rank"):
        live[call, unit].append((public_id, rank))
    for ranked in RankedList.objects.select_related("call").prefetch_related("versions__scans"):
        name = f"recommenders.rankedlist:{ranked.pk}"
        versions = list(ranked.versions.all())
        in_force = [version for version in versions if version.voided_at is None]
        held = live[ranked.call_id, ranked.organisation_id]
        if ranked.version != max((version.number for version in versions), default=0):
            yield name, "版本号与名单版本不符"
        if ranked.state == liststates.OPEN:
            if in_force:
                yield name, "名单已重新打开，旧版仍有效"
            if sorted(rank for _, rank in held) != list(range(1, len(held) + 1)):
                yield name, "推荐序号不连续"
            continue
        if len(in_force) != 1:
            yield name, f"应有一版有效名单，实有 {len(in_force)} 版"
            continue
        rows = {row["application"] for row in in_force[0].rows}
        if {public_id for public_id, _ in held} - rows:
            yield name, "有推荐项目不在已确认的名单中"
        scans = [scan for scan in in_force[0].scans.all() if scan.state in ACCEPTED_SCANS]
        if ranked.state == liststates.SEALED and not scans:
            yield name, "没有与现行名单相符的盖章扫描件"


@check("R10")
def matched_scans_name_their_list() -> Found:
    """R10: a scan that counts as matched says so on every page of its own result."""
    for scan in SealedScan.objects.filter(state=SealedScan.State.MATCHED).only("pk", "result"):
        if scan.result.get("verdict") != matching.MATCHED:
            yield f"recommenders.sealedscan:{scan.pk}", "标为相符，比对结果却不是逐页相符"
