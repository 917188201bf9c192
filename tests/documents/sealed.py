"""Keys, certificates and signed sheets for the tests of the electronic seal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from accounts.models import Organisation
from documents import demoseal, layout, sealing, sealkeys, services, signing
from documents.models import Document, Signing, SigningKey
from tests import world
from tests.documents import drawing, samples

UNIT = "示例省工业和信息化厅"
NOW = datetime.now(UTC).replace(microsecond=0)
CA = "示例电子认证机构"
PASSPHRASE = "口令QXPASS7Z"


@cache
def authority(name: str) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """A certificate authority of the tests, and its key."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = _builder(subject, subject, key.public_key(), days=3650, ca=True)
    return made.sign(key, hashes.SHA256()), key


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: Any,
    *,
    days: float,
    ca: bool = False,
    signs: bool = True,
    begin: float = -400,
) -> x509.CertificateBuilder:
    usage = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    usage |= {"key_cert_sign": ca, "crl_sign": ca, "content_commitment": signs and not ca}
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=begin))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=signs and not ca, **usage), critical=True)
    )


@cache
def root() -> str:
    return authority(CA)[0].public_bytes(Encoding.PEM).decode()


@cache
def key_file(
    unit: str = UNIT,
    *,
    kind: str = "ec",
    days: float = 400,
    signs: bool = True,
    by: str = CA,
    passphrase: str = PASSPHRASE,
) -> bytes:
    """A PKCS#12 of a unit. ``kind``: ec, rsa, or weak (RSA of 1024 bits)."""
    key: Any = (
        ec.generate_private_key(ec.SECP256R1())
        if kind == "ec"
        else rsa.generate_private_key(65537, 1024 if kind == "weak" else 2048)
    )
    ca, ca_key = authority(by)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{unit}电子印章"),
        ]
    )
    made = _builder(subject, ca.subject, key.public_key(), days=days, signs=signs)
    return pkcs12.serialize_key_and_certificates(
        b"seal",
        key,
        made.sign(ca_key, hashes.SHA256()),
        [ca],
        BestAvailableEncryption(passphrase.encode()),
    )


@cache
def picture() -> bytes:
    return demoseal.picture()


def snapshot(rows: int = 3, mm: float = 45) -> dict:
    seal = {"sha256": "e" * 64, "mm": mm, "electronic": True}
    return samples.summary_sheet(rows) | {"seal": seal}


@cache
def sheet(rows: int = 3, mm: float = 45) -> bytes:
    """An unsigned sheet with the place for an electronic seal."""
    return drawing.draw("summary_sheet", snapshot(rows, mm))


@cache
def opened(unit: str = UNIT, kind: str = "ec") -> signing.Opened:
    return signing.open_key(key_file(unit, kind=kind), PASSPHRASE)


@cache
def signed(rows: int = 3, mm: float = 45, *, unit: str = UNIT, kind: str = "ec") -> bytes:
    """The same, signed with the key of a unit."""
    return sign(sheet(rows, mm), mm=mm, unit=unit, kind=kind)


def sign(data: bytes, *, mm: float = 45, unit: str = UNIT, kind: str = "ec", stamper=None) -> bytes:
    found = opened(unit, kind)
    return signing.sign(
        data,
        chain=found.chain,
        sign_raw=raw(found.key),
        picture=picture(),
        diameter_mm=mm,
        box_mm=layout.box_mm(mm),
        reason="JB-2021-HZ-0099 第3版",
        name=unit,
        timestamper=stamper,
    )


def raw(private: bytes) -> signing.SignRaw:
    """Signs with this key, as a service outside would."""
    key = serialization.load_der_private_key(private, None)
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda data, digest: key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return lambda data, digest: key.sign(data, ec.ECDSA(hashes.SHA256()))


def unit() -> Organisation:
    return Organisation.objects.create(
        kind=Organisation.Kind.PROVINCE, name=UNIT, region="430000", created_at=NOW
    )


def kept(owner: Organisation, *, at: datetime, kind: str = "ec") -> SigningKey:
    return sealkeys.keep(owner, key_file(owner.name, kind=kind), passphrase=PASSPHRASE, at=at)


def asked(owner: Organisation, *, at: datetime, key: SigningKey | None = None) -> Signing:
    """A sheet of the unit, drawn, whose seal is asked for."""
    document = services.request_document(
        kind="summary_sheet",
        subject=owner,
        snapshot=snapshot(),
        title="信息报送汇总表",
        organisation=owner,
        at=at,
    )
    services.render_waiting(at=at)
    return sealing.request(
        Document.objects.get(pk=document.pk),
        key=key or kept(owner, at=at),
        picture=services.store(picture(), media_type="image/png", at=at),
        diameter_mm=Decimal(45),
        at=at,
        actor=world.SYSTEM,
    )


@cache
def stamping() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """The certificate and key of a timestamp service."""
    key = rsa.generate_private_key(65537, 2048)
    ca, ca_key = authority(CA)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "示例时间戳服务")])
    made = _builder(subject, ca.subject, key.public_key(), days=400).add_extension(
        x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
    )
    return made.sign(ca_key, hashes.SHA256()), key


def stamper() -> DummyTimeStamper:
    """A timestamp service in this process."""
    certificate, key = stamping()
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return DummyTimeStamper(
        asn1.Certificate.load(certificate.public_bytes(Encoding.DER)),
        keys.PrivateKeyInfo.load(private),
        fixed_dt=NOW,
    )


@contextmanager
def timestamp_service() -> Iterator[str]:
    """The same behind HTTP on the loopback address (RFC 3161); its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            said = stamper().request_tsa_response(tsp.TimeStampReq.load(asked)).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
