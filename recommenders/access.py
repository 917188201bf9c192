"""The one door to what belongs to a recommender: its own list and scans. Hidden is 404."""

from typing import Any

from django.db.models import Q
from django.http import Http404

from accounts import roles
from applications import access as applications
from applications.models import Application
from audit.models import Entry
from calls.models import Call, LevelDate
from calls.programme import Step
from core.figures import whole_or
from recommenders.models import (
    Allotment,
    FilingNote,
    OverQuotaRequest,
    PaperReceipt,
    PaperSelection,
    RankedList,
    ResultLetter,
    ScanFile,
    Seal,
    SealedScan,
    Tag,
    UnitRevocation,
    UnitTransfer,
)


def unit_list(request: Any, code: str) -> RankedList:
    """The acting unit's own list in a call."""
    found = (
        RankedList.objects.filter(call__code=code, organisation=request.acting.organisation_id)
        .exclude(call__state=Call.State.PREPARING)
        .select_related("call", "organisation", "changed_by", "delivered_by")
        .first()
    )
    if found is None:
        raise Http404("没有这个批次。")
    return found


def application(request: Any, public_id: str) -> Application:
    """A filing of the acting unit's area."""
    return applications.get(request, public_id)


def filings(request: Any, call: Call, public_ids: list[str]) -> list[Application]:
    """These filings of the acting unit's area in a call; one that is hidden makes it 404."""
    found = {
        one.public_id: one
        for one in applications.visible_to(request.acting)
        .filter(call=call, public_id__in=public_ids)
        .select_related(
            "call", "organisation", "recommender", "preselector", "direction", "subfield"
        )
    }
    if set(public_ids) - set(found):
        raise Http404("没有这份申报。")
    return [found[one] for one in public_ids]


def tag(request: Any, pk: str) -> Tag:
    """A tag of the acting unit."""
    wanted = whole_or(pk, 0)
    found = Tag.objects.filter(pk=wanted, organisation=request.acting.organisation_id).first()
    if found is None:
        raise Http404("没有这个标签。")
    return found


def note(request: Any, pk: int) -> FilingNote:
    """A note of the acting unit that is not hidden."""
    found = (
        FilingNote.objects.filter(
            pk=pk, organisation=request.acting.organisation_id, removed_at__isnull=True
        )
        .select_related("application")
        .first()
    )
    if found is None:
        raise Http404("没有这条备注。")
    return found


def tagging_to_undo(request: Any, pk: str) -> Entry | None:
    """A step of bulk tagging of the acting unit, to be taken back."""
    wanted = whole_or(pk, 0)
    return Entry.objects.filter(
        pk=wanted, action="recommenders.tag", organisation=request.acting.organisation_id
    ).first()


def paper_selection(request: Any, public_id: str) -> PaperSelection:
    """The result of a selection on paper of the acting unit."""
    found = (
        PaperSelection.objects.filter(
            public_id=public_id, organisation=request.acting.organisation_id
        )
        .select_related("call", "minutes")
        .first()
    )
    if found is None:
        raise Http404("没有这份评审结果。")
    return found


def transfer(request: Any, pk: int) -> UnitTransfer:
    found = UnitTransfer.objects.select_related("organisation").filter(pk=pk).first()
    if found is None or request.acting.role not in roles.OFFICE:
        raise Http404("没有这项调整。")
    return found


def revocation(request: Any, pk: int) -> UnitRevocation:
    found = UnitRevocation.objects.select_related("organisation").filter(pk=pk).first()
    if found is None or request.acting.role not in roles.OFFICE:
        raise Http404("没有这项停用。")
    return found


def office_list(request: Any, pk: int) -> RankedList:
    """Any unit's list, for the office."""
    found = (
        RankedList.objects.select_related("call", "organisation", "changed_by", "delivered_by")
        .filter(pk=pk)
        .first()
    )
    if found is None or request.acting.role not in roles.OFFICE:
        raise Http404("没有这份名单。")
    return found


def office_call(request: Any, code: str) -> Call:
    found = Call.objects.filter(code=code).exclude(state=Call.State.PREPARING).first()
    if found is None or request.acting.role not in roles.OFFICE:
        raise Http404("没有这个批次。")
    return found


