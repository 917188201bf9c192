from django.urls import path

from surveys.views import answering, area, desk, files

app_name = "surveys"
urlpatterns = [
    path("", area.index, name="index"),
    path("new/", desk.new, name="new"),
    path("link/<str:token>/", answering.by_link, name="by_link"),
    path("link/<str:token>/autosave/", answering.link_autosave, name="link_autosave"),
    path("link/<str:token>/files/add/<slug:key>/", files.link_attach, name="link_attach"),
    path("link/<str:token>/files/<slug:file_id>/", files.link_file, name="link_file"),
    path("link/<str:token>/files/<slug:file_id>/remove/", files.link_detach, name="link_detach"),
    path("answer/<slug:public_id>/files/add/<slug:key>/", files.attach, name="attach"),
    path("answer/<slug:public_id>/files/<slug:file_id>/", files.file, name="file"),
    path("answer/<slug:public_id>/files/<slug:file_id>/remove/", files.detach, name="detach"),
    path("request/<slug:public_id>/files/<slug:file_id>/", files.checked_file, name="checked_file"),
    path("answer/<slug:public_id>/", answering.answer, name="answer"),
    path("answer/<slug:public_id>/autosave/", answering.autosave, name="autosave"),
    path("request/<slug:public_id>/", area.detail, name="detail"),
    path("request/<slug:public_id>/return/", area.give_back, name="give_back"),
    path("request/<slug:public_id>/send/", area.send, name="send"),
    path("s/<slug:code>/", area.area, name="area"),
    path("s/<slug:code>/table/", area.table, name="table"),
    path("s/<slug:code>/check/", area.check, name="check"),
    path("s/<slug:code>/remind/", area.remind, name="remind"),
    path("s/<slug:code>/days/", desk.days, name="days"),
    path("s/<slug:code>/add/", desk.add, name="add"),
    path("s/<slug:code>/open/", desk.open_survey, name="open"),
    path("s/<slug:code>/close/", desk.close, name="close"),
]
