"""Packages, letters to applicants, and the register of paper."""

from collections.abc import Iterator

from accounts.models import Membership
from accounts.roles import FILING
from applications.models import Version
from documents import storage
from documents.errors import DamagedFile
from documents.models import Package
from notifications.models import Message
from portal.invariants.base import check
from recommenders.models import ListVersion, PaperReceipt, ResultLetter

Found = Iterator[tuple[str, str]]


@check("R5")
def ready_packages_are_whole() -> Found:
    """R5: what can be fetched is the file that was built. Reads every file."""
    for package in Package.objects.filter(state=Package.State.READY).order_by("pk"):
        try:
            storage.verify(package.path, sha256=package.sha256)
        except DamagedFile:
            yield f"documents.package:{package.pk}", "打包文件缺失或被改动"


@check("R9")
def every_letter_of_a_result_went_out() -> Found:
    """R9: a letter that is marked as sent was written to the people whom the unit had then."""
    written = {
        int(key.split(":")[1])
        for key in Message.objects.filter(key__startswith="result_letter:").values_list(
            "key", flat=True
        )
    }
    sent = ResultLetter.objects.filter(sent_at__isnull=False).select_related("application")
    for letter in sent.exclude(pk__in=written).order_by("pk"):
        if letter.sent_at is None:
            continue
        people = Membership.objects.active(letter.sent_at).filter(
            organisation=letter.application.organisation_id,
            role__in=FILING,
            user__is_active=True,
        )
        if people.exists():
            yield f"recommenders.resultletter:{letter.pk}", "标为已发出，却没有写信告知申报单位"


@check("R10")
def paper_that_counts_is_of_what_it_is_registered_for() -> Found:
    """R10: a counted paper is a version of the list or the filing that it was registered for."""
    counted = PaperReceipt.objects.filter(state=PaperReceipt.State.COUNTED).select_related(
        "document"
    )
    lists: dict[int, int] = dict(ListVersion.objects.values_list("pk", "list"))
    for receipt in counted.order_by("pk").iterator(500):
        subject = receipt.document.subject if receipt.document else ""
        label, _, pk = subject.partition(":")
        if receipt.kind == PaperReceipt.Kind.FORM:
            right = (
                label == "applications.version"
                and Version.objects.filter(pk=pk, application=receipt.application_id).exists()
            )
        else:
            right = label == "recommenders.listversion" and lists.get(int(pk)) == receipt.list_id
        if not right:
            yield f"recommenders.paperreceipt:{receipt.pk}", "登记的纸质件不是这份名单或申报的文件"
