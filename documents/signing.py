"""Signing a PDF of ours, and judging the signatures of one that somebody brings. No database.

A signature is PAdES: baseline B-B, and B-T where a timestamp service is given. The seal's picture
is the appearance of the signature, laid over the place the page was drawn with, in its true size:
no seal without a signature. Foreign files are opened by a child process (``sealsandbox``) only.
"""

import asyncio
import base64
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

SANDBOX = Path(__file__).with_name("sealsandbox.py")
SECONDS = 30
PLACE = "eseal"
"""The anchor of the seal's box on the page (templates/documents/_seal.html)."""
FIELD = "UnitSeal"
POINTS_PER_MM = 72 / 25.4
OPACITY = 0.82

SignRaw = Callable[[bytes, str], bytes]
"""(what to sign, name of the digest) -> the raw signature."""


class Unusable(Exception):
    """The key file or the PDF cannot be read. ``reason``: passphrase, no-key, damaged, no-place."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Opened:
    """A PKCS#12: the key in PKCS#8, its certificates as PEM, whether they lead to a trusted root.

    The key is never shown, also not by ``repr``.
    """

    key: bytes
    chain: tuple[str, ...]
    trusted: bool

    def __repr__(self) -> str:
        return f"Opened(certificates={len(self.chain)})"


@dataclass(frozen=True, slots=True)
class Described:
    """What a certificate says."""

    subject: str
    issuer: str
    serial: str
    sha256: str
    names: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    strong: bool
    may_sign: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One signature of a PDF.

    ``intact``: the signed bytes are unchanged. ``whole``: they are the whole file, nothing came
    after. ``trusted``: the certificate leads to a trusted root. ``claimed`` is the signer's own
    clock, ``stamped`` that of a timestamp service ("" = none); both ISO 8601.
    """

    sha256: str
    subject: str
    issuer: str
    intact: bool
    whole: bool
    trusted: bool
    claimed: str
    stamped: str


# Foreign files ---------------------------------------------------------------------------------


def open_key(
    data: bytes, passphrase: str, *, roots: Sequence[str] = (), at: datetime | None = None
) -> Opened:
    """Open a PKCS#12. Raises ``Unusable``; neither the passphrase nor the key is in any message."""
    said = _ask("open", data, passphrase=passphrase, **_trust(roots, at))
    return Opened(base64.b64decode(said["key"]), tuple(said["chain"]), bool(said["trusted"]))


def leads_to_a_root(
    chain: Sequence[str], *, roots: Sequence[str], at: datetime | None = None
) -> bool:
    """Whether these certificates (PEM, the unit's own first) lead to one of the trusted roots."""
    said = _ask("chain", "".join(chain).encode(), **_trust(roots, at))
    return bool(said["trusted"])


def judge(
    data: bytes, *, roots: Sequence[str] = (), at: datetime | None = None
) -> tuple[Judged, ...]:
    """The signatures of a PDF from outside, in their order. Raises ``Unusable``.

    ``roots``: trusted certificates as PEM. ``at``: the instant certificates must hold at.
    """
    said = _ask("judge", data, **_trust(roots, at))
    return tuple(
        Judged(
            sha256=one.get("sha256", ""),
            subject=one.get("subject", ""),
            issuer=one.get("issuer", ""),
            intact=one["intact"],
            whole=one["whole"],
            trusted=one["trusted"],
            claimed=one.get("claimed", ""),
            stamped=one["stamped"],
        )
        for one in said["signatures"]
    )


def _trust(roots: Sequence[str], at: datetime | None) -> dict[str, Any]:
    return {"roots": list(roots), "at": at.isoformat() if at else ""}


def _ask(act: str, data: bytes, **asked: Any) -> dict[str, Any]:
    head = json.dumps({"act": act, **asked}).encode() + b"\n"
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(SANDBOX)],
            input=head + data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise Unusable("damaged") from None
    if done.returncode != 0:
        raise Unusable("damaged")
    answer: dict[str, Any] = json.loads(done.stdout)
    if reason := answer.get("error"):
        raise Unusable(reason)
    return answer


# Certificates ----------------------------------------------------------------------------------


def describe(pem: str) -> Described:
    """What a certificate says. RSA from 2048 bits and the NIST curves count as strong."""
    found = x509.load_pem_x509_certificate(pem.encode())
    public = found.public_key()
    strong = (isinstance(public, rsa.RSAPublicKey) and public.key_size >= 2048) or (
        isinstance(public, ec.EllipticCurvePublicKey) and public.key_size >= 256
    )
    parts = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATION_IDENTIFIER)
    named = [one.value for oid in parts for one in found.subject.get_attributes_for_oid(oid)]
    named += [
        one.value for one in found.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    ]
    return Described(
        subject=found.subject.rfc4514_string()[:300],
        issuer=found.issuer.rfc4514_string()[:300],
        serial=f"{found.serial_number:X}"[:64],
        sha256=fingerprint(found),
        names=tuple(str(one) for one in named),
        valid_from=found.not_valid_before_utc,
        valid_until=found.not_valid_after_utc,
        strong=strong,
        may_sign=_may_sign(found),
    )


