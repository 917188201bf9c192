"""初审 held on paper: its result is entered with the minutes, by hand or from a sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction

from accounts import roles
from accounts.models import Organisation
from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from core.figures import whole
from documents import services as documents
from documents import sheets, uploads
from recommenders import filings
from recommenders.models import PaperResult, PaperSelection

COLUMNS = ("申报编号", "项目名称", "申报单位", "得分", "名次")
MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Result:
    """What was typed of one filing; ``score`` from 0 to 100."""

    application: int
    score: Decimal | None
    rank: int | None


def open_to(call: Call, unit: int) -> list[Application]:
    """The filings of a unit's area that a selection may speak of, in the order of their numbers."""
    return list(
        Application.objects.filter(filings.area(unit), call=call, version_number__gt=0)
        .exclude(status__in=[Status.DRAFT, Status.LAPSED, Status.WITHDRAWN])
        .select_related("organisation", "direction")
        .order_by("number", "pk")
    )


def figure(text: str, *, what: str) -> Decimal | None:
    """A score as typed. Raises ``Refusal`` (422) naming the filing."""
    if not text:
        return None
    try:
        score = Decimal(text)
    except InvalidOperation:
        raise Refusal("odd-score", f"{what}的得分“{text}”不是数字。", status=422) from None
    if not score.is_finite() or not 0 <= score <= 100:
        raise Refusal("odd-score", f"{what}的得分须在 0 至 100 之间。", status=422)
    return score.quantize(Decimal("0.01"))


def place(text: str, *, what: str) -> int | None:
    """A rank as typed. Raises ``Refusal`` (422) naming the filing."""
    if not text:
        return None
    found = whole(text)
    if found is None or not 1 <= found <= 9999:
        raise Refusal("odd-rank", f"{what}的名次须为 1 至 9999 的整数。", status=422)
    return found


def read_sheet(data: bytes, known: Sequence[Application]) -> list[Result]:
    """The results in an xlsx of ``COLUMNS``, matched by number, all or nothing.

    Raises ``Refusal`` (422): those of ``sheets.read``, and one that names every faulty row.
    """
    wide = len(COLUMNS)
    pages = sheets.read(
        data, "结果.xlsx", most_rows=MOST_ROWS, most_columns=wide, most_bytes=uploads.MOST_BYTES
    )
    rows = [(n, _texts(row, wide)) for n, row in next(iter(pages.values()), [])]
    head = next((n for n, texts in rows if tuple(texts) == COLUMNS), None)
    if head is None:
        raise Refusal(
            "wrong-template", f"表头须为：{'、'.join(COLUMNS)}。请使用下载的模板。", status=422
        )
    by_number = {one.number: one for one in known}
    found, wrong, seen = [], [], set()
    for n, (number, _, _, score, rank) in rows:
        if n <= head or not (score or rank):
            continue
        if number not in by_number:
            wrong.append(f"第 {n} 行：本地区没有编号为“{number}”的申报")
            continue
        if number in seen:
            wrong.append(f"第 {n} 行：编号“{number}”重复")
            continue
        seen.add(number)
        try:
            found.append(
                Result(
                    by_number[number].pk,
                    figure(score, what=f"第 {n} 行"),
                    place(rank, what=f"第 {n} 行"),
                )
            )
        except Refusal as refusal:
            wrong.append(str(refusal))
    if wrong:
        raise Refusal("odd-rows", "；".join(wrong[:20]) + "。没有导入任何一行。", status=422)
    return found


def _texts(row: list[sheets.Cell | None], wide: int) -> list[str]:
    texts = [cell.text.strip() if cell else "" for cell in row[:wide]]
    return texts + [""] * (wide - len(texts))


def enter_paper_selection(
    call: Call,
    *,
    organisation: Organisation,
    held_on: date,
    participants: str,
    note: str,
    minutes: bytes,
    minutes_name: str,
    results: Sequence[Result],
    actor: Actor,
    at: datetime,
) -> PaperSelection:
    """Keep the result of a selection held outside the system, with its minutes byte for byte.

    A later entry of the same unit replaces it; both stay on record. The scores feed the unit's
    初评分; they change no list by themselves. Raises ``Refusal``: ``not-yours``, ``held-later``,
    ``people-missing``, ``no-results``, ``same-rank``, ``not-of-area``, or what is wrong with the
    file.
    """
    if actor.role not in roles.RECOMMENDER or actor.organisation_id != organisation.pk:
        raise Refusal("not-yours", "只能录入本单位的评审结果。", status=403)
    if held_on > call.time(at).astimezone(filings.CHINA).date():
        raise Refusal("held-later", "评审日期不能晚于今天。", status=422)
    if len(participants.strip()) < 2:
        raise Refusal("people-missing", "请填写参加人员。", status=422)
    if not results:
        raise Refusal("no-results", "请至少录入一项得分或名次。", status=422)
    ranks = [one.rank for one in results if one.rank is not None]
    twice = sorted({rank for rank in ranks if ranks.count(rank) > 1})
    if twice:
        raise Refusal(
            "same-rank", f"名次 {'、'.join(map(str, twice))} 重复，请核对后重新录入。", status=422
        )
    mine = {one.pk for one in open_to(call, organisation.pk)}
    if {one.application for one in results} - mine:
        raise Refusal("not-of-area", "所录申报中有不属于本地区或已撤回的，请刷新页面。", status=422)
    checked = uploads.check_upload(minutes, minutes_name)
    blob = documents.store(minutes, name=checked.name, media_type=checked.media_type, at=at)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        PaperSelection.objects.filter(
            call=call, organisation=organisation, replaced_at__isnull=True
        ).update(replaced_at=at)
        made = PaperSelection.objects.create(
            call=call,
            organisation=organisation,
            held_on=held_on,
            participants=participants.strip()[:300],
            note=note.strip()[:500],
            minutes=blob,
            minutes_name=checked.name,
            by_id=actor.person,
            at=at,
        )
        PaperResult.objects.bulk_create(
            [
                PaperResult(
                    selection=made,
                    application_id=one.application,
                    score=one.score,
                    rank=one.rank,
                )
                for one in results
            ]
        )
        audit.record(
            actor=actor,
            action="recommenders.paper_selection",
            subject=made,
            at=at,
            call=call.pk,
            held_on=held_on,
            minutes=blob.sha256,
            results=[[one.application, one.score, one.rank] for one in results],
        )
        return made
