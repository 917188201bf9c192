"""Filings with partners, under a programme that minds them."""

from accounts.models import Organisation
from applications import attachments, services
from applications.models import Application
from calls.programme import Programme
from tests import season, world
from tests.applications.filling import pdf
from tests.season import Season
from tests.world import AT


def programme(**applicants) -> Programme:
    """The widest shipped programme with other rules for applicants."""
    spec = world.programme()
    sources = dict(spec.applicants.sources) | {
        "exclusive_in_direction": "示例规则 二（一）",
        "once_per_project": "示例规则 二（二）",
        "max_partners": "示例规则 二（三）",
    }
    rules = spec.applicants.model_copy(update={"sources": sources, **applicants})
    return spec.model_copy(update={"applicants": rules})


def company(n: int, name: str) -> Organisation:
    return world.unit(Organisation.Kind.ENTERPRISE, name, region="430100", n=n)


def draft(
    played: Season, name: str, *partners: Organisation, title: str = "", **more
) -> Application:
    """A complete draft whose consortium has these partners."""
    made = season.draft(played, name, **more)
    if title:
        Application.objects.filter(pk=made.pk).update(title=title)
    with_partners(made, *partners)
    made.refresh_from_db()
    return made


def with_partners(made: Application, *partners: Organisation) -> None:
    author = made.created_by
    data = {"joint": False}
    if partners:
        rest, each = 50, 50 // len(partners)
        shares = [str(each)] * (len(partners) - 1)
        shares.append(str(rest - each * (len(partners) - 1)))
        data = {
            "joint": True,
            "lead_share": "50",
            "partners": [
                {"name": unit.name, "code": unit.code, "share": shares[n], "work": "试验"}
                for n, unit in enumerate(partners)
            ],
        }
    section = made.sections.get(key="consortium")
    services.save_section(
        made,
        "consortium",
        data=data,
        version=section.version,
        actor=world.actor(author),
        at=AT,
    )
    if partners and not made.attachments.filter(key="agreement", removed_at=None).exists():
        attachments.attach(
            made,
            key="agreement",
            name="联合体协议.pdf",
            data=pdf(1, mark=f"agreement-{made.pk}"),
            actor=world.actor(author),
            at=AT,
        )


def submit(made: Application, key: str = "k1"):
    return services.submit(made, key=key, actor=world.actor(made.created_by), at=AT)
