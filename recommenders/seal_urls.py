"""Routes of electronic seals and of sealed scans; in the name space of ``recommenders``."""

from django.urls import path

from recommenders.views import papers, seals

urlpatterns = [
    path("seals/", seals.seals, name="seals"),
    path("seals/register/", seals.register, name="register_seal"),
    path("seals/<int:pk>/approve/", seals.approve, name="approve_seal"),
    path("seals/<int:pk>/stop/", seals.stop, name="stop_seal"),
    path("seals/<int:pk>/picture/", seals.picture, name="seal_picture"),
    path("office/seals/", seals.office_seals, name="office_seals"),
    path("office/seals/<int:pk>/approve/", seals.office_approve, name="office_approve_seal"),
    path("office/seals/<int:pk>/stop/", seals.office_stop, name="office_stop_seal"),
    path("office/seals/<int:pk>/picture/", seals.office_picture, name="office_seal_picture"),
    path("office/lists/<int:pk>/sealed.pdf", seals.office_sealed_sheet, name="office_sealed"),
    path("calls/<slug:code>/sealed.pdf", seals.sealed_sheet, name="sealed_sheet"),
    path("calls/<slug:code>/seal/retry/", seals.retry, name="retry_seal"),
    path("scans/", papers.scans, name="scans"),
    path("scans/<slug:public_id>/by-hand/", papers.confirm_scan, name="confirm_scan"),
    path("scans/<slug:public_id>/<int:position>/", papers.scan_file, name="scan_file"),
    path("scans/<slug:public_id>/<int:position>/<int:page>/", papers.scan_page, name="scan_page"),
    path("calls/<slug:code>/scan/", papers.scan, name="scan"),
    path("calls/<slug:code>/scan/upload/", papers.upload_scan, name="upload_scan"),
]
