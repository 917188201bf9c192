"""Certificates of electronic seals under lock, and the providers that sign with them.

``LocalKeys`` keeps private keys here, encrypted under ``JIEBANG_SEAL_KEY``, which is not in the
database; an organ with a seal service of its own names another class in
``JIEBANG_SEAL_PROVIDER``. A passphrase is used once to open the file and is kept nowhere; a
private key is in no log, message, page or audit entry.
"""

import base64
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import Organisation
from core import locking
from core.errors import Refusal
from documents import signing
from documents.models import SigningKey

MOST_KEY_BYTES = 64 * 1024
LOCAL = "local"
DEMO_WORD = "演示"


# Providers -------------------------------------------------------------------------------------


class SealProvider(Protocol):
    """Who holds private keys and signs with them.

    ``name`` is kept with each certificate, at most 20 characters. ``external``: keys are not
    brought here; they are named by a reference that the provider knows.
    """

    name: str
    external: bool

    def chain(self, reference: str) -> Sequence[str]:
        """The certificates (PEM, the unit's own first) of an external key.
        Raises ``Refusal`` for a reference that it does not know."""

    def sign(self, key: SigningKey, data: bytes, digest: str) -> bytes:
        """The raw signature (RSA PKCS#1 v1.5 or ECDSA in DER) over ``data`` with this digest."""


class LocalKeys:
    """Keys of PKCS#12 files, kept here under lock."""

    name = LOCAL
    external = False

    def chain(self, reference: str) -> Sequence[str]:
        raise Refusal("no-reference", "本机签章须上传证书文件（PKCS#12）。", status=422)

    def sign(self, key: SigningKey, data: bytes, digest: str) -> bytes:
        private = serialization.load_der_private_key(unwrap(key), None)
        chosen: hashes.HashAlgorithm = {
            "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()
        }[digest]  # fmt: skip
        if isinstance(private, rsa.RSAPrivateKey):
            return private.sign(data, padding.PKCS1v15(), chosen)
        if isinstance(private, ec.EllipticCurvePrivateKey):
            return private.sign(data, ec.ECDSA(chosen))
        raise RuntimeError("neither an RSA nor an EC key")


def provider() -> SealProvider:
    """The provider new certificates are registered with."""
    found: SealProvider = import_string(settings.JIEBANG_SEAL_PROVIDER)()
    return found


def provider_of(key: SigningKey) -> SealProvider:
    """The provider that signs with this certificate."""
    if key.provider == LOCAL:
        return LocalKeys()
    found = provider()
    if found.name != key.provider:
        raise RuntimeError(f"seal provider {key.provider} is not configured")
    return found


# Keys under lock -------------------------------------------------------------------------------


def wrap(private: bytes, *, certificate: str, unit: int) -> bytes:
    """The private key, encrypted together with what it belongs to."""
    said = {"certificate": certificate, "unit": unit, "key": base64.b64encode(private).decode()}
    return locking.lock(said)


def unwrap(key: SigningKey) -> bytes:
    """The private key. Raises ``RuntimeError`` when the lock does not fit, or when the row was
    given the key of another certificate or unit."""
    said = locking.unlock(bytes(key.wrapped or b""))
    if said.get("certificate") != key.sha256 or said.get("unit") != key.organisation_id:
        raise RuntimeError("this key belongs to another certificate")
    return base64.b64decode(said["key"])


@cache
def _bundle(path: str) -> tuple[str, ...]:
    end = "-----END CERTIFICATE-----"
    parts = Path(path).read_text("ascii").split(end)[:-1]
    return tuple(part[part.index("-----BEGIN") :] + end + "\n" for part in parts)


def roots() -> tuple[str, ...]:
    """The authorities whose certificates are trusted, as PEM; none when none are configured."""
    return _bundle(settings.JIEBANG_SEAL_ROOTS) if settings.JIEBANG_SEAL_ROOTS else ()


# Registering -----------------------------------------------------------------------------------

WORDS = {
    "passphrase": "证书文件无法打开：口令不对，或文件不是 PKCS#12（.p12、.pfx）。请核对后再传。",
    "no-key": "证书文件里没有私钥和对应的证书。请从发证机构的工具重新导出，导出时选择包含私钥。",
    "damaged": "证书文件无法读取，可能已损坏。请重新导出后上传。",
}


