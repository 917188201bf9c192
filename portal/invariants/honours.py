"""Awards under their caps, the register that follows from them, certificates, the library."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from calls.models import Winner
from honours.models import ArchiveRequest, Certificate, CertificateChange, Project
from outcomes.models import Award, Decision, Publication, Slot, SlotGroup
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]
SLOTS = ("call_slot", "direction_slot", "subfield_slot")
STANDING = (Award.State.PENDING, Award.State.APPLIED)


@check("R3")
def awards_fit_their_caps() -> Found:
    """R3: a cap of the award holds no more awards than slots, and none of the selection's."""
    held = Q(awarded_as_call_slot__isnull=False) | Q(awarded_as_direction_slot__isnull=False)
    held |= Q(awarded_as_subfield_slot__isnull=False)
    used = dict(
        Slot.objects.filter(held).values_list("group").annotate(n=Count("pk", distinct=True))
    )
    for group in SlotGroup.objects.annotate(
        granted=Count("slots", filter=Q(slots__granted_for__isnull=False))
    ):
        most = group.limit + group.granted  # type: ignore[attr-defined]
        if used.get(group.pk, 0) > most:
            yield f"outcomes.slotgroup:{group.pk}", f"上限 {most}，已授予 {used[group.pk]} 项"
        if used.get(group.pk) and group.stage != "award":
            yield f"outcomes.slotgroup:{group.pk}", "优胜占用了遴选的名额位"


@check("R3")
def every_award_holds_every_slot_it_needs() -> Found:
    """R3: an award holds one slot of each cap that counts it, and rests on an applied selection."""
    groups: dict[tuple[int, str], list[SlotGroup]] = {}
    for group in SlotGroup.objects.filter(stage="award"):
        groups.setdefault((group.call_id, group.tier), []).append(group)
    for award in Award.objects.filter(outcome=Award.Outcome.WIN, state__in=STANDING).select_related(
        "application__decision", *SLOTS
    ):
        one = award.application
        name = f"outcomes.award:{award.pk}"
        held = {slot.group_id for key in SLOTS if (slot := getattr(award, key))}
        due = {
            group.pk
            for group in groups.get((one.call_id, award.tier), [])
            if group.kind == SlotGroup.Kind.CALL
            or (group.kind == SlotGroup.Kind.DIRECTION and group.direction_id == one.direction_id)
            or (group.kind == SlotGroup.Kind.SUBFIELD and group.subfield_id == one.subfield_id)
        }
        if held != due:
            yield name, "占用的名额位与适用的上限不符"
        decision = getattr(one, "decision", None)
        if decision is None or decision.state != Decision.State.APPLIED:
            yield name, "优胜没有生效的入选决定"
    for pk in Award.objects.filter(approved_by=F("proposed_by")).values_list("pk", flat=True):
        yield f"outcomes.award:{pk}", "拟定与批准是同一人"


@check("R3")
def each_announced_winner_stands_in_the_register() -> Found:
    """R3: announced awards and rows of the register are the same projects, one each."""
    announced = set(
        Award.objects.filter(announcement__isnull=False).values_list(
            "application__public_id", flat=True
        )
    )
    registered = list(
        Winner.objects.in_force().exclude(project="").values_list("project", flat=True)
    )
    for project in sorted(announced - set(registered)):
        yield f"applications.application:{project}", "已公布的优胜没有登记"
    for project in sorted(set(registered) - announced):
        yield f"calls.winner:{project}", "登记的优胜没有公布"


@check("R5")
def each_valid_certificate_rests_on_a_standing_list() -> Found:
    """R5: a valid certificate has a paper that holds, and its list stands and names the project."""
    for one in Certificate.objects.select_related("document", "publication"):
        name = f"honours.certificate:{one.pk}"
        rows = {row["application"] for row in one.publication.rows}
        if one.is_valid and one.publication.state != Publication.State.PUBLISHED:
            yield name, "证书有效而名单已撤下"
        if one.is_valid and one.application_id not in rows:
            yield name, "证书的项目不在名单上"
        if one.is_valid and one.document.voided_at:
            yield name, "证书有效而文件已作废"
        if not one.is_valid and not one.document.voided_at:
            yield name, "证书已失效而文件没有作废"
        if one.number != one.document.number:
            yield name, "证书编号与文件编号不同"
    alone = Q(approved_by=F("proposed_by"))
    for pk in CertificateChange.objects.filter(alone, state="done").values_list("pk", flat=True):
        yield f"honours.certificatechange:{pk}", "提出与批准是同一人"
    for pk in ArchiveRequest.objects.filter(alone, state="approved").values_list("pk", flat=True):
        yield f"honours.archiverequest:{pk}", "提出与批准是同一人"


@check("R7")
def the_library_holds_what_is_announced() -> Found:
    """R7: a project is open exactly while the list that announced it stands, and so its award."""
    announced = dict(
        Decision.objects.filter(announcement__isnull=False).values_list(
            "application", "announcement"
        )
    )
    open_now = dict(
        Project.objects.filter(closed_at__isnull=True).values_list("application", "announcement")
    )
    for pk in sorted(set(open_now) - set(announced)):
        yield f"applications.application:{pk}", "项目库公开了没有公布的项目"
    for pk in sorted(set(announced) - set(open_now)):
        yield f"applications.application:{pk}", "已公布的项目不在项目库"
    won = set(
        Award.objects.filter(announcement__isnull=False).values_list("application", flat=True)
    )
    for project in Project.objects.filter(closed_at__isnull=True):
        if bool(project.award_tier) != (project.application_id in won):
            yield f"honours.project:{project.pk}", "项目库的优胜与公布的名单不符"
