from django.urls import path

from testing.views import agencies, desk, handling, office, unit

app_name = "testing"
urlpatterns = [
    # the agency
    path("", desk.desk, name="desk"),
    path("agency/", desk.agency, name="own_agency"),
    path("items/<str:public_id>/", desk.item, name="item"),
    path("items/<str:public_id>/accept/", desk.accept, name="accept"),
    path("items/<str:public_id>/refuse/", desk.refuse, name="refuse"),
    path("items/<str:public_id>/sample/", desk.receive, name="receive"),
    path("items/<str:public_id>/sample/return/", desk.return_sample, name="return_sample"),
    path("items/<str:public_id>/save/", desk.save, name="save"),
    path("items/<str:public_id>/result/", desk.act, name="act"),
    path("items/<str:public_id>/approve/", desk.approve, name="approve"),
    path("items/<str:public_id>/back/", desk.send_back, name="send_back"),
    path("items/<str:public_id>/files/", desk.attach, name="attach"),
    path("items/<str:public_id>/files/<str:file>/", desk.evidence_file, name="evidence_file"),
    path("items/<str:public_id>/files/<str:file>/remove/", desk.remove_file, name="remove_file"),
    path(
        "items/<str:public_id>/files/<str:file>/<int:page>/",
        desk.evidence_page,
        name="evidence_page",
    ),
    path("items/<str:public_id>/report/", desk.report, name="report"),
    path("items/<str:public_id>/scan/", desk.scan, name="scan"),
    path("items/<str:public_id>/scan/upload/", desk.upload_scan, name="upload_scan"),
    path("items/<str:public_id>/scan/<str:scan>/<int:position>/", desk.scan_file, name="scan_file"),
    path(
        "items/<str:public_id>/scan/<str:scan>/<int:position>/<int:page>/",
        desk.scan_page,
        name="scan_page",
    ),
    # the unit
    path("results/", unit.index, name="my_results"),
    path("tasks/<str:public_id>/", unit.task, name="my_task"),
    path("tasks/<str:public_id>/sample/", unit.declare_sample, name="declare_sample"),
    path("results/<str:public_id>/", unit.result, name="my_result"),
    path("results/<str:public_id>/dispute/", unit.dispute, name="raise_dispute"),
    path(
        "results/<str:public_id>/report/<int:position>/", unit.sealed_report, name="sealed_report"
    ),
    # the office
    path("office/", office.index, name="calls"),
    path("office/agencies/", agencies.index, name="agencies"),
    path("office/agencies/add/", agencies.add, name="agency_add"),
    path("office/agencies/import/", agencies.import_agencies, name="agency_import"),
    path("office/agencies/template/", agencies.template_sheet, name="agency_template"),
    path("office/agencies/export/", agencies.export, name="agency_export"),
    path("office/agencies/<int:pk>/", agencies.page, name="agency"),
    path("office/agencies/<int:pk>/edit/", agencies.edit, name="agency_edit"),
    path("office/agencies/<int:pk>/verify/", agencies.verify, name="agency_verify"),
    path("office/agencies/<int:pk>/state/", agencies.set_state, name="agency_state"),
    path("office/agencies/<int:pk>/invite/", agencies.invite, name="agency_invite"),
    path("office/agencies/<int:pk>/end/", agencies.end_person, name="agency_end_person"),
    path("office/agencies/<int:pk>/tie/", agencies.tie, name="agency_tie"),
    path("office/agencies/<int:pk>/untie/", agencies.end_tie, name="agency_end_tie"),
    path("office/calls/<slug:code>/", office.page, name="board"),
    path("office/calls/<slug:code>/export/", office.export, name="export"),
    path("office/calls/<slug:code>/propose/", office.propose, name="propose"),
    path("office/calls/<slug:code>/decide/", office.decide, name="decide"),
    path("office/calls/<slug:code>/release/", office.release, name="release"),
    path("office/calls/<slug:code>/disputes/", handling.disputes, name="disputes"),
    path("office/calls/<slug:code>/ranking/", handling.ranking, name="ranking"),
    path("office/calls/<slug:code>/ranking/score/", handling.score, name="score"),
    path("office/commissions/<str:public_id>/", office.commission, name="commission"),
    path("office/commissions/<str:public_id>/replace/", office.replace, name="replace"),
    path("office/disputes/<str:public_id>/", handling.dispute, name="dispute"),
    path("office/disputes/<str:public_id>/file/", handling.dispute_file, name="dispute_file"),
    path("office/disputes/<str:public_id>/rule/", handling.rule, name="rule"),
    path(
        "office/disputes/<str:public_id>/approve/", handling.approve_ruling, name="approve_ruling"
    ),
]
