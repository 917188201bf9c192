"""The register of paper, read: what is expected at one level, from whom, and what arrived.

Expected is what follows from lists in force and from filings of the area; it is kept nowhere.
A receipt counts while the paper it names is still the one in force. A fixed number of queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from django.db.models import F, Q

from accounts.models import Organisation
from applications.models import Application, Version
from applications.workflow import SEEN_BY_OTHERS, Status
from audit import services as audit
from calls.models import Call, Extension, LevelDate
from calls.phases import deadline
from calls.programme import DocumentKind, closing
from documents.models import Document
from recommenders import paperstates
from recommenders.models import ListVersion, PaperReceipt, Preselection

Kind = PaperReceipt.Kind
Key = tuple[str, int]

GONE = (Status.WITHDRAWN, Status.LAPSED, Status.DRAFT)
STATUSES = [status for status in SEEN_BY_OTHERS if status not in GONE]


@dataclass(slots=True)
class Item:
    """One paper that is expected: of which version, how many copies, and what arrived of it."""

    kind: str
    about: int
    sender: Organisation
    title: str
    number: str
    version: int
    document: Document | None
    copies: int
    receipts: list[PaperReceipt] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return (self.kind, self.about)

    @property
    def kind_words(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def live(self) -> list[PaperReceipt]:
        return [one for one in self.receipts if one.state != PaperReceipt.State.CORRECTED]

    @property
    def arrived(self) -> int:
        """Copies of the version in force."""
        return sum(one.copies for one in self.live if self.counts(one))

    @property
    def others(self) -> int:
        """Copies that arrived and do not count: former versions, set aside."""
        return sum(one.copies for one in self.live if not self.counts(one))

    def counts(self, receipt: PaperReceipt) -> bool:
        return (
            receipt.state == PaperReceipt.State.COUNTED
            and self.document is not None
            and receipt.document_id == self.document.pk
        )

    @property
    def missing(self) -> int:
        return max(0, self.copies - self.arrived)

    @property
    def state(self) -> str:
        return paperstates.state(copies=self.copies, arrived=self.arrived, others=self.others)

    @property
    def word(self) -> str:
        return paperstates.WORDS[self.state]

    @property
    def shape(self) -> str:
        return paperstates.SHAPES[self.state]


@dataclass(slots=True)
class Sender:
    """Everything one unit sends to this level."""

    organisation: Organisation
    items: list[Item]
    due: datetime | None

    @property
    def copies(self) -> int:
        return sum(one.copies for one in self.items)

    @property
    def arrived(self) -> int:
        return sum(min(one.arrived, one.copies) for one in self.items)

    @property
    def missing(self) -> list[Item]:
        return [one for one in self.items if one.missing]

    @property
    def state(self) -> str:
        return paperstates.together(one.state for one in self.items)

    @property
    def word(self) -> str:
        return paperstates.WORDS[self.state]

    @property
    def shape(self) -> str:
        return paperstates.SHAPES[self.state]

    @property
    def last(self) -> PaperReceipt | None:
        found = [receipt for item in self.items for receipt in item.live]
        return max(found, key=lambda one: (one.recorded_at, one.pk), default=None)


# ── what is expected ─────────────────────────────────────────────────────────────────────────


def expected(call: Call, receiver: Organisation, *, sender: int | None = None) -> list[Item]:
    """Every paper this level expects in a call (from one sender, if named), with what arrived."""
    items = (
        _ministry(call, receiver, sender=sender)
        if receiver.kind == Organisation.Kind.OFFICE
        else _level(call, receiver)
    )
    if sender is not None:
        items = [item for item in items if item.sender.pk == sender]
    arrived: dict[Key, list[PaperReceipt]] = defaultdict(list)
    receipts = PaperReceipt.objects.filter(call=call, receiver=receiver).select_related(
        "recorded_by", "corrected_by", "document", "corrected_as"
    )
    for receipt in receipts.order_by("recorded_at", "pk"):
        arrived[key_of(receipt)].append(receipt)
    for item in items:
        item.receipts = arrived.get(item.key, [])
    return items


def key_of(receipt: PaperReceipt) -> Key:
    """What a receipt is about, as the key of its item."""
    about = receipt.application_id if receipt.kind == Kind.FORM else receipt.list_id
    return (receipt.kind, about or 0)


def senders(call: Call, receiver: Organisation, items: Iterable[Item]) -> list[Sender]:
    """The items by who sends them, with the date in force for each."""
    found: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        found[item.sender.pk].append(item)
    extended: dict[int, list[datetime]] = defaultdict(list)
    for unit, until in Extension.objects.filter(
        call=call, key=LevelDate.Key.PAPER, state=Extension.State.APPROVED
    ).values_list("organisation", "until"):
        extended[unit].append(until)
    base, earlier = dates(call, receiver)
    return sorted(
        (
            Sender(every[0].sender, every, deadline(base, earlier=earlier, extended=extended[unit]))
            for unit, every in found.items()
        ),
        key=lambda one: (one.organisation.region, one.organisation.name, one.organisation.pk),
    )


def dates(call: Call, receiver: Organisation) -> tuple[datetime | None, list[datetime]]:
    """The call's date for paper, and the earlier ones of this level."""
    own = LevelDate.objects.filter(call=call, organisation=receiver, key=LevelDate.Key.PAPER)
    earlier = list(own.values_list("until", flat=True))
    earlier += [
        closing(level.until)
        for level in call.programme.levels
        if level.kind == receiver.kind and level.until and not earlier
    ]
    base = call.paper_until or (max(earlier) if earlier else None)
    return base, earlier


