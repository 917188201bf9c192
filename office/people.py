"""The people of units who hold one of these roles, each once."""

from collections.abc import Iterable

from accounts.models import Membership, User


def of_units(units: Iterable[int], roles: Iterable[str]) -> list[tuple[User, int]]:
    """Each person with the first of these units they belong to. One query."""
    members = (
        Membership.objects.filter(
            organisation__in=list(units), role__in=list(roles), valid_until=None
        )
        .select_related("user")
        .order_by("pk")
    )
    seen: dict[int, tuple[User, int]] = {}
    for member in members:
        seen.setdefault(member.user_id, (member.user, member.organisation_id))
    return list(seen.values())
