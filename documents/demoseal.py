"""Seals of the demonstration: a plain ring 演示专用, and certificates of no legal effect.

Every certificate says 演示 in its subject and in its issuer, so that it is recognised wherever it
turns up. The authority's key is thrown away once its certificates are made. No real organ's seal,
no star, no emblem.
"""

import io
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from documents.rendering import FONTS

ISSUER = "揭榜演示证书机构（不具法律效力）"
HOLDER = "演示单位"
UNIT = "演示证书，不具法律效力"
RED = (200, 16, 46, 255)
SIDE = 900
WORDS = "演示专用"


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def __repr__(self) -> str:
        return "Authority()"


def authority(*, at: datetime, days: int = 730) -> Authority:
    """A root that nobody trusts, for one demonstration."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(made, key)


def key_file(*, by: Authority, at: datetime, days: int = 365) -> tuple[bytes, str]:
    """A PKCS#12 with a demonstration key and certificate, and the passphrase that opens it.

    The certificate names no unit: units of a demonstration may bear the names of real organs. The
    passphrase is random: it opens the file once, while the seal is registered.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, HOLDER),
                    x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, UNIT),
                    x509.NameAttribute(NameOID.COMMON_NAME, "演示专用电子印章"),
                ]
            )
        )
        .issuer_name(by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .sign(by.key, hashes.SHA256())
    )
    passphrase = secrets.token_urlsafe(18)
    data = pkcs12.serialize_key_and_certificates(
        b"seal",
        key,
        made,
        [by.certificate],
        BestAvailableEncryption(passphrase.encode()),
    )
    return data, passphrase


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def picture() -> bytes:
    """A transparent PNG: a plain red ring with 演示专用 in its upper third, and nothing else."""
    from PIL import Image, ImageDraw, ImageFont

    drawn = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((12, 12, SIDE - 12, SIDE - 12), outline=RED, width=24)
    face = ImageFont.truetype(str(FONTS / "JBSerifSC-Bold.ttf"), 118)
    pen.text((SIDE / 2, SIDE * 0.24), WORDS, font=face, fill=RED, anchor="mm")
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=False)
    return out.getvalue()
