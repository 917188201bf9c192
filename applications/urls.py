from django.urls import path

from applications import views
from applications.views import profile, sheets

app_name = "applications"
TABLE = "<slug:public_id>/sections/<slug:key>/tables/<slug:field>/"
urlpatterns = [
    path("", views.index, name="index"),
    path("documents/", views.documents, name="documents"),
    path("new/", views.choose_call, name="choose_call"),
    path("new/<slug:code>/", views.create, name="create"),
    path("similar/", views.similar, name="similar"),
    path("similar/<int:pk>/", views.similar_pair, name="similar_pair"),
    path("<slug:public_id>/", views.detail, name="detail"),
    path("<slug:public_id>/basics/", views.basics, name="basics"),
    path("<slug:public_id>/profile/", profile.profile, name="profile"),
    path("<slug:public_id>/sections/<slug:key>/", views.section, name="section"),
    path("<slug:public_id>/sections/<slug:key>/autosave/", views.autosave, name="autosave"),
    path(f"{TABLE}template.xlsx", sheets.grid_template, name="grid_template"),
    path(f"{TABLE}import/", sheets.grid_import, name="grid_import"),
    path(f"{TABLE}import/apply/", sheets.grid_apply, name="grid_apply"),
    path(f"{TABLE}import/errors.xlsx", sheets.grid_errors, name="grid_errors"),
    path("<slug:public_id>/files/", views.files, name="files"),
    path("<slug:public_id>/files/add/<slug:key>/", views.attach, name="attach"),
    path("<slug:public_id>/files/begin/<slug:key>/", views.upload_begin, name="upload_begin"),
    path("<slug:public_id>/files/reuse/<slug:key>/", views.reuse, name="reuse"),
    path("<slug:public_id>/uploads/<slug:upload_id>/", views.upload, name="upload"),
    path(
        "<slug:public_id>/uploads/<slug:upload_id>/finish/",
        views.upload_finish,
        name="upload_finish",
    ),
    path(
        "<slug:public_id>/uploads/<slug:upload_id>/cancel/",
        views.upload_cancel,
        name="upload_cancel",
    ),
    path("<slug:public_id>/files/<slug:file_id>/", views.attachment, name="attachment"),
    path("<slug:public_id>/files/<slug:file_id>/preview/", views.preview, name="preview"),
    path(
        "<slug:public_id>/files/<slug:file_id>/pages/<int:page>/",
        views.page_image,
        name="page_image",
    ),
    path(
        "<slug:public_id>/files/<slug:file_id>/undo/", views.undo_replacing, name="undo_replacing"
    ),
    path("<slug:public_id>/files/<slug:file_id>/rename/", views.rename_file, name="rename_file"),
    path("<slug:public_id>/files/<slug:file_id>/shift/", views.shift_file, name="shift_file"),
    path("<slug:public_id>/files/<slug:file_id>/remove/", views.detach, name="detach"),
    path("<slug:public_id>/files/<slug:file_id>/restore/", views.reattach, name="reattach"),
    path("<slug:public_id>/copy/", views.copy, name="copy"),
    path("<slug:public_id>/copied/", views.copied, name="copied"),
    path("<slug:public_id>/partner/", views.partner, name="partner"),
    path("<slug:public_id>/check/", views.check, name="check"),
    path("<slug:public_id>/submit/", views.submit, name="submit"),
    path("<slug:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:public_id>/return/", views.give_back, name="give_back"),
    path("<slug:public_id>/corrections/", views.corrections, name="corrections"),
    path(
        "<slug:public_id>/corrections/<int:number>/accept/",
        views.accept_correction,
        name="accept_correction",
    ),
    path("<slug:public_id>/booklet/", views.draft_booklet, name="draft_booklet"),
    path(
        "<slug:public_id>/versions/<int:number>/booklet/",
        views.version_booklet,
        name="version_booklet",
    ),
    path("<slug:public_id>/draft.pdf", views.draft_pdf, name="draft_pdf"),
    path("<slug:public_id>/versions/", views.versions, name="versions"),
    path("<slug:public_id>/versions/compare/", views.compare, name="compare"),
    path("<slug:public_id>/versions/<int:number>/", views.version, name="version"),
    path("<slug:public_id>/versions/<int:number>/receipt/", views.receipt, name="receipt"),
    path("<slug:public_id>/versions/<int:number>/form.pdf", views.form_pdf, name="form_pdf"),
    path(
        "<slug:public_id>/versions/<int:number>/receipt.pdf", views.receipt_pdf, name="receipt_pdf"
    ),
]
