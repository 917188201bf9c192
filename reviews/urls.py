from django.urls import path

from reviews import views

app_name = "reviews"
urlpatterns = [
    path("", views.board, name="board"),
    path("new/", views.create, name="create"),
    path("rounds/<slug:public_id>/", views.round, name="round"),
    path("rounds/<slug:public_id>/propose/", views.propose, name="propose"),
    path("rounds/<slug:public_id>/entries/<int:number>/experts/", views.choose, name="choose"),
    path("rounds/<slug:public_id>/add/", views.add, name="add"),
    path("rounds/<slug:public_id>/deploy/", views.deploy, name="deploy"),
    path("rounds/<slug:public_id>/undo/", views.undo, name="undo"),
    path("rounds/<slug:public_id>/extend/", views.extend, name="extend"),
    path("rounds/<slug:public_id>/close/", views.close, name="close"),
    path("rounds/<slug:public_id>/draws/", views.draws, name="draws"),
    path(
        "rounds/<slug:public_id>/draws/<int:number>/record.json",
        views.draw_record,
        name="draw_record",
    ),
    path(
        "rounds/<slug:public_id>/draws/<int:number>/record.xlsx",
        views.draw_sheet,
        name="draw_sheet",
    ),
    path("rounds/<slug:public_id>/ranking/", views.ranking, name="ranking"),
    path("rounds/<slug:public_id>/feedback/", views.feedback, name="feedback"),
    path(
        "rounds/<slug:public_id>/feedback/release/",
        views.release_feedback,
        name="release_feedback",
    ),
    path(
        "rounds/<slug:public_id>/feedback/<int:number>/",
        views.write_feedback,
        name="write_feedback",
    ),
    path("feedback/<slug:public_id>/", views.my_feedback, name="my_feedback"),
    path("rounds/<slug:public_id>/pack/", views.pack, name="pack"),
    path("rounds/<slug:public_id>/sheets/<slug:number>.pdf", views.sheet, name="sheet"),
    path("rounds/<slug:public_id>/leanings/", views.leanings, name="leanings"),
    path("rounds/<slug:public_id>/sensitivity/", views.sensitivity, name="sensitivity"),
    path("rounds/<slug:public_id>/conflicts/", views.conflicts, name="conflicts"),
    path("rounds/<slug:public_id>/conflicts/set/", views.set_conflict, name="set_conflict"),
    path(
        "rounds/<slug:public_id>/conflicts/<int:pk>/", views.judge_conflict, name="judge_conflict"
    ),
    path("rounds/<slug:public_id>/tasks/<slug:task>/", views.task, name="task"),
    path("rounds/<slug:public_id>/tasks/<slug:task>/remove/", views.remove, name="remove"),
    path("rounds/<slug:public_id>/tasks/<slug:task>/replace/", views.replace, name="replace"),
    path("rounds/<slug:public_id>/tasks/<slug:task>/reopen/", views.reopen, name="reopen"),
    path("experts/", views.experts, name="experts"),
    path("experts/new/", views.add_expert, name="add_expert"),
    path("experts/import/", views.import_experts, name="import_experts"),
    path("experts/imports/<slug:public_id>/", views.intake, name="intake"),
    path(
        "experts/imports/<slug:public_id>/progress/", views.intake_progress, name="intake_progress"
    ),
    path("experts/imports/<slug:public_id>/stop/", views.intake_cancel, name="intake_cancel"),
    path("experts/imports/<slug:public_id>/again/", views.intake_resume, name="intake_resume"),
    path("experts/template.xlsx", views.template_sheet, name="template_sheet"),
    path("experts/export.xlsx", views.export_experts, name="export_experts"),
    path("experts/<int:pk>/", views.edit_expert, name="edit_expert"),
    path("experts/<int:pk>/invite/", views.invite_expert, name="invite_expert"),
    path("experts/<int:pk>/lead/", views.name_lead, name="name_lead"),
    path("experts/<int:pk>/phone/", views.reveal_phone, name="reveal_phone"),
    path("experts/<int:pk>/leave/", views.leave_pool, name="leave_pool"),
    path("desk/", views.desk, name="desk"),
    path("desk/<slug:public_id>/declare/", views.declare, name="declare"),
    path("desk/<slug:public_id>/progress/", views.lead_progress, name="lead_progress"),
    path("desk/<slug:public_id>/scores.xlsx", views.scores_sheet, name="scores_sheet"),
    path("desk/<slug:public_id>/import/", views.import_scores, name="import_scores"),
    path("score/<slug:public_id>/", views.score, name="score"),
    path("score/<slug:public_id>/save/", views.save, name="save"),
    path("score/<slug:public_id>/recuse/", views.recuse, name="recuse"),
    path("score/<slug:public_id>/files/<slug:file>/", views.file, name="file"),
    path(
        "score/<slug:public_id>/files/<slug:file>/pages/<int:page>/",
        views.page_image,
        name="page_image",
    ),
]
