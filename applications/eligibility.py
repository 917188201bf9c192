"""Who may file, how often, and what may not be filed again. Pure."""

from collections.abc import Iterable

from accounts import regions
from calls.programme import Programme
from core.errors import Refusal


def kind_fits(programme: Programme, kind: str, kind_title: str) -> None:
    """The unit's kind may file in this programme."""
    if kind not in {str(one) for one in programme.applicants.kinds}:
        raise Refusal(
            "kind-not-admitted",
            f"本批次不接受{kind_title}申报。请核对通知规定的申报主体范围。",
            rule=programme.applicants.sources.get("kinds", programme.notice),
            status=403,
        )


def outside(programme: Programme, region: str) -> str:
    """Why a unit of this region may not file, in words; empty when it may."""
    admitted = programme.applicants.regions
    if not admitted or any(regions.lies_in(region, one) for one in admitted):
        return ""
    return f"本批次只接受注册地在{'、'.join(map(regions.name_of, admitted))}的单位申报"


def region_fits(programme: Programme, region: str) -> None:
    """The unit is registered where the programme's applicants must be."""
    if why := outside(programme, region):
        raise Refusal(
            "region-not-admitted",
            f"{why}。注册地登记有误的，请联系主管部门更正。",
            rule=programme.applicants.sources.get("regions", programme.notice),
            status=403,
        )


def within_limit(programme: Programme, filed: int) -> None:
    """One more filing keeps the unit within its limit (每个主体申报不超过 N 个项目)."""
    limit = programme.applicants.per_applicant
    if limit is not None and filed >= limit:
        raise Refusal(
            "limit-reached",
            f"每个申报主体最多申报 {limit} 项，本单位已有 {filed} 项。如需换报，请先撤回其中一项。",
            rule=programme.applicants.sources.get("per_applicant", programme.notice),
        )


def not_won_before(programme: Programme, title: str, winners: Iterable[tuple[str, str]]) -> None:
    """The same project did not win in an earlier round (已列入前期揭榜优胜项目的不得重复申报).

    ``winners`` are (title, round) of the unit's earlier winning projects; titles are compared
    without spaces and punctuation.
    """
    if not programme.applicants.exclude_winners:
        return
    own = _bare(title)
    for won, round_title in winners:
        if _bare(won) == own:
            raise Refusal(
                "won-before",
                f"《{won}》已列入{round_title}优胜项目，同一项目不得重复申报。请改报其他项目。",
                rule=programme.applicants.sources.get("exclude_winners", programme.notice),
            )


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
