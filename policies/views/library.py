"""The library for everybody: search, policies, zones side by side, rewards."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import policy
from accounts.roles import OFFICE
from policies import linking, matching, queries, rules
from policies.forms import CompareForm, RewardForm, SearchForm
from policies.models import Node, Policy

PAGE = 20
LONGEST_CITATION = 300
SIDE_BY_SIDE = 12
"""Articles shown for one zone in the comparison; the rest is a link to the search."""


def _may_import(request: HttpRequest) -> bool:
    acting = request.acting  # type: ignore[attr-defined]
    return acting is not None and acting.role in OFFICE


@require_safe
@policy.public
def index(request: HttpRequest) -> HttpResponse:
    """The zones with their policies, or what was searched for."""
    zones = queries.zones()
    form = SearchForm(request.GET or None, zones=zones)
    wanted = form.wanted
    context = {
        "zones": zones,
        "form": form,
        "wanted": wanted,
        "may_import": _may_import(request),
        "last": queries.last_import(),
    }
    if wanted:
        page = Paginator(queries.search(wanted), PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "hits": queries.hits(page.object_list, wanted.query)}
    elif zones:
        held = queries.policies_by_zone()
        context["shelves"] = [(zone, held[zone.pk]) for zone in zones]
        context["themes"] = [theme.key for theme in rules.themes()]
    return render(request, "policies/index.html", context)


def _policy(key: str) -> Policy:
    found = queries.policy(key)
    if found is None:
        raise Http404
    return found


@require_safe
@policy.public
def policy_page(request: HttpRequest, policy_key: str) -> HttpResponse:
    """The whole policy with its contents beside it."""
    found = _policy(policy_key)
    nodes = queries.nodes_of(found)
    context = {
        "policy": found,
        "root": nodes[0] if nodes else None,
        "nodes": nodes[1:],
        "contents": [node for node in nodes if _in_contents(node)],
        "cited": linking.rules_of_policy(found),
    }
    return render(request, "policies/policy.html", context)


def _in_contents(node: Node) -> bool:
    return (node.depth == 1 and node.kind not in (Node.Kind.STRAY, Node.Kind.TABLE)) or (
        node.kind == Node.Kind.ARTICLE
    )


@require_safe
@policy.public
def article(request: HttpRequest, policy_key: str, article: str) -> HttpResponse:
    """One article at its deep link, with what stands under it; also one that is no more."""
    found = _policy(policy_key)
    node = queries.node(found, article)
    if node is None:
        raise Http404
    node.policy = found
    context = {
        "policy": found,
        "node": node,
        "nodes": queries.below(node),
        "way": queries.way_to(node),
        "amounts": list(node.amounts.all()),
        "revisions": queries.revisions(node),
        "cited": linking.rules_on([node]),
    }
    return render(request, "policies/article.html", context)


@require_safe
@policy.public
def cite(request: HttpRequest) -> HttpResponse:
    """Where a citation leads: the articles it names, and the rules that stand on it.

    Without one, the place to enter it.
    """
    text = request.GET.get("text", "").strip()[:LONGEST_CITATION]
    context: dict[str, object] = {"text": text}
    if text:
        context |= {"articles": linking.articles(text), "cited": linking.rules_citing(text)}
    return render(request, "policies/cite.html", context)


@require_safe
@policy.public
def compare(request: HttpRequest) -> HttpResponse:
    zones = queries.zones()
    form = CompareForm(request.GET or None, zones=zones)
    columns = []
    if form.is_valid() and form.cleaned_data["zone"]:
        columns = queries.compare(
            form.cleaned_data["theme"], form.cleaned_data["zone"], most=SIDE_BY_SIDE
        )
    context = {
        "form": form,
        "columns": columns,
        "theme": form.cleaned_data.get("theme") if form.is_bound else "",
        "zones": zones,
    }
    return render(request, "policies/compare.html", context)


@require_safe
@policy.public
def rewards(request: HttpRequest) -> HttpResponse:
    """From a result to the articles that reward it; a signed-in unit's own region comes first."""
    zones = queries.zones()
    own = _own_zones(request)
    here = {"result": rules.results()[0].key, "zone": str(own[0].pk) if own else ""}
    asked = here | request.GET.dict()
    form = RewardForm(asked, zones=zones)
    context = {"form": form, "zones": zones, "own": own, "asked": bool(request.GET or own)}
    if form.is_valid():
        result = rules.result(form.cleaned_data["result"])
        chosen = [zone for zone in zones if str(zone.pk) == form.cleaned_data["zone"]] or zones
        if result is not None and context["asked"]:
            context |= {"result": result, "matches": matching.matches(result, chosen)}
    return render(request, "policies/rewards.html", context)


def _own_zones(request: HttpRequest) -> list:
    acting = request.acting  # type: ignore[attr-defined]
    region = acting.organisation.region if acting else ""
    return matching.zones_for(region) if region else []
