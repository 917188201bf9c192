"""What the office's desk keeps in the matrix's worlds."""

from accounts import savedviews
from notifications.models import Message
from office import mailing
from tests.world import AT


def arguments(made) -> dict[str, object]:
    """The office's own saved view."""
    cast, mark = made.season.cast, made.canaries.mark
    view = savedviews.save(
        cast.people["office"],
        page="office:outbox",
        name=mark("view.office", "未发出"),
        query="state=waiting",
        actor=cast.actor("office"),
        at=AT,
    )
    written = mailing.propose(
        made.season.call,
        audience="recommenders",
        chosen={},
        subject=mark("mailing.text", "请核对名单"),
        body="请登录查看。",
        by_sms=False,
        actor=cast.actor("office"),
        at=AT,
    )
    letter = Message.objects.filter(kind="remind_filing").first() or Message.objects.first()
    return {
        "mailing": written.pk,
        "letter": letter.pk,
        "saved_view": view.pk,
        "cockpit_table": "units",
        "job_kind": "document",
        "job": 0,
    }
