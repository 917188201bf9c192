"""The public library, included at ``library/``."""

from django.urls import path

from honours.views import library

app_name = "library"
urlpatterns = [
    path("", library.index, name="index"),
    path("xlsx/", library.sheet, name="sheet"),
    path("json/", library.data, name="data"),
    path("json/about/", library.schema, name="schema"),
    path("<str:public_id>/", library.project, name="project"),
]