def keep(
    unit: Organisation, data: bytes, *, passphrase: str, at: datetime, demo: bool = False
) -> SigningKey:
    """Keep the key and the certificates of a PKCS#12 under lock, inside the caller's transaction.

    Raises ``Refusal`` (422) with what is wrong: the file or the passphrase, a certificate that is
    expired, weak, not for signing, of another unit, or not of a trusted authority where roots are
    configured. ``demo``: a certificate of the demonstration.
    """
    if len(data) > MOST_KEY_BYTES:
        raise _refuse("too-large", "证书文件超过 64 KB，请确认所选文件是 PKCS#12 证书文件。")
    try:
        opened = signing.open_key(data, passphrase, roots=roots(), at=at)
    except signing.Unusable as found:
        raise _refuse("key-file", WORDS[found.reason]) from None
    said = _judge(unit, opened.chain, trusted=opened.trusted, at=at, demo=demo)
    return SigningKey.objects.create(
        provider=LOCAL,
        wrapped=wrap(opened.key, certificate=said.sha256, unit=unit.pk),
        **_columns(unit, said, opened.chain, at=at, demo=demo),
    )


def keep_reference(unit: Organisation, reference: str, *, at: datetime) -> SigningKey:
    """Keep the certificates of a key that an external provider holds."""
    found = provider()
    chain = tuple(found.chain(reference))
    trusted = signing.leads_to_a_root(chain, roots=roots(), at=at)
    said = _judge(unit, chain, trusted=trusted, at=at, demo=False)
    return SigningKey.objects.create(
        provider=found.name,
        reference=reference,
        **_columns(unit, said, chain, at=at, demo=False),
    )


def _columns(
    unit: Organisation, said: signing.Described, chain: Sequence[str], *, at: datetime, demo: bool
) -> dict[str, Any]:
    return {
        "organisation": unit,
        "subject": said.subject,
        "issuer": said.issuer,
        "serial": said.serial,
        "sha256": said.sha256,
        "chain": "".join(chain),
        "valid_from": said.valid_from,
        "valid_until": said.valid_until,
        "demo": demo or DEMO_WORD in said.subject + said.issuer,
        "created_at": at,
    }


def _judge(
    unit: Organisation, chain: Sequence[str], *, trusted: bool, at: datetime, demo: bool
) -> signing.Described:
    said = signing.describe(chain[0])
    if not said.valid_from <= at < said.valid_until:
        raise _refuse("certificate-expired", "证书不在有效期内，请向发证机构换领后再登记。")
    if not said.strong or not said.may_sign:
        raise _refuse(
            "certificate-unfit",
            "这张证书不能用于电子签章：须为签名证书，RSA 不少于 2048 位或 ECDSA 不少于 256 位。",
        )
    if demo or DEMO_WORD in said.subject + said.issuer:
        if settings.JIEBANG_DEMO:
            return said  # it names no unit, and says that it has no effect
        raise _refuse("certificate-demo", "演示证书不具法律效力，不能在正式系统中登记。")
    if not _names(unit, said):
        raise _refuse(
            "certificate-other-unit",
            f"证书主体里没有“{unit.name}”或其统一社会信用代码，不能登记为本单位印章。"
            "单位更名的，请向发证机构换领证书。",
        )
    if roots() and not trusted:
        raise _refuse(
            "certificate-untrusted", "证书不是本系统信任的机构颁发的，请与系统管理员核对信任清单。"
        )
    return said


def _names(unit: Organisation, said: signing.Described) -> bool:
    wanted = {_fold(unit.name)} | ({_fold(unit.code)} if unit.code else set())
    return any(one in _fold(name) for name in said.names for one in wanted)


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _refuse(code: str, message: str) -> Refusal:
    return Refusal(code, message, status=422)


def chain_of(key: SigningKey) -> tuple[str, ...]:
    """The certificates of a key as PEM, its own first."""
    end = "-----END CERTIFICATE-----\n"
    return tuple(part + end for part in key.chain.split(end) if part.strip())


def may_seal(key: SigningKey, at: datetime) -> bool:
    """Whether one may sign with it now; with a demonstration's only in a demonstration."""
    return key.holds(at) and (settings.JIEBANG_DEMO or not key.demo)
