from importlib.util import find_spec

from django.urls import include, path

from portal import views

portal_patterns = (
    [
        path("home/", views.home, name="home"),
    ],
    "portal",
)

urlpatterns = [
    path("healthz/", views.alive, name="alive"),
    path("readyz/", views.ready, name="ready"),
    path("", include(portal_patterns)),
]
for prefix, module in (
    ("", "outcomes.public_urls"),
    ("account/", "accounts.urls"),
    ("", "documents.urls"),
    ("messages/", "notifications.urls"),
    ("calls/", "calls.urls"),
    ("applications/", "applications.urls"),
    ("reviews/", "reviews.urls"),
    ("recommend/", "recommenders.urls"),
    ("outcomes/", "outcomes.urls"),
    ("surveys/", "surveys.urls"),
    ("policies/", "policies.urls"),
    ("office/", "office.urls"),
):
    if find_spec(module.split(".")[0]) and find_spec(module):
        urlpatterns.append(path(prefix, include(module)))

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler500 = "portal.views.broken"
