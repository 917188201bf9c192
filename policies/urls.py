from django.urls import path

from policies.views import importing, library

app_name = "policies"
urlpatterns = [
    path("cite/", library.cite, name="cite"),
    path("", library.index, name="index"),
    path("compare/", library.compare, name="compare"),
    path("rewards/", library.rewards, name="rewards"),
    path("p/<str:policy_key>/", library.policy_page, name="policy"),
    path("p/<str:policy_key>/<str:article>/", library.article, name="article"),
    path("import/", importing.choose, name="import"),
    path("import/<int:run>/", importing.preview, name="preview"),
    path("import/<int:run>/apply/", importing.apply, name="apply"),
]