def copies_asked(call: Call, kind: DocumentKind) -> int:
    """How many copies of a document the programme's file asks for."""
    document = call.programme.document(kind)
    return document.copies if document else 0


def own_copies(call: Call, receiver: Organisation) -> int:
    """How many copies of each filing a level asks for itself; 0 when it asks for none."""
    own = LevelDate.objects.filter(
        call=call, organisation=receiver, key=LevelDate.Key.PAPER
    ).first()
    if own is not None:
        return own.copies
    return next((level.copies for level in call.programme.levels if level.kind == receiver.kind), 0)


def _ministry(call: Call, receiver: Organisation, *, sender: int | None) -> list[Item]:
    """Sheet, letter and forms of each list in force, as the file asks, or of forms as many
    copies as the office has set for itself."""
    sheets, letters, forms = (
        copies_asked(call, kind)
        for kind in (DocumentKind.SHEET, DocumentKind.LETTER, DocumentKind.FORM)
    )
    forms = own_copies(call, receiver) or forms
    if not (sheets or letters or forms):
        return []
    in_force = ListVersion.objects.filter(list__call=call, voided_at__isnull=True)
    if sender is not None:
        in_force = in_force.filter(list__organisation=sender)
    versions = list(in_force.select_related("list__organisation", "document").order_by("list"))
    letter_of = _letters(versions) if letters else {}
    form_of = _forms(versions) if forms else {}
    found = []
    for version in versions:
        unit, number = version.list.organisation, version.letter_number
        if sheets:
            found.append(
                Item(
                    Kind.SHEET,
                    version.list_id,
                    unit,
                    "信息报送汇总表",
                    number,
                    version.number,
                    version.document,
                    sheets,
                )
            )
        if letters and version.pk in letter_of:
            letter = letter_of[version.pk]
            found.append(
                Item(
                    Kind.LETTER,
                    version.list_id,
                    unit,
                    "报送函",
                    number,
                    version.number,
                    letter,
                    letters,
                )
            )
        for row in version.rows if forms else ():
            one = form_of.get((row["application"], row["version"]))
            if one is not None:
                found.append(_form(one, unit, forms))
    return found


def _letters(versions: Sequence[ListVersion]) -> dict[int, Document]:
    labels = {audit.label(version): version.pk for version in versions}
    found = Document.objects.filter(
        kind="cover_letter", subject__in=labels, voided_at__isnull=True
    ).defer("snapshot")
    return {labels[one.subject]: one for one in found.order_by("pk")}


def _forms(versions: Sequence[ListVersion]) -> dict[tuple[str, int], Version]:
    named = {row["application"] for version in versions for row in version.rows}
    return {
        (one.application.public_id, one.number): one
        for one in Version.objects.filter(application__public_id__in=named)
        .select_related("application", "form")
        .defer("snapshot", "form__snapshot")
    }


def _form(version: Version, sender: Organisation, copies: int) -> Item:
    application = version.application
    return Item(
        Kind.FORM,
        application.pk,
        sender,
        application.title,
        application.number,
        version.number,
        version.form,
        copies,
    )


def _level(call: Call, receiver: Organisation) -> list[Item]:
    """Forms of the area: the copies this level asks for itself, else those it has to pass on."""
    copies, listed = own_copies(call, receiver), None
    area = Q(application__recommender=receiver) | Q(application__preselector=receiver)
    area |= Q(application__preselector__parent=receiver)
    found = Version.objects.filter(area, application__call=call)
    if not copies:
        copies = copies_asked(call, DocumentKind.FORM)
        version = ListVersion.objects.filter(
            list__call=call, list__organisation=receiver, voided_at__isnull=True
        ).first()
        if not copies or version is None:
            return []
        listed = {(row["application"], row["version"]) for row in version.rows}
        named = {public_id for public_id, _ in listed}
        found = found.filter(application__public_id__in=named)
    else:
        held = Preselection.objects.filter(
            application__call=call, state=Preselection.State.HELD
        ).values("application")
        found = found.filter(
            application__status__in=STATUSES, number=F("application__version_number")
        ).exclude(application__in=held)
    found = found.select_related(
        "application__organisation",
        "application__recommender",
        "application__preselector__parent",
        "form",
    ).defer("snapshot", "form__snapshot")
    return [
        _form(one, sender_of(one.application, receiver), copies)
        for one in found.order_by("application__number", "application")
        if listed is None or (one.application.public_id, one.number) in listed
    ]


def sender_of(application: Application, receiver: Organisation) -> Organisation:
    """Who hands this filing's paper to ``receiver``: the level before it, else the applicant."""
    chain = [application.organisation]
    first = application.preselector
    if first is not None:
        chain.append(first)
        above = first.parent
        if above is not None and above.pk not in (application.recommender_id, first.pk):
            chain.append(above)
    if application.recommender is not None:
        chain.append(application.recommender)
    for before, unit in pairwise(chain):
        if unit.pk == receiver.pk:
            return before
    return chain[-1]
