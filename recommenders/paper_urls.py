"""Routes of what goes out and comes back on paper; in the name space of ``recommenders``."""

from django.urls import path

from recommenders.views import outgoing

urlpatterns = [
    path("calls/<slug:code>/letter/", outgoing.letter, name="letter"),
    path("calls/<slug:code>/letter/set/", outgoing.set_letter, name="set_letter"),
    path("calls/<slug:code>/letter/draft.pdf", outgoing.letter_draft, name="letter_draft"),
    path("calls/<slug:code>/labels/", outgoing.label_page, name="labels"),
    path("calls/<slug:code>/labels.pdf", outgoing.label_sheets, name="label_sheets"),
]
