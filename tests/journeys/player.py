"""People who use the site through HTTP alone: they read pages, fill forms, press buttons, get mail.

Nobody here is signed in by a trick, and nothing is made behind the pages' back: what the pages
cannot do cannot be played. The exceptions are what happens on the machine itself: management
commands, and the pulse (the Celery tasks, called as the worker calls them).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from io import StringIO
from urllib.parse import urljoin, urlsplit

from django.core import mail
from django.core.management import call_command
from django.test import Client

from tests.journeys.pages import NotOnPage, Page

PASSWORD = "够长的示例密码-7319"
LINK = re.compile(r"https?://\S+")


def stamp(instant: datetime) -> str:
    """As the clock of a rehearsal is typed."""
    return instant.strftime("%Y-%m-%dT%H:%M")


class Person:
    """A browser with one person in front of it."""

    def __init__(self, name: str = "", email: str = "", *, raises: bool = True) -> None:
        self.name, self.email = name, email
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=raises)
        self.page = Page("/", 0, b"", "")

    # Reading ----------------------------------------------------------------------------------

    def open(self, url: str, *, status: int = 200) -> Page:
        """Go to an address, follow where it leads."""
        return self._seen(self.client.get(_path(url), follow=True), url, status)

    def follow(self, text: str = "", *, to: str = "", status: int = 200) -> Page:
        """Take a link of the page."""
        return self.open(self.page.link(text, to=to), status=status)

    def download(self, url: str) -> bytes:
        """The bytes behind an address."""
        answer = self.client.get(_path(url), follow=True)
        assert answer.status_code == 200, (url, answer.status_code)
        return answer.getvalue()

    # Acting -----------------------------------------------------------------------------------

    def press(
        self,
        button: str,
        values: Mapping[str, object] | None = None,
        *,
        to: str = "",
        status: int = 200,
    ) -> Page:
        """Fill the form of the button by the names of its inputs, and press it."""
        form, pressed = self.page.button(button, to=to)
        for name, value in (values or {}).items():
            form.fill(name, value)
        return self._send(form, pressed, status)

    def press_named(
        self, name: str, value: str, values: Mapping[str, object], *, status: int = 200
    ) -> Page:
        """Press the button that sends ``name=value``; of ``values`` what the form has is typed."""
        for form, button in self.page.buttons():
            if (button.name, button.value) == (name, value) and not button.disabled:
                for one in form.names() & set(values):
                    form.fill(one, values[one])
                return self._send(form, button, status)
        raise NotOnPage(f"no button {name}={value} on {self.page.url}")

    def press_raw(
        self, button: str, changes: Mapping[str, object], *, to: str = "", status: int = 200
    ) -> Page:
        """Like ``press``, by hand: also what a browser would not let one send."""
        form, pressed = self.page.button(button, to=to)
        data = {**form.data(pressed), **changes}
        return self._post(form.action, data, status)

    def _send(self, form, pressed, status: int) -> Page:
        data = form.data(pressed)
        if form.method == "get":
            url = urljoin(self.page.url, form.action or self.page.url)
            return self._seen(self.client.get(_path(url), data, follow=True), url, status)
        assert "csrfmiddlewaretoken" in data, f"the form to {form.action} carries no token"
        return self._post(form.action, data, status)

    def _post(self, action: str, data: Mapping[str, object], status: int) -> Page:
        url = urljoin(self.page.url, action) if action else self.page.url
        answer = self.client.post(
            _path(url), data, follow=True, HTTP_REFERER=f"http://testserver{self.page.url}"
        )
        return self._seen(answer, url, status)

    def _seen(self, answer, url: str, status: int) -> Page:
        chain = getattr(answer, "redirect_chain", None)
        here = urlsplit(chain[-1][0] if chain else url)
        where = here.path + (f"?{here.query}" if here.query else "")
        media_type = answer.headers.get("Content-Type", "")
        self.page = Page.read(where, answer.status_code, answer.getvalue(), media_type)
        if answer.status_code != status:
            raise NotOnPage(
                f"{where} answered {answer.status_code}, not {status}: {self.page.text[:1500]}"
            )
        return self.page

    # Account ----------------------------------------------------------------------------------

    def sign_in(self) -> Page:
        self.open("/account/login/")
        page = self.press("登录", {"email": self.email, "password": PASSWORD})
        assert "/account/login/" not in page.url, page.text[:500]
        return page

    def sign_out(self) -> Page:
        return self.press("退出")

    def activate(self, link: str) -> Page:
        """Open the letter's link, choose a password of one's own."""
        self.open(link)
        page = self.press(
            "激活账号",
            {"name": self.name, "password": PASSWORD, "password_again": PASSWORD},
        )
        return page.says("已开通")

    def accept_invitation(self, link: str) -> Page:
        """A further role of somebody who has an account and is signed in."""
        self.open(link)
        return self.press("接受邀请").says("已开通")

    def act_as(self, words: str) -> Page:
        """Choose one of one's identities in the masthead."""
        for form in self.page.forms:
            if "/account/switch/" not in form.action:
                continue
            for button in form.buttons:
                if "".join(words.split()) in button.text:
                    return self._send(form, button, 200)
            for control in form.controls:
                if control.kind != "select":
                    continue
                for value, text in control.options:
                    if words in text:
                        form.fill(control.name, value)
                        return self._send(form, form.buttons[0], 200)
        raise NotOnPage(f"no identity {words!r} to switch to on {self.page.url}")


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


# Mail and machine -------------------------------------------------------------------------------


def letters(email: str, subject: str = "") -> list[mail.EmailMessage]:
    """What lies in a person's mailbox, oldest first."""
    return [one for one in mail.outbox if email in one.to and subject in one.subject]


def mailed_link(email: str, subject: str = "") -> str:
    """The link in the newest letter to a person; letters are sent first."""
    post()
    found = letters(email, subject)
    if not found:
        raise NotOnPage(f"no letter {subject!r} to {email}")
    link = LINK.search(found[-1].body)
    if link is None:
        raise NotOnPage(f"no link in the letter “{found[-1].subject}” to {email}")
    return link.group()


def post() -> None:
    """The worker sends the letters that are due."""
    from notifications.tasks import send_messages

    send_messages()


def draw() -> None:
    """The worker draws the documents that wait."""
    from documents.models import Document
    from documents.tasks import render_documents

    while True:
        waiting = Document.objects.filter(state="waiting").count()
        render_documents()
        left = Document.objects.filter(state="waiting").count()
        if not left or left == waiting:
            break
    assert not Document.objects.exclude(state="ready").exists(), [
        (one.kind, one.state, one.last_error) for one in Document.objects.exclude(state="ready")
    ]


def pulse() -> None:
    """One beat of everything that fires by itself, documents excepted."""
    from applications.tasks import sweep_deadlines
    from audit.tasks import chain_entries
    from office.tasks import send_reminders
    from outcomes.tasks import sweep_publicity
    from recommenders.tasks import sweep_recommendations

    sweep_recommendations()
    sweep_deadlines()
    sweep_publicity()
    send_reminders()
    post()
    chain_entries()


def command(name: str, /, **options: object) -> str:
    out = StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue()
