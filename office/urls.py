from django.urls import path

from office.views import calendar, calls, deadlines, desk, packing, records, tree, units

app_name = "office"
urlpatterns = [
    path("", desk.cockpit, name="cockpit"),
    path("applications/", desk.applications, name="applications"),
    path("calls/", calls.index, name="calls"),
    path("calls/new/", calls.new, name="call_new"),
    path("calls/<slug:code>/", calls.detail, name="call"),
    path("calls/<slug:code>/dates/", calls.dates, name="call_dates"),
    path("calls/<slug:code>/open/", calls.open_call, name="call_open"),
    path("calls/<slug:code>/close/", calls.close, name="call_close"),
    path("calls/<slug:code>/clock/", calls.clock, name="call_clock"),
    path("calls/<slug:code>/directions/", calls.direction, name="call_direction"),
    path("calls/<slug:code>/notices/", calls.notice, name="call_notice"),
    path("calls/<slug:code>/extensions/", deadlines.extend, name="extend"),
    path("calls/<slug:code>/levels/", deadlines.level, name="level"),
    path("calls/<slug:code>/pack/", packing.pack, name="pack"),
    path("deadlines/", deadlines.board, name="deadlines"),
    path("calendar/", calendar.page, name="calendar"),
    path("extensions/<int:pk>/", deadlines.decide, name="decide_extension"),
    path("units/", units.index, name="units"),
    path("units/import/", units.load, name="units_import"),
    path("units/template.xlsx", units.template, name="units_template"),
    path("units/tree/", tree.tree_page, name="units_tree"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/rename/", tree.rename, name="unit_rename"),
    path("units/<int:pk>/transfer/", tree.propose_transfer, name="unit_transfer"),
    path("units/<int:pk>/revoke/", tree.revoke, name="unit_revoke"),
    path("units/transfers/<int:pk>/", tree.decide_transfer, name="decide_transfer"),
    path("units/revocations/<int:pk>/", tree.restore, name="unit_restore"),
    path("units/people/<int:pk>/move/", tree.move_person, name="move_person"),
    path("units/<int:pk>/invite/", units.invite, name="unit_invite"),
    path("outbox/", records.outbox, name="outbox"),
    path("audit/", records.trail, name="audit"),
]
