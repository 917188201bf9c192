from django.urls import path

from units.views import changes, proofs

app_name = "units"
urlpatterns = [
    path("", proofs.index, name="index"),
    path("own/", proofs.own, name="own"),
    path("proofs/<str:public_id>/", proofs.proof_file, name="proof_file"),
    path("proofs/<str:public_id>/<int:page>/", proofs.proof_page, name="proof_page"),
    path("changes/", changes.index, name="changes"),
    path("changes/<int:pk>/decide/", changes.decide, name="decide"),
    path("<int:pk>/", proofs.unit, name="unit"),
    path("<int:pk>/verify/", proofs.verify, name="verify"),
    path("<int:pk>/manager/", proofs.administrator, name="administrator"),
    path("<int:pk>/send-back/", proofs.send_back, name="send_back"),
    path("<int:pk>/rename/", changes.rename, name="rename"),
    path("<int:pk>/region/", changes.region, name="region"),
    path("<int:pk>/merge/", changes.merge, name="merge"),
]
