"""Guards of the doors: signing in, links, files, texts that go out, the trail. See ``sabotage``."""

from typing import Any

from tests.architecture.guards import Guard

UPLOADS = "tests/documents/test_uploads.py"
DOORS = "tests/proof/test_doors.py"


def no_lock_out() -> None:
    from django.conf import settings

    settings.AXES_ENABLED = False


def any_header_says_who_asks() -> None:
    from core import addresses

    addresses.client = lambda request: request.META.get("HTTP_X_REAL_IP", "127.0.0.1")


def no_second_factor() -> None:
    from accounts import factor

    factor.asked_of = lambda user, *, at: False


def links_live_for_ever() -> None:
    """Used, revoked and old ones are found as well."""
    from accounts import links
    from accounts.models import Link

    def lenient(text: str, purpose: Any, *, at: Any, lock: bool = False) -> Any:
        return Link.objects.select_related("organisation", "user").get(
            token_hash=links.hash_of(text)
        )

    links.find = lenient


def any_workbook() -> None:
    from documents import uploads

    uploads._check_workbook = lambda data, name: None


def declarations_are_read() -> None:
    from documents import uploads

    uploads._declares = lambda book, entry: False


def names_as_they_come() -> None:
    from documents import uploads

    uploads.safe_name = lambda name: name


def content_as_the_name_says() -> None:
    from documents import uploads

    uploads._BEGINNINGS = dict.fromkeys(uploads._BEGINNINGS, b"")


def open_gate() -> None:
    from core import gate

    gate.problems = lambda text: []
    gate.must_be_clean = lambda text, *, act: None
    gate.names_credentials = lambda text: False


def formulas_in_sheets() -> None:
    """Text goes into a cell as it is."""
    from documents import workbook

    def put(cell: Any, text: str, *, bold: bool = False, wrap: bool = True) -> Any:
        cell.value = text
        return cell

    workbook.put_text = put


def documents_load_anything() -> None:
    from pathlib import Path
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    from documents import rendering

    rendering.own_asset = lambda url: Path(url2pathname(urlsplit(url).path))


def bytes_are_believed() -> None:
    """What lies on the disk is served, whatever it is."""
    from django.core.files.storage import default_storage

    from documents import storage

    def careless(path: str, *, sha256: str) -> bytes:
        with default_storage.open(path) as file:
            return bytes(file.read())

    storage.read = careless


def chain_not_compared_with_its_head() -> None:
    """The end may be cut off."""
    from audit.models import Head

    class Blind:
        def filter(self, **given: Any) -> Any:
            return self

        def first(self) -> None:
            return None

        def __getattr__(self, name: str) -> Any:
            return getattr(Head._default_manager, name)

    Head.objects = Blind()


def recovery_codes_in_clear() -> None:
    from accounts import recovery

    recovery.digest = lambda code, salt: code.ljust(64, "0")


def a_sign_in_lasts_for_ever() -> None:
    """Whoever goes on acting stays signed in."""
    from datetime import timedelta

    from django.conf import settings

    from accounts import entry

    def extend(request: Any, *, at: Any) -> int:
        until = at + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        request.session[entry.BEGAN] = request.session[entry.SEEN] = at.isoformat()
        request.session[entry.UNTIL] = until.isoformat()
        return settings.SESSION_COOKIE_AGE

    entry.extend = extend


def sessions_of_everybody() -> None:
    from accounts import devices
    from accounts.models import Session

    devices._rows = lambda user, *, at: Session.objects.filter(expire_date__gt=at)


def one_hand_over_all() -> None:
    from accounts import services

    services._kept_apart = lambda user, role, **given: None


def nobody_counts() -> None:
    from core import counting

    counting.counted = lambda key, **given: 0


GUARDS = (
    Guard("lock-out", no_lock_out, ("tests/accounts/test_signing_in.py", DOORS)),
    Guard("the proxy's word on the address", any_header_says_who_asks, (DOORS,)),
    Guard("second factor", no_second_factor, ("tests/accounts/test_second_factor.py",)),
    Guard(
        "recovery codes hashed",
        recovery_codes_in_clear,
        ("tests/accounts/test_second_factor.py", "tests/accounts/test_recovery_codes.py"),
    ),
    Guard(
        "the longest sign-in", a_sign_in_lasts_for_ever, ("tests/accounts/test_session_span.py",)
    ),
    Guard("whose session it is", sessions_of_everybody, ("tests/accounts/test_devices.py",)),
    Guard(
        "administrators apart",
        one_hand_over_all,
        ("tests/accounts/test_administrators_apart.py",),
    ),
    Guard("registrations counted", nobody_counts, ("tests/accounts/test_registration.py",)),
    Guard("links of one use", links_live_for_ever, ("tests/accounts/test_activation.py",)),
    Guard("workbooks looked into", any_workbook, (UPLOADS,)),
    Guard("declarations in workbooks", declarations_are_read, (UPLOADS,)),
    Guard("names of files", names_as_they_come, (UPLOADS,)),
    Guard("content against extension", content_as_the_name_says, (UPLOADS,)),
    Guard("publish gate", open_gate, ("tests/proof/test_gate.py",)),
    Guard("text in workbooks", formulas_in_sheets, ("tests/documents/test_workbook.py",)),
    Guard("what a document may load", documents_load_anything, (DOORS,)),
    Guard("bytes against their hash", bytes_are_believed, ("tests/documents/test_services.py",)),
    Guard("end of the chain", chain_not_compared_with_its_head, ("tests/audit/test_chain.py",)),
)
