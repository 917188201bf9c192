"""Opens foreign key files and judges foreign signatures in a process of its own, under limits.

Run by path, not imported: ``python -I sealsandbox.py``. Standard input is one line of JSON, what
is asked, followed by the bytes of the file. The answer is one JSON object on standard output. It
knows nothing of the portal, reads no other file, asks no network and writes nothing.
"""

import asyncio
import base64
import io
import json
import resource
import sys
from datetime import datetime
from typing import Any

CPU_SECONDS = 20
MEMORY_BYTES = 2 * 1024**3
MOST_SIGNATURES = 20


def limit() -> None:
    """From here on: no more than this much time, memory and nothing written."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Unreadable(Exception):
    """``args[0]`` is one of: passphrase, no-key, damaged."""


def open_key(data: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    """The private key (PKCS#8 in base64) and the certificates (PEM, its own first) of a PKCS#12."""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        pkcs12,
    )

    try:
        found = pkcs12.load_pkcs12(data, asked["passphrase"].encode() or None)
    except ValueError:
        raise Unreadable("passphrase") from None
    if found.key is None or found.cert is None:
        raise Unreadable("no-key")
    key = found.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    every = [found.cert.certificate] + [one.certificate for one in found.additional_certs]
    pem = [one.public_bytes(Encoding.PEM).decode() for one in every]
    return {"key": base64.b64encode(key).decode(), "chain": pem, **judge_chain(pem, asked)}


def chain(data: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    """Judge the certificates (PEM, one after the other) of a key that is held elsewhere."""
    end = "-----END CERTIFICATE-----"
    return judge_chain([one + end for one in data.decode().split(end)[:-1]], asked)


def judge_chain(pem: list[str], asked: dict[str, Any]) -> dict[str, Any]:
    """Whether the first certificate leads to one of the roots that are trusted."""
    from pyhanko_certvalidator import CertificateValidator

    if not asked.get("roots"):
        return {"trusted": False, "why": "no-roots"}
    first, *others = certificates(pem)
    judging = CertificateValidator(first, others, validation_context=context(asked))
    try:
        asyncio.run(judging.async_validate_usage(set()))
    except Exception as error:
        return {"trusted": False, "why": type(error).__name__}
    return {"trusted": True, "why": ""}


def certificates(pem: list[str]) -> list[Any]:
    from asn1crypto import pem as armour
    from asn1crypto import x509

    return [x509.Certificate.load(armour.unarmor(one.encode())[2]) for one in pem]


def context(asked: dict[str, Any]) -> Any:
    from pyhanko_certvalidator import ValidationContext

    moment = datetime.fromisoformat(asked["at"]) if asked.get("at") else None
    return ValidationContext(
        trust_roots=certificates(asked.get("roots") or []),
        moment=moment,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )


def judge(data: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    """Each signature of a PDF: whether it is whole, by whose certificate, and what came after."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        if reader.encrypted:
            raise Unreadable("damaged")
        found = list(reader.embedded_regular_signatures)
    except Unreadable:
        raise
    except Exception:
        raise Unreadable("damaged") from None
    return {"signatures": [judge_one(one, asked) for one in found[:MOST_SIGNATURES]]}


def judge_one(signature: Any, asked: dict[str, Any]) -> dict[str, Any]:
    from pyhanko.sign.validation import KeyUsageConstraints, async_validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    said = {"intact": False, "whole": False, "trusted": False, "why": "", "stamped": ""}
    try:
        signer = signature.signer_cert
        said |= {
            "sha256": signer.sha256.hex(),
            **names(signer),
            "claimed": moment(signature.self_reported_timestamp),
        }
        usage = KeyUsageConstraints(
            key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
        )
        status = asyncio.run(
            async_validate_pdf_signature(signature, context(asked), key_usage_settings=usage)
        )
    except Exception as error:
        return said | {"why": type(error).__name__}
    stamp = status.timestamp_validity
    return said | {
        "intact": bool(status.intact and status.valid),
        "whole": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        "trusted": bool(status.trusted),
        "stamped": moment(stamp.timestamp) if stamp is not None and stamp.intact else "",
    }


def names(certificate: Any) -> dict[str, str]:
    """Whose certificate it is and who issued it, written as ``documents.signing`` writes them."""
    from cryptography import x509

    found = x509.load_der_x509_certificate(certificate.dump())
    return {
        "subject": found.subject.rfc4514_string()[:300],
        "issuer": found.issuer.rfc4514_string()[:300],
    }


def moment(value: Any) -> str:
    return value.isoformat() if value is not None else ""


def main() -> None:
    limit()
    asked = json.loads(sys.stdin.buffer.readline())
    act = {"open": open_key, "chain": chain, "judge": judge}[asked["act"]]
    try:
        answer = act(sys.stdin.buffer.read(), asked)
    except Unreadable as reason:
        answer = {"error": reason.args[0]}
    except MemoryError:
        answer = {"error": "damaged"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
