from django.urls import include, path

from portal import metrics, views

portal_patterns = ([path("home/", views.home, name="home")], "portal")

urlpatterns = [
    path("healthz/", views.alive, name="alive"),
    path("readyz/", views.ready, name="ready"),
    path("metrics/", metrics.metrics, name="metrics"),
    path("", include(portal_patterns)),
    path("", include("outcomes.public_urls")),
    path("", include("documents.urls")),
    path("account/", include("accounts.urls")),
    path("reference/", include("accounts.reference_urls")),
    path("messages/", include("notifications.urls")),
    path("units/", include("units.urls")),
    path("applications/", include("applications.urls")),
    path("reviews/", include("reviews.urls")),
    path("panels/", include("panels.urls")),
    path("visits/", include("visits.urls")),
    path("recommend/", include("recommenders.urls")),
    path("outcomes/", include("outcomes.urls")),
    path("fulfilment/", include("fulfilment.urls")),
    path("testing/", include("testing.urls")),
    path("honours/", include("honours.urls")),
    path("library/", include("honours.public_urls")),
    path("surveys/", include("surveys.urls")),
    path("policies/", include("policies.urls")),
    path("office/", include("office.urls")),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler500 = "portal.views.broken"
