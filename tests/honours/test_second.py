"""Nothing of an unpublished result shows a second before it is published, everything after.

Every page that anybody, or a unit that filed, may open is kept as it is before the decision. After
it has taken effect and its list is drafted, each must be the same to the byte (but for tokens);
after the publication, the pages that are to tell of it do, and only for requests that came then.
"""

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from honours.models import Project
from outcomes import services as outcomes
from outcomes.models import Publication
from outcomes.services import publishing
from tests import kept, season, world
from tests.honours import scene as following
from tests.world import AT

pytestmark = pytest.mark.django_db

TOKENS = re.compile(r'(token" value|nonce|content)="[^"]{8,}"|data-(until|now)="[^"]*"')
SECOND = timedelta(seconds=1)
played = kept.fixture(following.build)


@pytest.fixture
def clock(monkeypatch):
    """When requests arrive; the same for all until it is set anew."""
    state = {"at": AT}
    monkeypatch.setattr("portal.middleware.timezone.now", lambda: state["at"])
    return state


def public_pages(call, first) -> list[str]:
    lists = Publication.objects.values_list("public_id", flat=True).order_by("pk")
    found = [
        reverse("public:home"),
        reverse("public:call", args=[call.code]),
        reverse("public:questions", args=[call.code]),
        reverse("public:notices"),
        reverse("public:lists"),
        reverse("public:faq"),
        reverse("library:index"),
        f"{reverse('library:index')}?q={first.title}",
        f"{reverse('library:index')}?state=won",
        reverse("library:data"),
        reverse("library:sheet"),
        reverse("library:schema"),
        reverse("policies:index"),
        f"{reverse('policies:index')}?q={first.title}",
        "/sitemap.xml",
        "/feed/",
        "/robots.txt",
    ]
    for one in lists:
        found += [
            reverse(f"public:{name}", args=[one])
            for name in ("list", "list_pdf", "list_sheet", "objection")
        ]
    found += [one.get_absolute_url() for one in Project.objects.order_by("pk")]
    return found


def unit_pages(application) -> list[str]:
    return [
        reverse("portal:home"),
        reverse("applications:index"),
        application.get_absolute_url(),
        reverse("applications:documents"),
        reverse("applications:version", args=[application.public_id, 1]),
        reverse("applications:withdraw", args=[application.public_id]),
        reverse("applications:copy", args=[application.public_id]),
        reverse("applications:choose_call"),
        reverse("reviews:my_feedback", args=[application.public_id]),
        reverse("visits:mine"),
        reverse("notifications:inbox"),
        reverse("honours:my_certificates"),
        reverse("fulfilment:mine"),
        reverse("testing:my_results"),
    ]


def recommender_pages(call, applications) -> list[str]:
    """Every page of the province that tells of filings, each filter and order of its list."""
    listed = reverse("recommenders:filings", args=[call.code])
    found = [
        reverse("portal:home"),
        reverse("recommenders:workspace"),
        reverse("recommenders:area", args=[call.code]),
        reverse("recommenders:list", args=[call.code]),
        reverse("recommenders:history", args=[call.code]),
        reverse("recommenders:paper", args=[call.code]),
        reverse("recommenders:results", args=[call.code]),
        reverse("recommenders:selection", args=[call.code]),
        reverse("recommenders:history_sheet", args=[call.code]),
        reverse("recommenders:paper_export", args=[call.code]),
        reverse("recommenders:export", args=[call.code]),
        f"{reverse('recommenders:export', args=[call.code])}?col=state&sort=state",
        f"{listed}?col=state&col=standing&sort=state",
        f"{listed}?col=state&sort=-state",
        f"{listed}?state=finalist",
        f"{listed}?state=not_selected",
        f"{listed}?state=in_review",
        f"{listed}?standing=gone",
        reverse("notifications:inbox"),
    ]
    for one in applications:
        found += [
            reverse("recommenders:application", args=[one.public_id]),
            one.get_absolute_url(),
            reverse("applications:version", args=[one.public_id, 1]),
        ]
    return found


def text_of(answer) -> str:
    if answer.status_code in (301, 302, 404):
        return f"{answer.status_code} {answer.headers.get('Location', '')}"
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "spreadsheet" in answer["Content-Type"]:
        book = load_workbook(io.BytesIO(body))
        return "\n".join(str(row) for page in book for row in page.iter_rows(values_only=True))
    if "pdf" in answer["Content-Type"]:
        return f"{answer.status_code} {len(body)}"
    return f"{answer.status_code} {TOKENS.sub('', body.decode())}"


def province(application) -> Client:
    client = Client()
    client.force_login(
        User.objects.filter(
            memberships__organisation=application.recommender, memberships__role="rec_operator"
        ).first()
    )
    return client


