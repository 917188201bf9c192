"""HTML in, PDF out. The same input gives the same bytes, and nothing outside is fetched.

WeasyPrint is imported on first use, so that a machine without Pango can still serve pages.
"""

import hashlib
import io
import logging
import os
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.template.loader import get_template, render_to_string
from pypdf import PdfReader

from documents import codes, typography
from documents.errors import UnrenderableDocument

ROOT = Path(__file__).resolve().parent.parent
PAPER = ROOT / "assets" / "paper"
FONTS = ROOT / "assets" / "fonts"
TEMPLATES = ROOT / "templates" / "documents"

# As many pages as a document may have: a page rule for each is emitted, an image only for those
# that exist.
MOST_PAGES = 120

_one_at_a_time = threading.Lock()


def render(
    template: str,
    snapshot: Mapping[str, Any],
    *,
    code: str,
    fingerprint: str,
    base_host: str,
    number: str = "",
    version: int = 1,
    dated: datetime | None = None,
    draft: bool = False,
) -> bytes:
    """The PDF of a frozen snapshot: no database, no network, no clock.

    ``code`` and ``fingerprint`` stand on each page, ``base_host`` is the host in the QR codes and
    ``dated`` the date of the file. A draft carries neither code nor fingerprint, and no seal
    place. Raises ``UnrenderableDocument`` when the template asks for a file that is not ours, or
    the snapshot holds a character that no shipped face has (the characters are named).
    """
    missing = typography.unprintable(snapshot)
    if missing:
        shown = "、".join(f"{c}（U+{ord(c):04X}）" for c in missing)
        raise UnrenderableDocument(f"这些字没有可用的字形：{shown}")
    html = render_to_string(
        template,
        {
            "s": snapshot,
            "code": "" if draft else code,
            "fingerprint": "" if draft else fingerprint,
            "number": number,
            "version": version,
            "draft": draft,
            "host": base_host,
            "page_numbers": range(1, MOST_PAGES + 1),
        },
    )
    identity = f"{template}|{template_version(template)}|{fingerprint}|{code}|{draft}"
    with _one_at_a_time:
        return _write(
            html,
            draw_code=lambda page: qr_svg(codes.payload(base_host, code, page)),
            identity=hashlib.sha256(identity.encode()).hexdigest()[:32],
            dated=dated,
        )


def page_count(data: bytes) -> int:
    """Pages of a PDF that we made ourselves. Foreign ones go through ``documents.uploads``."""
    return len(PdfReader(io.BytesIO(data)).pages)


def qr_svg(text: str) -> bytes:
    """The code of one page: 25 × 25 mm of modules, level Q, the quiet zone left to the margin."""
    import segno

    drawn = io.BytesIO()
    symbol = segno.make(text, error="q", micro=False, boost_error=False)
    symbol.save(
        drawn,
        kind="svg",
        border=0,
        xmldecl=False,
        svgns=True,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        nl=False,
    )
    sized = b'<svg width="25mm" height="25mm" shape-rendering="crispEdges" '
    return drawn.getvalue().replace(b"<svg ", sized, 1)


@cache
def template_version(template: str) -> str:
    """Names everything besides the snapshot that shapes the page: templates, styles, faces."""
    digest = hashlib.sha256()
    sources = [Path(get_template(template).origin.name)]
    sources += sorted(TEMPLATES.glob("_*.html")) + sorted(PAPER.glob("*"))
    sources.append(FONTS / "FONTS.toml")
    for path in sources:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def ready() -> str:
    """Empty when PDFs can be drawn here; otherwise what is missing, in words for an operator."""
    from ctypes.util import find_library

    if not find_library("harfbuzz-subset"):
        return "libharfbuzz-subset is missing: a form would take seconds instead of a fraction"
    if not any(FONTS.glob("*.ttf")):
        return "assets/fonts holds no font"
    try:
        _engine()
    except OSError as error:
        return f"WeasyPrint cannot be loaded: {error}"
    return ""


def use_own_fonts() -> None:
    """Point fontconfig at the shipped faces and at nothing else. Before the first render."""
    os.environ["FONTCONFIG_FILE"] = str(FONTS / "fonts.conf")


@cache
def _engine() -> Any:
    """WeasyPrint with our faces and our style sheet, parsed once per process."""
    use_own_fonts()
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    class OwnAssets(weasyprint.urls.URLFetcher):
        """Lets a document use our styles, faces and seals, and nothing else in the world."""

        def __init__(self, draw_code: Any = None) -> None:
            super().__init__(allowed_protocols=["file"], allow_redirects=False, fail_on_errors=True)
            self.draw_code = draw_code

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("qr:") and self.draw_code and url[3:].isascii() and url[3:].isdigit():
                return weasyprint.urls.URLFetcherResponse(
                    url, self.draw_code(int(url[3:])), {"Content-Type": "image/svg+xml"}
                )
            split = urlsplit(url)
            path = Path(url2pathname(split.path)).resolve()
            own = split.scheme == "file" and not split.netloc and path.parent in (PAPER, FONTS)
            if not own or not path.is_file():
                raise ValueError(f"a document may not load {url}")
            return super().fetch(path.as_uri(), headers)

    faces = FontConfiguration()
    style = weasyprint.CSS(
        filename=str(PAPER / "paper.css"), font_config=faces, url_fetcher=OwnAssets()
    )
    return weasyprint, OwnAssets, faces, style


def _write(html: str, *, draw_code: Any, identity: str, dated: datetime | None) -> bytes:
    weasyprint, fetcher, faces, style = _engine()
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    if dated is not None:
        stamp = dated.isoformat(timespec="seconds")
        dates = f'<meta name="dcterms.created" content="{stamp}">'
        dates += f'<meta name="dcterms.modified" content="{stamp}">'
        html = html.replace("</head>", f"{dates}</head>", 1)
    page = weasyprint.HTML(
        string=html, base_url=f"{PAPER.as_uri()}/", url_fetcher=fetcher(draw_code)
    )
    try:
        return page.write_pdf(
            stylesheets=[style],
            font_config=faces,
            pdf_identifier=identity.encode(),
            pdf_tags=True,
        )
    except weasyprint.urls.FatalURLFetchingError as error:  # a BaseException
        raise UnrenderableDocument(str(error)) from error
