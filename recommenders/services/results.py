"""The unit's letters to its applicants, written: edited within bounds, sent once."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts import roles
from applications.models import Application
from audit import services as audit
from audit.services import Actor
from core import gate
from core.errors import Refusal
from core.lengths import characters
from documents import services as documents
from documents import typography
from notifications import services as notifications
from recommenders import queries, resultletters
from recommenders.models import RankedList, ResultLetter
from recommenders.resultletters import LONGEST, SHORTEST, Recipient
from recommenders.services import ground

CHINA = ZoneInfo("Asia/Shanghai")
NAMED_FROM = 4
"""A title or name shorter than this may stand in a letter by chance."""


@transaction.atomic
def set_result_text(
    ranked: RankedList, application: Application, *, text: str, actor: Actor, at: datetime
) -> ResultLetter:
    """Put the letter to one applicant into the unit's own words.

    Raises ``Refusal``: ``letter-length`` (422), ``unprintable`` (422), ``publish-gate`` (422),
    ``names-others`` (422), ``sent-already``, ``no-letter``.
    """
    ground.must_belong(actor, ranked.organisation_id)
    ranked = ground.lock_list(ranked.call, ranked.organisation_id)
    one = _recipient(ranked, application)
    if one.sent:
        raise Refusal(
            "sent-already", "这封通知已经发出，不能再修改。需要补充的，请另行联系申报单位。"
        )
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    _must_be_fit(ranked, application, text)
    letter, _ = ResultLetter.objects.update_or_create(
        application=application,
        defaults={
            "list": ranked,
            "recommended": one.recommended,
            "text": text,
            "changed_by_id": actor.person,
            "changed_at": at,
        },
    )
    audit.record(
        actor=actor,
        action="recommenders.set_result_text",
        subject=letter,
        at=at,
        application=application.pk,
        text=text,
    )
    return letter


def _must_be_fit(ranked: RankedList, application: Application, text: str) -> None:
    """Within bounds, printable, without credentials or personal numbers, and without a word
    about anybody else's filing."""
    length = characters(text)
    if not SHORTEST <= length <= LONGEST:
        raise Refusal(
            "letter-length",
            f"通知正文应为 {SHORTEST} 至 {LONGEST} 字，现有 {length} 字，请修改后保存。",
            status=422,
        )
    if missing := typography.unprintable(text):
        raise Refusal("unprintable", documents.unprintable_words(missing), status=422)
    gate.must_be_clean(text, act="保存")
    own = (application.title, application.number, application.organisation.name)
    others = Application.objects.filter(
        call=ranked.call_id, recommender=ranked.organisation_id
    ).exclude(pk=application.pk)
    bare = text
    for word in own:  # one's own title may hold another's
        bare = bare.replace(word, "")
    for words in others.values_list("title", "number", "organisation__name"):
        named = [word for word in words if len(word) >= NAMED_FROM and word in bare]
        if named:
            raise Refusal(
                "names-others",
                f"正文中出现了其他申报的信息“{named[0]}”。通知只能写本单位本项目的情况，请删去后保存。",
                status=422,
            )


@transaction.atomic
def send_results(
    ranked: RankedList,
    *,
    shown: str,
    only: Application | None = None,
    actor: Actor,
    at: datetime,
) -> int:
    """Send every letter that has not gone out (or one of them); how many went.

    ``shown``: the fingerprint of the letters as they stood on the page. Each goes out once, into
    the outbox, with its 通知 to print. Raises ``Refusal``: ``letters-changed``, ``sent-already``,
    ``not-delivered``, ``publish-gate`` (422) for one with credentials or personal numbers.
    """
    ground.must_belong(actor, ranked.organisation_id)
    ranked = ground.lock_list(ranked.call, ranked.organisation_id)
    every = resultletters.recipients(ranked)
    if not every:
        raise Refusal(
            "not-delivered", "名单报送以后才能通知申报单位。请先报送名单，再发出推荐结果通知。"
        )
    waiting = [one for one in every if not one.sent]
    if only is not None:
        waiting = [one for one in waiting if one.application.pk == only.pk]
    if not waiting:
        raise Refusal("sent-already", "通知已经发出，不会重复发送。请刷新页面查看发出时间。")
    if resultletters.shown(waiting) != shown:
        raise Refusal(
            "letters-changed", "通知在您查看之后有改动，没有发出。请刷新页面，核对后再发。"
        )
    for one in waiting:
        gate.must_be_clean(one.text, act=f"发出给{one.application.organisation.name}的通知")
    for one in waiting:
        _send(ranked, one, actor=actor, at=at)
    return len(waiting)


def _send(ranked: RankedList, one: Recipient, *, actor: Actor, at: datetime) -> None:
    application = one.application
    letter = one.letter or ResultLetter.objects.create(
        list=ranked, application=application, recommended=one.recommended, text=one.text
    )
    day = ranked.call.time(at).astimezone(CHINA).date()
    letter.document = documents.request_document(
        kind="result_letter",
        subject=letter,
        snapshot=resultletters.snapshot(ranked, one, day=day),
        title=f"推荐结果通知书：{application.number}",
        organisation=ranked.organisation,
        at=at,
        actor=actor,
    )
    letter.sent_by_id, letter.sent_at, letter.text = actor.person, at, one.text
    letter.save(update_fields=["document", "sent_by", "sent_at", "text"])
    _tell(ranked, letter, application, at=at)
    audit.record(
        actor=actor,
        action="recommenders.send_result",
        subject=letter,
        at=at,
        application=application.pk,
        recommended=one.recommended,
        text=one.text,
    )


def _tell(
    ranked: RankedList, letter: ResultLetter, application: Application, *, at: datetime
) -> None:
    address = reverse("recommenders:result_pdf", args=[application.public_id])
    for person in queries.people(application.organisation_id, at=at, holding=roles.FILING):
        notifications.enqueue(
            key=f"result_letter:{letter.pk}",
            to=person,
            template="recommenders/letters/result.txt",
            context={
                "person": person,
                "list": ranked,
                "letter": letter,
                "application": application,
                "address": urljoin(settings.JIEBANG_BASE_URL, address),
            },
            at=at,
        )


def _recipient(ranked: RankedList, application: Application) -> Recipient:
    found: Sequence[Recipient] = resultletters.recipients(ranked)
    for one in found:
        if one.application.pk == application.pk:
            return one
    raise Refusal("no-letter", "名单报送以后，才能给名单所涉的申报单位写通知。请先报送名单。")
