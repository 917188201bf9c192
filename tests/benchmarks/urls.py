"""Our addresses, and the bare ones beside them."""

from django.urls import include, path

from portal import urls as portal

handler400, handler403, handler404, handler500 = (
    portal.handler400,
    portal.handler403,
    portal.handler404,
    portal.handler500,
)
urlpatterns = [path("bare/", include("tests.benchmarks.bare")), *portal.urlpatterns]
