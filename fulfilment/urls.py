from django.urls import path

from fulfilment.views import accepting, changes, dispatching, plans, reports, tasks

app_name = "fulfilment"
urlpatterns = [
    path("", tasks.index, name="index"),
    path("export/", tasks.export, name="export"),
    path("mine/", tasks.mine, name="mine"),
    path("late/", tasks.late, name="late"),
    path("late/chase/", tasks.chase, name="chase"),
    path("recognised/", tasks.recognised, name="recognised"),
    path("of/<str:public_id>/", tasks.of_application, name="of_application"),
    path("calls/<slug:code>/term/", tasks.term, name="term"),
    path("calls/<slug:code>/approval/", accepting.deliberations, name="deliberations"),
    path("approvals/<str:public_id>/", accepting.deliberation, name="deliberation"),
    path("approvals/<str:public_id>/sign/", accepting.sign, name="sign"),
    path("calls/<slug:code>/dispatch/", dispatching.dispatches, name="dispatches"),
    path("dispatches/<str:public_id>/", dispatching.dispatch, name="dispatch"),
    path("dispatches/<str:public_id>/sign/", dispatching.sign, name="sign_dispatch"),
    path("dispatches/<str:public_id>/paper/", dispatching.paper, name="dispatch_paper"),
    path("tasks/<str:public_id>/", tasks.page, name="task"),
    path("tasks/<str:public_id>/plan/", plans.plan, name="plan"),
    path("tasks/<str:public_id>/plan/<int:number>/", plans.version, name="plan_version"),
    path("tasks/<str:public_id>/plan/<int:number>/decide/", plans.decide, name="decide_plan"),
    path("tasks/<str:public_id>/book/sign/", plans.sign_book, name="sign_book"),
    path("tasks/<str:public_id>/book/", plans.book_paper, name="book"),
    path("tasks/<str:public_id>/ask/", tasks.ask, name="ask"),
    path("tasks/<str:public_id>/terminate/", tasks.terminate, name="terminate"),
    path("tasks/<str:public_id>/changes/new/", changes.new, name="new_change"),
    path("tasks/<str:public_id>/acceptance/", accepting.acceptance, name="acceptance"),
    path("tasks/<str:public_id>/recognise/", accepting.recognise, name="recognise"),
    path("reports/<str:public_id>/", reports.report, name="report"),
    path("reports/<str:public_id>/autosave/", reports.autosave, name="autosave"),
    path("reports/<str:public_id>/attach/", reports.attach, name="attach"),
    path("reports/<str:public_id>/decide/", reports.decide, name="decide_report"),
    path("reports/<str:public_id>/<int:number>/", reports.version, name="report_version"),
    path("reports/<str:public_id>/<int:number>/paper/", reports.paper, name="report_paper"),
    path("files/<str:public_id>/", reports.file, name="file"),
    path("files/<str:public_id>/remove/", reports.remove, name="remove_file"),
    path("changes/<str:public_id>/", changes.page, name="change"),
    path("changes/<str:public_id>/act/", changes.act, name="act_on_change"),
    path("changes/<str:public_id>/attach/", changes.attach, name="attach_to_change"),
    path(
        "acceptances/<str:public_id>/decide/",
        accepting.decide_acceptance,
        name="decide_acceptance",
    ),
    path(
        "acceptances/<str:public_id>/attach/",
        accepting.attach_acceptance,
        name="attach_to_acceptance",
    ),
    path("recognitions/<str:public_id>/", accepting.recognition, name="recognition"),
    path(
        "recognitions/<str:public_id>/paper/", accepting.recognition_paper, name="recognition_paper"
    ),
]
