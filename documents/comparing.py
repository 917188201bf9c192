"""Is the copy somebody holds the file we keep? The copy is read, judged and forgotten."""

import threading
from dataclasses import dataclass
from datetime import datetime

from core.errors import Refusal
from documents import sealkeys, signing
from documents.fingerprints import sha256
from documents.models import Document, Signing

MOST_BYTES = 20 * 1024 * 1024
CHILDREN = 2
PATIENCE = 10

SAME, SEALED = "same", "sealed"
ALTERED, OTHER_SIGNATURE, DIFFERENT = "altered", "other-signature", "different"

TITLES = {
    SAME: "与系统留存一致",
    SEALED: "与系统留存的签章件一致",
    ALTERED: "签章之后被改动过",
    OTHER_SIGNATURE: "不一致：带有签名，但不是本文件的签章件",
    DIFFERENT: "不一致",
}

_children = threading.BoundedSemaphore(CHILDREN)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came out. ``signature`` is the one that decided, ``trusted`` whether its certificate
    leads to a trusted authority, ``demo`` whether it is one of the demonstration."""

    outcome: str
    sha256: str
    signature: signing.Judged | None = None
    demo: bool = False
    certificate_stopped: bool = False

    @property
    def same(self) -> bool:
        return self.outcome in (SAME, SEALED)

    @property
    def title(self) -> str:
        return TITLES[self.outcome]

    @property
    def words(self) -> list[str]:
        """What it means, sentence by sentence."""
        said = {
            SAME: ["逐字节比对相同，是系统生成的原件（未加盖电子印章）。"],
            SEALED: ["逐字节比对相同，是系统留存的电子签章件。"],
            ALTERED: ["文件带有登记单位的签名，但签名之后内容被改动或追加，请勿采信。"],
            OTHER_SIGNATURE: ["文件里的签名不属于本文件登记的签章，请勿据此办理。"],
            DIFFERENT: [
                "与系统留存的文件逐字节比对不同。扫描件、打印后再存的 PDF 不会相同，"
                "请用二维码和指纹核对。"
            ],
        }[self.outcome]
        return said + self._about_signature()

    def _about_signature(self) -> list[str]:
        one = self.signature
        if one is None:
            return []
        said = [f"签名证书：{one.subject}；颁发：{one.issuer}。"]
        said.append("签名完整有效。" if one.intact else "签名已不完整。")
        if self.demo:
            said.append("演示证书，不具法律效力。")
        elif not one.trusted:
            said.append("证书未能追溯到本系统信任的颁发机构，证书的真实性请另行核实。")
        if self.certificate_stopped:
            said.append("这张证书已停用，停用之前的签章不受影响。")
        return said


def compare(document: Document, data: bytes, *, at: datetime) -> Compared:
    """Hold a copy against what is kept of a document. Nothing is stored.

    Raises ``Refusal``: ``empty-file``, ``too-large`` (422), ``busy`` (503).
    """
    if not data:
        raise Refusal("empty-file", "文件是空的，请选择要核对的文件。", status=422)
    if len(data) > MOST_BYTES:
        raise Refusal("too-large", "文件超过 20 MB，请选择系统生成的 PDF 原件。", status=422)
    found = sha256(data)
    signing_row = Signing.objects.filter(document=document).select_related("key").first()
    if document.file_sha256 and found == document.file_sha256:
        return Compared(SAME, found)
    held = signing_row if signing_row is not None and signing_row.is_ready else None
    sealed = held is not None and found == held.file_sha256
    moment = held.signed_at if sealed and held is not None else at
    judged = _judge(data, held, at=moment or at)
    mine = _own(judged, held)
    more = {
        "signature": mine or (judged[0] if judged else None),
        "demo": bool(mine and held and held.key.demo),
        "certificate_stopped": bool(mine and held and held.key.revoked_at),
    }
    if sealed:
        return Compared(SEALED, found, **more)  # type: ignore[arg-type]
    if mine is not None and not (mine.intact and mine.whole):
        return Compared(ALTERED, found, **more)  # type: ignore[arg-type]
    return Compared(OTHER_SIGNATURE if judged else DIFFERENT, found, **more)  # type: ignore[arg-type]


def _own(judged: tuple[signing.Judged, ...], held: Signing | None) -> signing.Judged | None:
    """The signature made with the document's registered certificate, if there is one."""
    if held is None:
        return None
    return next((one for one in judged if one.sha256 == held.key.sha256), None)


def _judge(data: bytes, held: Signing | None, *, at: datetime) -> tuple[signing.Judged, ...]:
    """The signatures of the copy, judged outside; none where it is no PDF that can be read."""
    if not data.startswith(b"%PDF-"):
        return ()
    roots = list(sealkeys.roots())
    if held is not None and held.key.demo:
        roots.append(sealkeys.chain_of(held.key)[-1])
    if not _children.acquire(timeout=PATIENCE):
        raise Refusal("busy", "核验服务繁忙，请稍后再试。", status=503)
    try:
        return signing.judge(data, roots=roots, at=at)
    except signing.Unusable:
        return ()
    finally:
        _children.release()
