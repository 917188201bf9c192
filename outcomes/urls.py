from django.urls import path

from outcomes.views import board, desk, objections, publications

app_name = "outcomes"
urlpatterns = [
    path("", board.index, name="board"),
    path("announcements/", publications.index, name="announcements"),
    path("calls/<slug:code>/", board.page, name="call_board"),
    path("calls/<slug:code>/stage/", board.stage, name="stage"),
    path("calls/<slug:code>/more/", board.request_more, name="request_more"),
    path("calls/<slug:code>/more/<int:pk>/", board.decide_request, name="decide_request"),
    path("calls/<slug:code>/review/", board.review, name="review"),
    path("calls/<slug:code>/apply/", board.apply, name="apply"),
    path("calls/<slug:code>/letters/", board.letters, name="letters"),
    path("calls/<slug:code>/letters/release/", board.release, name="release_letters"),
    path("calls/<slug:code>/check/", desk.formal_check, name="formal_check"),
    path("calls/<slug:code>/check/act/", desk.check, name="check"),
    path("calls/<slug:code>/steps/", desk.steps, name="steps"),
    path("calls/<slug:code>/publications/", publications.of_call, name="publications"),
    path("calls/<slug:code>/publications/new/<slug:kind>/", publications.new, name="draft"),
    path("calls/<slug:code>/objections/", objections.of_call, name="objections"),
    path("publications/<str:public_id>/", publications.page, name="publication"),
    path("publications/<str:public_id>/edit/", publications.edit, name="edit"),
    path("publications/<str:public_id>/publish/", publications.publish, name="publish"),
    path("publications/<str:public_id>/end/", publications.end, name="end_publicity"),
    path("publications/<str:public_id>/discard/", publications.discard, name="discard"),
    path("publications/<str:public_id>/withdraw/", publications.withdraw, name="withdraw"),
    path("publications/<str:public_id>/paper/", publications.paper, name="paper"),
    path("objections/<str:public_id>/", objections.page, name="objection"),
    path("objections/<str:public_id>/reveal/", objections.reveal, name="reveal"),
    path("objections/<str:public_id>/attachment/", objections.attachment, name="attachment"),
    path("objections/<str:public_id>/handle/", objections.handle, name="handle"),
    path("objections/<str:public_id>/close/", objections.close, name="close"),
]
