"""One-time login links for the demonstration: a table of roles, and a file for scripts."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from accounts import links
from accounts.models import Link, Membership, Organisation
from accounts.roles import Role

K = Organisation.Kind

# label, role, kind of the unit (empty: any)
SHOWN = (
    ("主管部门经办", Role.OFFICE_OPERATOR, K.OFFICE),
    ("主管部门审批", Role.OFFICE_APPROVER, K.OFFICE),
    ("省级推荐经办", Role.REC_OPERATOR, K.PROVINCE),
    ("省级推荐审批", Role.REC_APPROVER, K.PROVINCE),
    ("计划单列市经办", Role.REC_OPERATOR, K.SEPARATE_CITY),
    ("市级初审", Role.REC_OPERATOR, K.CITY),
    ("区县初审", Role.REC_OPERATOR, K.DISTRICT),
    ("中央企业集团经办", Role.REC_OPERATOR, K.CENTRAL_GROUP),
    ("行业组织经办", Role.REC_OPERATOR, K.INDUSTRY_BODY),
    ("申报单位管理员", Role.UNIT_ADMIN, K.ENTERPRISE),
    ("申报单位填报人", Role.EDITOR, ""),
    ("评审专家", Role.EXPERT, K.POOL),
    ("测评人员", Role.TESTER, K.AGENCY),
    ("审计", Role.AUDITOR, K.OFFICE),
    ("安全管理员", Role.SECURITY_ADMIN, K.OFFICE),
)


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    role: str
    person: str
    unit: str
    url: str


def make(*, at: datetime) -> list[Entry]:
    """A fresh link for each shown role. Only where ``JIEBANG_DEMO`` is on."""
    if not settings.JIEBANG_DEMO:
        raise RuntimeError("one-time login links exist in a demonstration only")
    found = []
    for label, role, kind in SHOWN:
        membership = (
            Membership.objects.active(at)
            .filter(role=role, **({"organisation__kind": kind} if kind else {}))
            .select_related("user", "organisation")
            .order_by("pk")
            .first()
        )
        if membership is None:
            continue
        link = links.make(
            Link.Purpose.DEMO,
            email=membership.user.email,
            name=membership.user.name,
            user=membership.user,
            organisation=membership.organisation,
            role=role,
            at=at,
            announce=False,
        )
        found.append(
            Entry(label, role, membership.user.name, membership.organisation.name, links.url(link))
        )
    return found


def write(entries: list[Entry], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {
        entry.label: {
            "role": entry.role,
            "person": entry.person,
            "organisation": entry.unit,
            "url": entry.url,
        }
        for entry in entries
    }
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", "utf-8")
