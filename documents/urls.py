"""Included at the root. The codes on paper are in capitals, without a slash at the end."""

from django.urls import path, re_path

from documents import views
from documents.packages import views as packages

app_name = "documents"

urlpatterns = [
    path("packages/", packages.index, name="packages"),
    path("packages/<slug:public_id>/", packages.package, name="package"),
    path("packages/<slug:public_id>/progress/", packages.progress, name="package_progress"),
    path("packages/<slug:public_id>/cancel/", packages.cancel, name="package_cancel"),
    path("packages/<slug:public_id>/again/", packages.retry, name="package_again"),
    path("packages/<slug:public_id>/file/", packages.download, name="package_file"),
    path("v/", views.verify_form, name="verify_form"),
    re_path(r"^[vV]/(?P<code>[^/]{1,60})/?$", views.verify, name="verify_code"),
    path("v/<str:code>/compare/", views.compare, name="compare"),
    re_path(
        r"^[vV]/(?P<code>[^/]{1,60})/(?P<page>[0-9]{1,4})/?$", views.verify, name="verify_page"
    ),
]
