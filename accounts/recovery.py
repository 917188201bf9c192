"""Recovery codes: how they are drawn, and what of them is kept. Pure.

A code has 40 random bits, too few for a plain hash: whoever copied the database would try them all.
So it is hashed as passwords are (scrypt), salted for the set of one person. One salt for the set
means one slow hash a try, not ten (ASVS 5.0, V6.5.2).
"""

import base64
import hashlib
import re
import secrets

CODES = 10
"""How many a set has."""
_CODE = re.compile(r"[a-z2-7]{8}")
COST = {"n": 2**14, "r": 8, "p": 1}
"""Of scrypt: 16 MB and some hundredths of a second a try, which makes 2^40 tries some thousand
years. To change it means to void every set."""


def drawn() -> str:
    """A new code: eight signs of Base32."""
    return base64.b32encode(secrets.token_bytes(5)).decode().lower()


def salt() -> str:
    return secrets.token_hex(16)


def may_be_code(text: str) -> bool:
    """Whether the text has a code's form; the six figures of a device have not."""
    return _CODE.fullmatch(text) is not None


def digest(code: str, salt: str) -> str:
    """What is kept of a code, 64 hexadecimal signs."""
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(salt), dklen=32, **COST).hex()
