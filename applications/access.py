"""The one door to an application: what a person in a role may see, and what they are to it.

Experts do not come through here: reviews has a door of its own, to the frozen version.
"""

from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import Membership
from applications import queries
from applications.models import Application
from applications.workflow import SEEN_BY_OTHERS, Role, Status
from audit.services import Actor
from calls.models import known, without_rules
from calls.phases import Phase
from core.errors import Refusal
from core.prepared import Prepared, Slot

NOTHING = Q(pk__in=())


def seen_by(acting: Membership | None) -> Q:
    """The condition for what this membership may see. Drafts are their own unit's only."""
    return NOTHING if acting is None else seen_in(acting.role, acting.organisation_id)


def seen_in(role: str, unit: Any) -> Q:
    """As ``seen_by``; ``unit`` is a key of a unit or a ``Slot`` for one."""
    if role in roles.APPLICANT:
        return Q(organisation=unit)
    submitted = Q(status__in=SEEN_BY_OTHERS, version_number__gt=0)
    if role in roles.RECOMMENDER:
        own = Q(recommender=unit) | Q(preselector=unit) | Q(preselector__parent=unit)
        return own & submitted
    if role in (*roles.OFFICE, roles.Role.AUDITOR):
        return submitted
    return NOTHING


def visible_to(acting: Membership | None) -> QuerySet[Application]:
    return Application.objects.filter(seen_by(acting))


def units_seen(acting: Membership | None) -> QuerySet[Application, int]:
    """The units whose filings this membership may see."""
    return visible_to(acting).values_list("organisation", flat=True)


def status_for(acting: Membership | None, application: Application) -> Status:
    """The status as this person may know it: a result that no list has published is known to the
    office and the auditor alone."""
    if acting is not None and acting.role in (*roles.OFFICE, roles.Role.AUDITOR):
        return Status(application.status)
    return application.shown_status


def get(request: Any, public_id: str) -> Application:
    """An application the person may see in the role of this page; a hidden one does not exist."""
    return _get(request.acting, public_id, PAGE)


def hold(request: Any, public_id: str) -> Application:
    """As ``get``, the row locked until the transaction ends: what is read here stays so."""
    return _get(request.acting, public_id, PAGE, lock=True)


def get_for_saving(request: Any, public_id: str) -> Application:
    """As ``get``, with no more than saving a section needs: its call, its chain of levels and
    what these say of its end (``queries.with_filing_dates``)."""
    return _get(request.acting, public_id, SAVING)


PAGE = ("call", "organisation", "recommender", "preselector", "direction", "subfield")
SAVING = ("call", "preselector")


def _get(
    acting: Membership | None, public_id: str, related: tuple[str, ...], *, lock: bool = False
) -> Application:
    found = None
    if acting is not None:
        one = _one_for(acting.role, related, lock)
        found = one.first(unit=acting.organisation_id, public_id=public_id)
    if found is None:
        raise Http404("没有这份申报。")
    return known(found)


@cache
def _one_for(role: str, related: tuple[str, ...], lock: bool) -> Prepared[Application]:
    """One application with these relations, as far as a membership in this role sees it."""
    rows = (
        Application.objects.select_for_update(of=("self",)) if lock else Application.objects.all()
    )
    if related == SAVING:
        rows = queries.with_filing_dates(rows)
    return Prepared(
        lambda: without_rules(
            rows.filter(seen_in(role, Slot("unit")), public_id=Slot("public_id")), *related
        )
    )


def contents_open(application: Application, *, at: datetime) -> bool:
    """Whether a recommender may read the contents: once filing has ended.

    While it runs they see how many there are and what they are called (〔2018〕118号 附件), unless
    the programme opens what was submitted to them at once.
    """
    settings = application.call.programme.recommendation
    if settings is not None and settings.read_while_filing and settings.watch_filing:
        return True
    return application.call.phase(at) not in (Phase.ANNOUNCED, Phase.FILING)


def readable(request: Any, public_id: str) -> Application:
    """An application whose contents the person may read now.

    Raises ``Refusal`` ``contents-closed`` (403) for a recommender while filing runs.
    """
    application = get(request, public_id)
    recommends = request.acting.role in roles.RECOMMENDER
    if recommends and not contents_open(application, at=request.arrived_at):
        raise Refusal(
            "contents-closed",
            "申报阶段推荐单位可以查看申报数量和名称，内容在申报截止后开放。",
            rule=application.call.programme.recommendation.source
            if application.call.programme.recommendation
            else "",
            status=403,
        )
    return application


def workflow_roles(actor: Actor, application: Application) -> set[Role]:
    """What the actor is to this application, for the table of moves."""
    if actor.is_clock:
        return {Role.CLOCK}
    found = set()
    unit = actor.organisation_id
    if actor.role in roles.FILING and unit == application.organisation_id:
        found.add(Role.APPLICANT)
    if actor.role in roles.RECOMMENDER and unit in (
        application.recommender_id,
        application.preselector_id,
    ):
        found.add(Role.RECOMMENDER)
    if actor.role in roles.OFFICE:
        found.add(Role.OFFICE)
    return found
