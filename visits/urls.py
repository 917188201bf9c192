from django.urls import path

from visits.views import applicant, organiser, photos, planning, team

app_name = "visits"

urlpatterns = [
    path("", organiser.board, name="board"),
    path("week/", organiser.week, name="week"),
    path("visits.xlsx", organiser.sheet, name="sheet"),
    path("plan/<slug:code>/", planning.plan, name="plan"),
    path("mine/", applicant.mine, name="mine"),
    path("mine/<slug:public_id>/", applicant.invitation, name="invitation"),
    path("mine/<slug:public_id>/confirm/", applicant.confirm, name="confirm"),
    path("mine/<slug:public_id>/ask/", applicant.ask_day, name="ask_day"),
    path("mine/<slug:public_id>/remark/", applicant.remark, name="remark"),
    path("desk/", team.desk, name="desk"),
    path("desk/visits.ics", team.calendar, name="calendar"),
    path("desk/<slug:public_id>/", team.form, name="form"),
    path("desk/<slug:public_id>/declare/", team.declare, name="declare"),
    path("desk/<slug:public_id>/save/", team.save, name="save"),
    path("desk/<slug:public_id>/take-back/", team.take_back, name="take_back"),
    path("desk/<slug:public_id>/material/", team.material, name="material"),
    path("desk/<slug:public_id>/conclude/", team.conclude, name="conclude"),
    path("desk/<slug:public_id>/reopen/", team.reopen, name="reopen"),
    path("desk/<slug:public_id>/sign/", team.sign, name="sign"),
    path("desk/<slug:public_id>/report/", team.member_report, name="member_report"),
    path("desk/<slug:public_id>/photos/", photos.index, name="photos"),
    path("desk/<slug:public_id>/photos/add/", photos.add, name="add_photo"),
    path("desk/<slug:public_id>/photos/<slug:photo>/", photos.picture, name="picture"),
    path("desk/<slug:public_id>/photos/<slug:photo>/caption/", photos.caption, name="caption"),
    path("desk/<slug:public_id>/photos/<slug:photo>/move/", photos.shift, name="move_photo"),
    path("desk/<slug:public_id>/photos/<slug:photo>/remove/", photos.remove, name="remove_photo"),
    path(
        "desk/<slug:public_id>/photos/<slug:photo>/restore/", photos.restore, name="restore_photo"
    ),
    path("<slug:public_id>/", organiser.visit, name="visit"),
    path("<slug:public_id>/change/", organiser.change, name="change"),
    path("<slug:public_id>/cancel/", organiser.cancel, name="cancel"),
    path("<slug:public_id>/decline/", organiser.decline_day, name="decline_day"),
    path("<slug:public_id>/members/", organiser.add_member, name="add_member"),
    path("<slug:public_id>/members/<slug:seat>/end/", organiser.end_member, name="end_member"),
    path("<slug:public_id>/members/<slug:seat>/lead/", organiser.make_lead, name="make_lead"),
    path("<slug:public_id>/release/", organiser.release, name="release"),
    path("<slug:public_id>/scan/", organiser.scan, name="scan"),
    path("<slug:public_id>/scan/file/", organiser.scan_file, name="scan_file"),
    path("<slug:public_id>/report/", organiser.report, name="report"),
    path("<slug:public_id>/photos/<slug:photo>/", organiser.photo, name="photo"),
    path("<slug:public_id>/photos/<slug:photo>/original/", organiser.original, name="original"),
]
