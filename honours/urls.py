from django.urls import path

from honours.views import archive, award, certificates, winners

app_name = "honours"
urlpatterns = [
    path("calls/<slug:code>/award/", award.page, name="board"),
    path("calls/<slug:code>/award/stage/", award.stage, name="stage"),
    path("calls/<slug:code>/award/more/", award.request_more, name="request_more"),
    path("calls/<slug:code>/award/more/<int:pk>/", award.decide_request, name="decide_request"),
    path("calls/<slug:code>/award/review/", award.review, name="review"),
    path("calls/<slug:code>/award/apply/", award.apply, name="apply"),
    path("calls/<slug:code>/award/<str:public_id>/revoke/", award.revoke, name="revoke"),
    path("calls/<slug:code>/certificates/", certificates.of_call, name="certificates"),
    path("calls/<slug:code>/certificates/pack/", certificates.pack, name="pack_certificates"),
    path("calls/<slug:code>/archive/", archive.of_call, name="archive"),
    path("calls/<slug:code>/archive/<int:pk>/", archive.decide, name="decide_archive"),
    path("calls/<slug:code>/archive/<int:pk>/pack/", archive.pack, name="pack_archive"),
    path("projects/<str:public_id>/archive/", archive.project, name="project_archive"),
    path("certificates/", certificates.mine, name="my_certificates"),
    path("certificates/changes/<int:pk>/", certificates.decide, name="decide_change"),
    path("certificates/<str:public_id>/", certificates.change, name="certificate"),
    path("certificates/<str:public_id>/pdf/", certificates.paper, name="certificate_paper"),
    path("winners/", winners.index, name="winners"),
    path("winners/xlsx/", winners.sheet, name="winners_sheet"),
    path("winners/template/", winners.template, name="winners_template"),
    path("winners/import/", winners.load, name="load_winners"),
    path("winners/import/confirm/", winners.confirm, name="confirm_winners"),
    path("winners/<int:pk>/strike/", winners.strike, name="strike_winner"),
]
