"""Verification codes: ten random characters that name one version of one document.

The alphabet leaves out 0, O, 1, I and L, so that a code read aloud or typed from paper has one
spelling. On paper it stands in groups (7K3M-9Q2T-XD); in the QR code of each page it is part of an
address in capitals, which keeps the code small (alphanumeric mode).
"""

import re
import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10

_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_PAYLOAD = re.compile(f"HTTPS?://[^/\\s]+/V/([{ALPHABET}]{{{LENGTH}}})/([0-9]{{1,4}})/?")
_SEPARATORS = re.compile(r"[\s\-_.·‐‑‒–—−－]+")


def new_code() -> str:
    """A random verification code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_public_id() -> str:
    """A random identity for addresses: says nothing, cannot be counted through."""
    return secrets.token_hex(8)


def normalise(text: str) -> str | None:
    """The code somebody typed or scanned, or None when it cannot be one.

    Lower case, full-width characters, spaces and dashes are forgiven.
    """
    folded = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    return folded if _CODE.fullmatch(folded) else None


def same_number(number: str, typed: str) -> bool:
    """Whether somebody typed this document's number: width, case and spaces are forgiven."""
    wanted, said = (
        "".join(unicodedata.normalize("NFKC", one).upper().split()) for one in (number, typed)
    )
    return bool(wanted) and wanted == said


def grouped(code: str) -> str:
    """As printed on paper: 7K3M-9Q2T-XD."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def payload(host: str, code: str, page: int) -> str:
    """What the QR code of one page says, all in capitals."""
    return f"HTTPS://{host}/V/{code}/{page}".upper()


def parse_payload(text: str) -> tuple[str, int] | None:
    """(code, page) of a QR code that one of our pages carries, or None for any other text."""
    found = _PAYLOAD.fullmatch(text.strip().upper())
    return (found[1], int(found[2])) if found else None
