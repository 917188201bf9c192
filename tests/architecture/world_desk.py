"""What the office's desk keeps in the matrix's worlds."""

from datetime import timedelta

from accounts import savedviews
from notifications.models import Message
from office import exporting, mailing, postponing
from office.models import ReminderRule
from reviews import services as reviews
from reviews.models import Intake
from reviews.poolfile import Entry
from tests.world import AT


def arguments(made) -> dict[str, object]:
    """The office's own saved view."""
    cast, mark = made.season.cast, made.canaries.mark
    view = savedviews.save(
        cast.people["office"],
        page="office:outbox",
        name=mark("view.office", "未发出")[:20],
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
    call = made.season.call
    export = exporting.propose(
        "contacts",
        call=call,
        options={},
        reason=mark("export.reason", "寄送通知"),
        actor=cast.actor("office"),
        at=AT,
    )
    asked = postponing.propose(
        call,
        scope="call",
        value="",
        key="announcement_by",
        until=call.announcement_by + timedelta(days=3),
        cascade=True,
        reason=mark("postponement.reason", "评审尚未结束"),
        incident=None,
        actor=cast.actor("office"),
        at=AT,
    )
    incident = postponing.record_incident(
        title=mark("incident.text", "无法登录"),
        text="主机故障",
        affected="全部",
        since=AT - timedelta(hours=2),
        until=None,
        actor=cast.actor("office"),
        at=AT,
    )
    letter = Message.objects.filter(kind="remind_filing").first() or Message.objects.first()
    return {
        "postponement": asked.pk,
        "incident": incident.pk,
        "reminder": ReminderRule.objects.filter(call=call).latest("pk").pk,
        "purge": 0,
        "absence": 0,
        "mailing": written.pk,
        "export": export.pk,
        "letter": letter.pk,
        "saved_view": view.pk,
        "cockpit_table": "units",
        "job_kind": "document",
        "job": 0,
        "intake": _intake(made),
    }


def _intake(made) -> str:
    """An interrupted list of the office: it can be gone on with and stopped."""
    cast = made.season.cast
    one = reviews.ask_intake(
        organisation=None,
        entries=[
            Entry(made.canaries.mark("pool.list.person", "待导入专家"), "listed@example.org", row=2)
        ],
        name=made.canaries.mark("pool.list.name", "名单"),
        acting=cast.people["office"].memberships.get(organisation__kind="office"),
        actor=cast.actor("office"),
        at=AT,
    )
    Intake.objects.filter(pk=one.pk).update(state="failed", error="中断。", ended_at=AT)
    return one.public_id
