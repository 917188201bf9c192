"""The pages for everybody, included at the root."""

from django.urls import path

from outcomes.views import public, questions

app_name = "public"
urlpatterns = [
    path("", public.home, name="home"),
    path("open/<slug:code>/", public.call, name="call"),
    path("open/<slug:code>/questions/", questions.questions, name="questions"),
    path("open/<slug:code>/ask/", questions.ask, name="ask"),
    path("open/<slug:code>/draws/", public.draws, name="draws"),
    path("notices/", public.notices, name="notices"),
    path("notices/<int:pk>/", public.notice_page, name="notice"),
    path("lists/", public.lists, name="lists"),
    path("lists/<str:public_id>/", public.list_page, name="list"),
    path("lists/<str:public_id>/pdf/", public.list_pdf, name="list_pdf"),
    path("lists/<str:public_id>/xlsx/", public.list_sheet, name="list_sheet"),
    path("lists/<str:public_id>/objection/", public.objection, name="objection"),
    path("objections/<str:public_id>/", public.objection_received, name="objection_received"),
    path("faq/", public.faq, name="faq"),
    path("help/", public.help, name="help"),
    path("accessibility/", public.accessibility, name="accessibility"),
]
