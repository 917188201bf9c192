"""What an expert opens carries their name and the moment."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.reviews import scene


@pytest.mark.django_db
def test_the_page_of_an_application_names_who_looks_and_when():
    made = scene.declared(scene.deployed(scene.build(experts=3)))
    task = made.round.assignments.filter(state="deployed", expert=made.experts[0]).first()
    client = Client()
    client.force_login(made.user(0), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("reviews:score", args=[task.public_id])).content.decode()
    mark = page.split('<pattern id="watermark"', 1)[1].split("</pattern>", 1)[0]
    assert mark.count(made.user(0).name) == 2
    assert mark.count("年") == 2 and mark.count(":") == 4
