import pytest
from django.test import Client
from django.urls import reverse

from notifications import services
from notifications.models import Message
from tests.world import AT

pytestmark = pytest.mark.django_db
LETTER = "applications/letters/submit.txt"


def client_of(user):
    found = Client()
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


def write(cast, name, key):
    services.enqueue(
        key=key,
        to=cast.people[name],
        template=LETTER,
        context={"application": cast.application, "note": ""},
        at=AT,
    )


def test_a_person_reads_their_own_letters_and_nobody_else_s(cast):
    write(cast, "admin", "one")
    subject = Message.objects.get(user=cast.people["admin"]).subject
    own = client_of(cast.people["admin"]).get(reverse("notifications:inbox"))
    other = client_of(cast.people["rival"]).get(reverse("notifications:inbox"))
    assert subject in own.content.decode()
    assert subject not in other.content.decode()


def test_reading_the_page_writes_nothing_and_the_button_marks_all(cast):
    write(cast, "admin", "one")
    write(cast, "admin", "two")
    client = client_of(cast.people["admin"])
    client.get(reverse("notifications:inbox"))
    assert Message.objects.filter(read_at=None, user=cast.people["admin"]).count() == 2
    client.post(reverse("notifications:read"))
    assert not Message.objects.filter(read_at=None, user=cast.people["admin"]).exists()


def test_marking_leaves_other_people_s_letters_unread(cast):
    write(cast, "rival", "one")
    client_of(cast.people["admin"]).post(reverse("notifications:read"))
    assert Message.objects.filter(user=cast.people["rival"], read_at=None).exists()


def test_an_empty_inbox_says_what_will_come(cast):
    page = client_of(cast.people["admin"]).get(reverse("notifications:inbox"))
    assert "还没有消息" in page.content.decode()