def fingerprint(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex()


def _may_sign(certificate: x509.Certificate) -> bool:
    """Key usage, where it is stated, allows signatures, and the certificate is no authority's."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            return False
    except x509.ExtensionNotFound:
        pass
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return True
    return not basic.ca


# Our own PDFs ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where the seal's box stands: page from 0, left and top edge in points."""

    page: int
    left: float
    top: float


def place_of(data: bytes) -> Place:
    """The seal's box of a PDF that we drew. Raises ``Unusable`` ``no-place`` where it has none.

    Reads only the objects on the way: a list of sixty rows has thousands of others.
    """
    return _place(_reader(data))


def _reader(data: bytes) -> Any:
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        return PdfFileReader(io.BytesIO(data))
    except PdfReadError as error:
        raise Unusable("no-place") from error


def _place(reader: Any) -> Place:
    from pyhanko.pdf_utils.misc import PdfReadError

    try:
        names = reader.root["/Names"]["/Dests"]["/Names"]
        at = next(n for n in range(0, len(names), 2) if names[n] == PLACE)
        target = names[at + 1]
        page, left, top = target.raw_get(0).reference, float(target[2]), float(target[3])
        number = next(
            n
            for n in range(int(reader.root["/Pages"]["/Count"]))
            if reader.find_page_for_modification(n)[0].reference == page
        )
    except (PdfReadError, KeyError, IndexError, TypeError, ValueError, StopIteration) as error:
        raise Unusable("no-place") from error
    return Place(number, left, top)


def sign(
    data: bytes,
    *,
    chain: Sequence[str],
    sign_raw: SignRaw,
    picture: bytes,
    diameter_mm: float,
    box_mm: float,
    reason: str,
    name: str,
    timestamper: Any = None,
) -> bytes:
    """The PDF with a signature of the unit after its bytes, the seal's picture over its place.

    ``diameter_mm``: the seal, drawn in its true size in the middle of its box of ``box_mm``.
    ``reason`` stands in the signature: which list version, which fingerprint. ``timestamper``: a
    client of a timestamp service; its failure fails the signature.
    """
    from PIL import Image
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
    from pyhanko.stamp import StaticStampStyle

    reader = _reader(data)
    place = _place(reader)
    inset = (box_mm - diameter_mm) / 2 * POINTS_PER_MM
    side = diameter_mm * POINTS_PER_MM
    left, top = place.left + inset, place.top - inset
    image = Image.open(io.BytesIO(picture), formats=["PNG"]).convert("RGBA")
    style = StaticStampStyle(
        border_width=0,
        background=PdfImage(image, name="UnitSeal"),
        background_opacity=OPACITY,
        background_layout=SimpleBoxLayoutRule(
            AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins.uniform(0)
        ),
    )
    field = SigFieldSpec(
        FIELD,
        on_page=place.page,
        box=tuple(round(v, 2) for v in (left, top - side, left + side, top)),  # type: ignore[arg-type]
    )
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        reason=reason,
        name=name,
    )
    writing = IncrementalPdfFileWriter.from_reader(reader)
    signer = _signer(chain, sign_raw)
    made = PdfSigner(
        meta, signer=signer, timestamper=timestamper, stamp_style=style, new_field_spec=field
    )
    room = None if timestamper else _room(chain)
    out = _alone(lambda: made.sign_pdf(writing, bytes_reserved=room))
    return bytes(out.getbuffer())


def _room(chain: Sequence[str]) -> int:
    """Hexadecimal digits kept for a signature: its certificates, and what it says itself.

    Said beforehand, it need not be made once more to be measured.
    """
    return 2 * (sum(len(one) for one in chain) + 4096)


def _alone(act: Callable[[], Any]) -> Any:
    """Run what starts an event loop of its own; beside one that runs already, in a thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return act()
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(act).result()


def _signer(chain: Sequence[str], sign_raw: SignRaw) -> Any:
    """A signer whose key is somewhere else: only the bytes to sign go there."""
    from asn1crypto import pem as armour
    from asn1crypto import x509 as asn1
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    every = [asn1.Certificate.load(armour.unarmor(one.encode())[2]) for one in chain]
    public = x509.load_pem_x509_certificate(chain[0].encode()).public_key()
    room = public.key_size // 8 if isinstance(public, rsa.RSAPublicKey) else 144

    class Elsewhere(Signer):
        async def async_sign_raw(
            self, data: bytes, digest_algorithm: str, dry_run: bool = False
        ) -> bytes:
            return bytes(room) if dry_run else sign_raw(data, digest_algorithm)

    return Elsewhere(
        signing_cert=every[0], cert_registry=SimpleCertificateStore.from_certs(every[1:])
    )
