"""The doors: guessed passwords, forged proxies, files a document may not load.

Guessers come from many addresses, and know the right password each time they are locked out
already; the owner, from an address of their own, gets in with password and second factor.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.test import Client, override_settings
from django.urls import reverse
from django_otp.oath import TOTP

from accounts.models import Authenticator
from documents import rendering
from tests import world
from tests.proof.frame import Report, Watch

GOAL = ("guesses", 10_000)
LOCKED_AFTER = 5
FORGED: tuple[dict[str, str], ...] = (
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_FOR": "192.0.2.77"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_X_FORWARDED_PORT": "1234"},
    {"HTTP_FORWARDED": "for=192.0.2.77;host=evil.example;proto=https"},
    {"HTTP_X_REAL_IP": "192.0.2.77"},
    {"HTTP_X_ORIGINAL_URL": "/office/"},
    {"HTTP_X_REWRITE_URL": "/office/"},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    {"HTTP_X_FORWARDED_PREFIX": "/evil"},
    {"HTTP_REMOTE_USER": "admin"},
    {"HTTP_X_ARRIVED": "1.0"},
)
OUTSIDE = (
    "http://127.0.0.1:9/",
    "https://example.org/x.png",
    "ftp://example.org/x",
    "data:text/html,x",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "file:///proc/self/environ",
    "file://evil.example/etc/passwd",
    "../../etc/passwd",
    "seal:",
    "seal:../../etc/passwd",
    "qr:x",
    "qr:-1",
    "javascript:1",
    "jar:file:///etc/passwd!/",
    "gopher://127.0.0.1:9/",
    "//evil.example/x",
    "file:///dev/random",
)


def prove(report: Report, *, seconds: float) -> None:
    cast = world.build()
    proxies(report)
    outside(report)
    guesses(report, cast, watch=Watch(seconds * 0.8), most=GOAL[1])


def typable(cast: Any) -> None:
    """Addresses that the form takes: those of the cast are made of Chinese names."""
    for name, user in cast.people.items():
        user.email = f"{name}@example.org"
        user.save(update_fields=["email"])


# Guessing ----------------------------------------------------------------------------------------


def guesses(report: Report, cast: Any, *, watch: Watch, most: int) -> None:
    """Wrong passwords for everybody from many addresses; none gets in, the owner does."""
    typable(cast)
    names = ("operator", "admin", "office", "auditor")
    with override_settings(JIEBANG_SECOND_FACTOR=True):
        device = _device(cast.people["operator"])
        for number in range(most):
            if watch.is_up:
                break
            victim = cast.people[names[number % len(names)]]
            turn = number // len(names)
            from_where = f"192.0.{turn // 8 % 250}.{turn // 8 // 250 + 1}"
            # After five wrong ones from one address even the right one is of no use there.
            right = turn % 8 >= LOCKED_AFTER
            guess(report, victim, world.PASSWORD if right else f"猜{number}猜猜猜猜", from_where)
        owner(report, cast.people["operator"], device)


def guess(report: Report, victim: Any, password: str, from_where: str) -> None:
    client = Client(REMOTE_ADDR=from_where, HTTP_X_FORWARDED_FOR=f"198.51.100.{len(password)}")
    answer = client.post(reverse("accounts:login"), {"email": victim.email, "password": password})
    report.count("guesses")
    report.count("of them locked out", answer.status_code == 429)
    inside = "_auth_user_id" in client.session
    report.count("entries", inside)
    report.expect(not inside, f"{victim.email} was entered from {from_where}")
    report.expect(answer.status_code in (422, 429), f"a guess was answered {answer.status_code}")


def _device(user: Any) -> Authenticator:
    return Authenticator.of(user, confirmed=True)


def owner(report: Report, user: Any, device: Authenticator) -> None:
    """The one whose account it is, from elsewhere: the password opens no page, both do."""
    client = Client(REMOTE_ADDR="203.0.113.9")
    client.post(reverse("accounts:login"), {"email": user.email, "password": world.PASSWORD})
    half = client.get(reverse("recommenders:workspace"))
    report.expect(half.status_code == 302, f"the password alone was answered {half.status_code}")
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time()
    client.post(reverse("accounts:second_factor"), {"token": f"{totp.token():06d}"})
    inside = client.get(reverse("recommenders:workspace")).status_code == 200
    report.count("the owner got in", inside)
    report.expect(inside, "the owner does not get in")


# Proxies -----------------------------------------------------------------------------------------


def proxies(report: Report) -> None:
    """Headers that only a proxy of ours may send change no answer; a foreign host gets none."""
    paths = ("/", "/account/login/", "/office/", "/account/forgot/", "/v/")
    for path in paths:
        plain = Client().get(path)
        for forged in FORGED:
            answer = Client().get(path, **forged)
            same = answer.status_code == plain.status_code and (
                answer.headers.get("Location") == plain.headers.get("Location")
            )
            report.count("forged requests")
            report.expect(same, f"{path} with {forged}: {answer.status_code}")
            report.expect(b"evil" not in answer.content, f"{path} with {forged}: it is shown")
        for host in ("evil.example", "127.0.0.1:80@evil.example", "localhost.evil.example", ""):
            answer = Client(SERVER_NAME="testserver").get(path, HTTP_HOST=host)
            report.count("forged requests")
            report.expect(
                answer.status_code == 400 or host == "",
                f"{path} was answered {answer.status_code} under the name {host!r}",
            )


# Documents ---------------------------------------------------------------------------------------


def outside(report: Report) -> None:
    """What a document asks for outside its own folders is refused, by scheme and by path."""
    fetcher = rendering._engine().fetcher
    for url in (*OUTSIDE, *climbing()):
        report.count("addresses a document may not load")
        try:
            fetcher().fetch(url)
        except Exception:
            report.count("of them refused")
        else:
            report.fail(f"a document could load {url}")
    own = next(rendering.PAPER.glob("*.css"))
    report.expect(
        bool(fetcher().fetch(own.as_uri()).read()), "a document cannot load its own styles"
    )


def climbing() -> Iterator[str]:
    """Paths that begin in our folders and lead out of them."""
    for base in (rendering.PAPER, rendering.FONTS):
        for way in ("..", "%2e%2e", "%2E%2E/..", "..%2f..", "./../.."):
            yield f"{base.as_uri()}/{way}/{way}/{way}/{way}/{way}/etc/passwd"
            yield f"{base.as_uri()}/{way}/portal/settings.py"