def seen(call, applications, pages=None) -> dict[tuple[str, str], str]:
    """Every page by who opens it: a visitor, the recommender, each unit."""
    found = {}
    above = province(applications[0])
    for address in recommender_pages(call, applications):
        found["province", address] = text_of(above.get(address))
    visitor = Client()
    for address in pages or public_pages(call, applications[0]):
        found["visitor", address] = text_of(visitor.get(address))
    for n, application in enumerate(applications):
        client = Client()
        client.force_login(
            User.objects.get(
                memberships__organisation=application.organisation,
                memberships__role="unit_admin",
            )
        )
        for address in unit_pages(application):
            found[f"unit{n}", address] = text_of(client.get(address))
    return found


def told(found, words) -> set[str]:
    return {address.split("?")[0] for (_, address), text in found.items() if words in text}


def differing(before, after) -> list[tuple[str, str, str]]:
    """What differs: who sees it, where, and the first words that are other."""
    return [
        (*key, next((b for a, b in zip(*pair, strict=False) if a != b), "length")[:300])
        for key in before
        if before[key] != after[key]
        for pair in [(before[key].splitlines(), after[key].splitlines())]
    ]


def test_the_decision_shows_nothing_until_its_list_is_published_and_then_everywhere(clock):
    made = season.play(season.begin(), to="closed", names=("甲一", "乙二"))
    season.render()
    applications = [made.again(0), made.again(1)]
    call = made.call
    before = seen(call, applications)
    pages = public_pages(call, applications[0])
    season.stage(made)
    season.decide(made)
    draft = season.draft_list(made)
    assert differing(before, seen(call, applications, pages)) == []
    hidden = reverse("public:list", args=[draft.public_id])
    assert Client().get(hidden).status_code == 404
    season.announce(made, draft)
    after = seen(call, applications)
    for n, word in enumerate(("入围", "未入围")):
        for who, address in (
            ("province", reverse("recommenders:application", args=[applications[n].public_id])),
            (f"unit{n}", reverse("applications:index")),
        ):
            assert f">{word}<" in after[who, address], (who, address)
    sheet = f"{reverse('recommenders:export', args=[call.code])}?col=state&sort=state"
    assert "'入围'" in after["province", sheet] and "'未入围'" in after["province", sheet]
    title = applications[0].title
    where = told({key: text for key, text in after.items() if key[0] == "visitor"}, title)
    listed = Project.objects.get()
    assert {
        hidden,
        reverse("public:list_sheet", args=[draft.public_id]),
        reverse("library:index"),
        reverse("library:sheet"),
        listed.get_absolute_url(),
    } <= where
    assert after["visitor", reverse("library:data")] != before["visitor", reverse("library:data")]
    assert (
        after["unit0", applications[0].get_absolute_url()]
        != (before["unit0", applications[0].get_absolute_url()])
    )
    for name in ("library:index", "library:data", "library:sheet"):
        clock["at"] = AT - SECOND
        assert title not in text_of(Client().get(reverse(name))), "it arrived a second before"
    assert Client().get(listed.get_absolute_url()).status_code == 404
    clock["at"] = AT
    assert Client().get(listed.get_absolute_url()).status_code == 200


@pytest.mark.usefixtures("kept_files")
def test_the_award_shows_nothing_until_its_list_is_published_and_then_everywhere(played, clock):
    call = played.season.call
    applications = [played.season.again(0), played.season.again(1)]
    chief = played.actor("chief")
    before = seen(call, applications)
    pages = public_pages(call, applications[0])
    draft = following.staged_award(played)
    assert differing(before, seen(call, applications, pages)) == []
    again = world.open_call(code="next-round", at=AT)
    assert (
        again.pk and Client().get(reverse("public:list", args=[draft.public_id])).status_code == 404
    )
    outcomes.announce(draft, shown=publishing.preview_hash(draft), actor=chief, at=AT)
    winner = Project.objects.get(application=applications[0])
    visitor = Client()
    shown = {
        name: text_of(visitor.get(address))
        for name, address in {
            "list": reverse("public:list", args=[draft.public_id]),
            "sheet": reverse("public:list_sheet", args=[draft.public_id]),
            "library": f"{reverse('library:index')}?state=won",
            "json": reverse("library:data"),
            "xlsx": reverse("library:sheet"),
            "project": winner.get_absolute_url(),
        }.items()
    }
    assert applications[0].title in shown["list"] and applications[0].title in shown["sheet"]
    for name in ("json", "xlsx", "project"):
        assert "揭榜优胜单位" in shown[name], name
    unit = seen(call, applications[:1], [reverse("public:home")])
    assert "证书" in unit["unit0", reverse("honours:my_certificates")]
    clock["at"] = AT - SECOND
    early = {
        name: text_of(visitor.get(reverse(name))) for name in ("library:data", "library:sheet")
    }
    assert "揭榜优胜单位" not in early["library:data"] + early["library:sheet"]
