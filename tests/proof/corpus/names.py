"""Names, kinds and sizes that lie; noise."""

from __future__ import annotations

from tests.proof.corpus.making import (
    Draw,
    Hostile,
    family,
    good_pdf,
    good_picture,
    good_workbook,
    spoilt,
)

WRONG_ENDS = [
    "exe",
    "svg",
    "html",
    "htm",
    "js",
    "hta",
    "docm",
    "xlsm",
    "lnk",
    "bat",
    "ps1",
    "php",
    "jsp",
    "py",
    "sh",
    "com",
    "scr",
    "jar",
    "iso",
    "vbs",
    "zip",
    "rar",
    "7z",
    "docx",
    "doc",
    "pptx",
    "gif",
    "webp",
    "tif",
    "bmp",
    "xml",
    "xhtml",
    "mht",
    "swf",
    "pdf.exe",
    "png.html",
    "xlsx.js",
    "pdf%00.exe",
]


@family
def wrong_extension(draw: Draw, n: int) -> Hostile:
    data = draw.choice([good_pdf(), good_picture(), good_workbook(), b"MZ" + draw.randbytes(50)])
    end = WRONG_ENDS[n % len(WRONG_ENDS)]
    return Hostile(data, f"附件{n}.{draw.choice([end, end.upper()])}")


ODD_NAMES = (
    "../../../etc/passwd.pdf",
    "..\\..\\windows\\system32\\a.pdf",
    "/etc/cron.d/a.pdf",
    "C:\\a.pdf",
    "a\x00.exe.pdf",
    "a.pdf\x00",
    "a\r\nSet-Cookie: x=1.pdf",
    'a"; filename="b.exe.pdf',
    "\u202efdp.exe.pdf",
    "\u2066a\u2069.pdf",
    "a\u200b\u200d\ufeff.pdf",
    "‥／a.pdf",
    "CON.pdf",
    "NUL.pdf",
    "....pdf",
    "   .pdf",
    "😀" * 300 + ".pdf",
    "长" * 5_000 + ".pdf",
    "a" * 100_000 + ".pdf",
    "<img src=x onerror=alert(1)>.pdf",
    "=cmd|'/C calc'!A0.pdf",
    "{{7*7}}{% debug %}.pdf",
    "a;rm -rf ~;.pdf",
    "$(touch x).pdf",
    "\ud800a.pdf",
    "e\u0301" * 200 + ".pdf",
    "𠮷𪚥\U0002a6d6.pdf",
    "a\u2028b\u2029.pdf",
    "\U000e0041\ue000\uffff.pdf",
    "%2e%2e%2fa.pdf",
)


@family
def odd_name(draw: Draw, n: int) -> Hostile:
    name = ODD_NAMES[n % len(ODD_NAMES)]
    if n >= len(ODD_NAMES):
        name = "".join(draw.choice(name) for _ in range(min(len(name), 40))) + name
    return Hostile(good_pdf(), name, "any")


@family
def noise(draw: Draw, n: int) -> Hostile:
    """Random bytes behind a right beginning, and good files with some bytes turned."""
    kinds = (
        (b"%PDF-1.7\n", "pdf", good_pdf(3)),
        (b"\x89PNG\r\n\x1a\n", "png", good_picture("PNG")),
        (b"\xff\xd8\xff\xe0", "jpg", good_picture("JPEG")),
        (b"PK\x03\x04", "xlsx", good_workbook()),
    )
    head, extension, good = kinds[n % 4]
    if n // 4 % 2:
        data = head + draw.randbytes(draw.randint(0, 5_000))
        return Hostile(data, f"噪{n}.{extension}", "any" if extension == "jpg" else "refused")
    places = draw.randint(1, 30)
    return Hostile(spoilt(good, draw, places=places, first=8), f"噪{n}.{extension}", "any")


@family
def size(draw: Draw, n: int) -> Hostile:
    extension = draw.choice(["pdf", "png", "jpg", "xlsx"])
    if n % 2:
        return Hostile(b"", f"空{n}.{extension}")
    return Hostile(b"%PDF-" + bytes(20 * 1024 * 1024 + draw.randint(0, 99)), f"大{n}.pdf")
