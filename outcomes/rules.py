"""Rules of the decision and of what is published. Pure: no model, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from calls.programme import CHINA, Decision, Publicity, Step, TierStage
from calls.programme.shape import Programme
from core import gate
from core.errors import Refusal
from core.lengths import characters
from documents.fingerprints import fingerprint

SHORTEST_REASON = 10
"""Characters of a reason for more than a soft cap, white space not counted."""

GRANTED_FROM = 10001
"""Numbers of slots granted above a cap start here, so that they meet no number below it."""

RECORDED = (Step.SITE_VISIT, Step.APPROVAL, Step.CONTRACT, Step.ACCEPTANCE)
"""Steps of which a record is kept for each application; ``typed`` says which are typed here."""

AFTER_DECISION = (Step.CONTRACT, Step.TASK, Step.TESTING, Step.ACCEPTANCE, Step.AWARD)

PUBLICITY = "publicity"
ANNOUNCEMENT = "announcement"


def recorded(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of this programme that are kept as records."""
    return tuple(step for step in steps if step in RECORDED)


def typed(programme: Programme) -> tuple[Step, ...]:
    """Those of them that are written down here. The others have a machinery in the years after:
    任务书 and 验收 always, 审定 where the file names who has to sign it."""
    elsewhere = {Step.CONTRACT, Step.ACCEPTANCE} | (
        {Step.APPROVAL} if programme.approval else set()
    )
    return tuple(step for step in recorded(programme.steps) if step not in elsewhere)


def before_decision(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Those of them that must be passed before an application can be selected."""
    return tuple(step for step in recorded(steps) if step not in AFTER_DECISION)


def reason_of(text: str, *, shortest: int, what: str) -> str:
    """The reason, trimmed. Raises ``Refusal`` ``reason-short`` (422)."""
    if characters(text) < shortest:
        raise Refusal("reason-short", f"请写明{what}（不少于 {shortest} 字）。", status=422)
    return text.strip()


def amount_of(value: Decimal | None, decision: Decision | None) -> Decimal | None:
    """The sum that goes with a selection, in the programme's unit; None where it names none.

    Raises ``Refusal`` ``amount-missing``, ``amount-wrong`` or ``amount-too-large`` (422).
    """
    if decision is None or not decision.amount:
        if value is not None:
            raise Refusal("no-amounts", "本批次的遴选不确定金额，请不要填写金额。", status=422)
        return None
    if value is None:
        raise Refusal(
            "amount-missing", f"请填写金额（{decision.unit}）。", rule=decision.source, status=422
        )
    if value <= 0 or value != round(value, 2) or value >= Decimal(10) ** 10:
        raise Refusal(
            "amount-wrong",
            f"金额须大于 0，最多两位小数，单位{decision.unit}，请改正。",
            rule=decision.source,
            status=422,
        )
    if decision.maximum is not None and value > decision.maximum:
        raise Refusal(
            "amount-too-large",
            f"金额不能超过 {decision.maximum} {decision.unit}，请改正。",
            rule=decision.source,
            status=422,
        )
    return value


def tier_of(programme: Programme, key: str, stage: TierStage = TierStage.SELECTION) -> str:
    """A tier that can be won at this stage. Raises ``Refusal`` ``unknown-tier`` (422)."""
    if key not in {tier.key for tier in programme.tiers_of(stage)}:
        raise Refusal("unknown-tier", "本批次的这一阶段没有这个结果，请刷新页面。", status=422)
    return key


def stage_of(programme: Programme, key: str) -> TierStage:
    """The stage at which a tier is won; the selection for a tier the programme does not know."""
    tier = programme.tier(key)
    return tier.stage if tier else TierStage.SELECTION


def over_cap(*, place: str, tier: str, limit: int, soft: bool, source: str) -> Refusal:
    """What is said when every slot is taken."""
    if soft:
        return Refusal(
            "cap-reached",
            f"{place}“{tier}”原则上不超过 {limit} 个，已经用完。确需增加的，请提出超出上限申请，"
            f"写明理由（不少于 {SHORTEST_REASON} 字），由另一人批准；或先取消一项。",
            rule=source,
        )
    return Refusal(
        "cap-hard",
        f"{place}“{tier}”不得超过 {limit} 个，已经用完，不能再增加。请先取消一项。",
        rule=source,
    )


def list_hash(rows: Iterable[Mapping[str, Any]]) -> str:
    """The fingerprint of a staged list; what is shown and what is applied must have the same."""
    return fingerprint({"rows": sorted((dict(row) for row in rows), key=lambda row: row["id"])})


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the cap falls in a ranking: after how many rows, and which rows tie across it."""

    after: int
    tied: frozenset[int] = frozenset()


def cut(ranks: Sequence[int | None], limit: int | None) -> Cut | None:
    """The cap line among rows in rank order; None when everything fits under it.

    Rows that share the rank of the last place and do not all fit are ``tied``: the line then
    stands below them, and somebody must decide.
    """
    if limit is None or len(ranks) <= limit:
        return None
    last, following = ranks[limit - 1], ranks[limit]
    if last is None or following != last:
        return Cut(limit)
    tied = frozenset(index for index, rank in enumerate(ranks) if rank == last)
    return Cut(max(tied) + 1, tied)


# Publicity ------------------------------------------------------------------------------------


def days_of(rule: Publicity | None, asked: int | None) -> int:
    """How many working days a publicity lasts: the programme's, longer where it says 不少于.

    Where the source states none the office says how many. Raises ``Refusal`` (422).
    """
    if rule is None:
        raise Refusal("no-publicity", "本批次没有公示这一步。")
    if rule.working_days is None:
        if not asked:
            raise Refusal(
                "days-missing",
                "依据文件未写明公示天数，请填写公示的工作日数。",
                rule=rule.source,
                status=422,
            )
        return asked
    if not asked or asked == rule.working_days:
        return rule.working_days
    if rule.at_least and asked > rule.working_days:
        return asked
    word = "不少于" if rule.at_least else "为"
    raise Refusal(
        "days-wrong",
        f"公示期{word} {rule.working_days} 个工作日，请改正。",
        rule=rule.source,
        status=422,
    )


def end_of(day: date) -> datetime:
    """The exclusive end of a last day: the next midnight, +08:00."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(days=1)


def day_of(instant: datetime) -> date:
    """The day of an instant in China."""
    return instant.astimezone(CHINA).date()


def without_credentials(*texts: str) -> None:
    """Nothing published names an account or a password. Raises ``Refusal`` (422)."""
    if any(gate.names_credentials(text) for text in texts):
        raise Refusal(
            "credentials",
            "文中像是写有账号或密码，不能发布。个人账号凭一次性激活链接开通，请删去后再发布。",
            status=422,
        )


PUBLIC_COLUMNS = ("direction", "title", "organisation", "recommender", "tier", "amount")
"""What the public may read of a selected application, and nothing else."""


def public_row(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(row.get(name) or "") for name in PUBLIC_COLUMNS}