def allotment(request: Any, pk: int) -> Allotment:
    found = Allotment.objects.select_related("call", "organisation").filter(pk=pk).first()
    if found is None or request.acting.role not in roles.OFFICE:
        raise Http404("没有这项名额。")
    return found


def over_quota(request: Any, public_id: str) -> OverQuotaRequest:
    """A request: the unit's own, or any for the office."""
    found = OverQuotaRequest.objects.select_related(
        "allotment__organisation", "allotment__call", "application__organisation", "proposed_by"
    ).filter(public_id=public_id)
    if request.acting.role not in roles.OFFICE:
        found = found.filter(allotment__organisation=request.acting.organisation_id)
    one = found.first()
    if one is None:
        raise Http404("没有这份申请。")
    return one


def scan(request: Any, public_id: str) -> SealedScan:
    """A scan: the unit's own, or any for the office."""
    found = SealedScan.objects.select_related(
        "list_version__list__call", "list_version__list__organisation", "list_version__document"
    ).filter(public_id=public_id)
    if request.acting.role not in roles.OFFICE:
        found = found.filter(list_version__list__organisation=request.acting.organisation_id)
    one = found.first()
    if one is None:
        raise Http404("没有这份扫描件。")
    return one


def seal(request: Any, pk: int) -> Seal:
    """A seal of the acting unit."""
    found = (
        Seal.objects.filter(pk=pk, organisation=request.acting.organisation_id)
        .select_related("blob")
        .first()
    )
    if found is None:
        raise Http404("没有这枚印章。")
    return found


def any_seal(request: Any, pk: int) -> Seal:
    """A seal with a certificate, of any unit, for the office."""
    found = Seal.objects.filter(pk=pk, key__isnull=False).select_related("blob").first()
    if found is None or request.acting.role not in roles.OFFICE:
        raise Http404("没有这枚印章。")
    return found


def paper_call(request: Any, code: str) -> Call:
    """A call in whose register of paper the acting unit writes: the office, and each level that
    recommends or sees filings of its area."""
    found = Call.objects.filter(code=code).exclude(state=Call.State.PREPARING).first()
    if found is None or Step.RECOMMENDATION not in found.steps:
        raise Http404("没有这个批次。")
    if request.acting.role in roles.OFFICE:
        return found
    unit = request.acting.organisation_id
    area = Q(preselector=unit) | Q(preselector__parent=unit)
    if (
        RankedList.objects.filter(call=found, organisation=unit).exists()
        or Application.objects.filter(area, call=found).exists()
        or LevelDate.objects.filter(call=found, organisation=unit).exists()
    ):
        return found
    raise Http404("没有这个批次。")


def paper_receipt(request: Any, public_id: str) -> PaperReceipt:
    """An entry of the acting unit's own register."""
    found = (
        PaperReceipt.objects.filter(public_id=public_id, receiver=request.acting.organisation_id)
        .select_related("call", "receiver", "sender")
        .first()
    )
    if found is None:
        raise Http404("没有这条登记。")
    return found


def result_letter(request: Any, public_id: str) -> ResultLetter:
    """A letter that was sent: the applicant's own, or the acting unit's."""
    found = (
        ResultLetter.objects.filter(application__public_id=public_id, sent_at__isnull=False)
        .filter(
            Q(list__organisation=request.acting.organisation_id)
            if request.acting.role in roles.RECOMMENDER
            else Q(application__organisation=request.acting.organisation_id)
        )
        .select_related("document__pdf")
        .first()
    )
    if found is None:
        raise Http404("没有这份通知。")
    return found


def scan_file(request: Any, public_id: str, position: int) -> ScanFile:
    found = scan(request, public_id).files.select_related("blob").filter(position=position).first()
    if found is None:
        raise Http404("没有这个文件。")
    return found


def level_call(request: Any, code: str) -> Call:
    """A call in which filings of the acting unit's area go to a level above it."""
    found = Call.objects.filter(code=code).exclude(state=Call.State.PREPARING).first()
    if found is None:
        raise Http404("没有这个批次。")
    unit = request.acting.organisation
    here = applications.visible_to(request.acting).filter(call=found).exclude(recommender=unit)
    dated = LevelDate.objects.filter(call=found, organisation=unit)
    if unit.parent_id is None or not (here.exists() or dated.exists()):
        raise Http404("没有这个批次。")
    return found
