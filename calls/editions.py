"""New rules for a call that is not open yet. Rules of a running call never change."""

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls import programme as programmes
from calls import services, versions
from calls.models import Call, RulesVersion
from calls.programme import Programme
from calls.programme.differences import Change, between
from core.errors import Refusal


def following_dates(call: Call, programme: Programme) -> dict[str, datetime | None]:
    """The dates that go with a new file: those that nobody set otherwise than the old file."""
    old, new = services.dates_of(call.programme), services.dates_of(programme)
    return {
        name: new[name]
        for name in services.DATES
        if getattr(call, name) == old[name] and new[name] != old[name]
    }


@transaction.atomic
def change_rules(
    call: Call, programme: Programme, *, source: versions.Source, actor: Actor, at: datetime
) -> RulesVersion:
    """Replace the rules of a call in preparation by those of another file.

    Dates that the office set itself stay; those of the old file follow the new one. Whoever does
    it is the one who put the rules forward, and cannot open the call.

    Raises ``Refusal``: ``rules-stand`` for a call that was opened, ``no-change`` (422), and
    ``date-order`` (422) where the dates of both together are impossible.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.state != Call.State.PREPARING:
        raise Refusal(
            "rules-stand",
            f"“{call.title}”已开放，规则已锁定，不能更换方案文件。期限和方向的变更请在批次页面提出。",
        )
    rules = programmes.to_rules(programme)
    changes = between(call.rules, rules)
    if not changes:
        raise Refusal("no-change", "内容与现行版本相同，没有需要保存的改动。", status=422)
    follow = following_dates(call, programme)
    if call.title == call.programme.title:
        call.title = programme.title
    call.rules, call.programme_code = rules, programme.code
    call.__dict__.pop("programme", None)
    for name, value in follow.items():
        setattr(call, name, value)
    services.check_dates(call)
    call.save(update_fields=["title", "rules", "programme_code", *follow])
    made = versions.keep(call, source, actor=actor, at=at)
    audit.record(
        actor=actor,
        action="calls.change_rules",
        subject=call,
        at=at,
        version=made.number,
        sha256=made.sha256,
        changed=[change.path for change in changes][:200],
        dates=follow,
    )
    return made


def differences(version: RulesVersion) -> list[Change]:
    """What a version changed against the one before it; nothing for the first."""
    before = version.call.rules_versions.filter(number=version.number - 1).first()
    return between(before.rules, version.rules) if before else []
