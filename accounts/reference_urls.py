from django.urls import path

from accounts.views import reference

app_name = "reference"
urlpatterns = [
    path("regions/", reference.find_regions, name="regions"),
    path("recommenders/", reference.find_recommenders, name="recommenders"),
    path("industries/", reference.find_industries, name="industries"),
]
