"""Included at the root. The codes on paper are in capitals, without a slash at the end."""

from django.urls import path, re_path

from documents import views

app_name = "documents"

urlpatterns = [
    path("v/", views.verify_form, name="verify_form"),
    re_path(r"^[vV]/(?P<code>[^/]{1,60})/?$", views.verify, name="verify_code"),
    re_path(
        r"^[vV]/(?P<code>[^/]{1,60})/(?P<page>[0-9]{1,4})/?$", views.verify, name="verify_page"
    ),
]
