"""HTML in, PDF out. The same input gives the same bytes, and nothing outside is fetched.

WeasyPrint is imported on first use, so that a machine without Pango can still serve pages.
"""

import contextlib
import gc
import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.template.loader import render_to_string

from documents import codes, finishing, layout, markup, typography
from documents.errors import UnrenderableDocument

ROOT = Path(__file__).resolve().parent.parent
PAPER = ROOT / "assets" / "paper"
FONTS = ROOT / "assets" / "fonts"
LICENSED = FONTS / "licensed"
TEMPLATES = ROOT / "templates" / "documents"

# Papers made of what applicants wrote: a rare character must not keep them from being made.
NAMES_REPLACED = (
    "documents/application_form.html",
    "documents/receipt.html",
    "documents/summary_sheet.html",
    "documents/score_sheet.html",
    "documents/test_report.html",
    "documents/panel_minutes.html",
    "documents/panel_signatures.html",
    "documents/visit_report.html",
    "documents/dividers.html",
)

NAMED = re.compile(r"^\s*--([a-z]+):\s*([^;]+);", re.M)
USED = re.compile(r"var\(--([a-z]+)\)")

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
    title: str = "",
    seals: Mapping[str, bytes] | None = None,
    pictures: Mapping[str, bytes] | None = None,
    payloads: Sequence[str] = (),
) -> bytes:
    """The PDF of a frozen snapshot: no database, no network, no clock.

    ``code`` and ``fingerprint`` stand on each page, ``base_host`` is the host in the QR codes and
    ``dated`` the date of the file. ``seals`` holds the images of registered seals by their SHA-256,
    ``pictures`` the photographs (JPEG, drawn by us) in the same way.
    ``payloads``: what the codes qr:1, qr:2 … say where they are those of other papers (labels).
    A draft carries neither code nor fingerprint, and no seal place. A character that no shipped
    face has is printed as the form that stands for it, and named on the page, in what applicants
    wrote (``NAMES_REPLACED``); elsewhere, and when the template asks for a file that is not ours,
    ``UnrenderableDocument`` is raised.
    """
    forms: Mapping[str, str] = {}
    if template in NAMES_REPLACED:
        snapshot, forms = typography.replaced(snapshot)
    missing = typography.unprintable(snapshot)
    if missing:
        shown = "、".join(f"{c}（U+{ord(c):04X}）" for c in missing)
        raise UnrenderableDocument(f"这些字没有可用的字形：{shown}")
    snapshot = _known_seal(snapshot)
    html = render_to_string(
        template,
        {
            "s": snapshot,
            "code": "" if draft else code,
            "fingerprint": "" if draft else fingerprint,
            "number": number,
            "version": version,
            "draft": draft,
            "replaced": typography.replacement_words(forms),
            "host": base_host,
            "title": title,
            "made": layout.prepare(template, snapshot),
            "seal_url": _seal_url(snapshot.get("seal")),
        },
    )

    def said(page: int) -> str:
        return payloads[page - 1] if payloads else codes.payload(base_host, code, page)

    identity = f"{template}|{template_version(template)}|{fingerprint}|{code}|{draft}"
    with _one_at_a_time, _uncollected():
        return _write(
            html,
            draw_code=lambda page: qr_svg(said(page)),
            page_code=said if code and not draft else None,
            seals=seals or {},
            pictures=pictures or {},
            identity=hashlib.sha256(identity.encode()).hexdigest()[:32],
            dated=dated,
        )


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector meanwhile: a page is some hundred thousand objects that all
    live until it is drawn, and walking them again and again took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def demo_seal_sha256() -> str:
    """The SHA-256 of the one seal that may be drawn: 演示专用."""
    return hashlib.sha256((PAPER / "seal-demo.svg").read_bytes()).hexdigest()


def _known_seal(snapshot: Mapping[str, Any]) -> Mapping[str, Any]:
    seal = snapshot.get("seal")
    if seal and seal.get("sha256") == demo_seal_sha256():
        return {**snapshot, "seal": {**seal, "demo": True}}
    return snapshot


def _seal_url(seal: Mapping[str, Any] | None) -> str:
    if not seal:
        return ""
    return "seal-demo.svg" if seal.get("demo") else f"seal:{seal['sha256']}"


def page_count(data: bytes) -> int:
    """Pages of a PDF that we made ourselves. Foreign ones go through ``documents.uploads``."""
    from pypdfium2 import PdfDocument

    with _one_at_a_time:  # PDFium knows no threads
        document = PdfDocument(data)
        try:
            return len(document)
        finally:
            document.close()


def qr_svg(text: str) -> bytes:
    """The code of one page: 25 × 25 mm of modules, level Q, the quiet zone left to the margin."""
    rows = finishing.symbol(text)
    side = len(rows)
    path = "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in finishing.runs(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="25mm" height="25mm"'
        f' viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path d="{path}"/></svg>'
    ).encode()


@cache
def template_version(template: str) -> str:
    """Names everything besides the snapshot that shapes the page: templates, styles, faces."""
    digest = hashlib.sha256()
    sources = [TEMPLATES.parent / template]
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


class Engine(NamedTuple):
    """WeasyPrint itself, its classes made ours, the faces and the style sheets parsed with them."""

    weasyprint: Any
    page: Any
    fetcher: Any
    faces: Any
    styles: list[Any]


@cache
def _engine() -> Engine:
    """WeasyPrint with our faces and our style sheet, parsed once per process."""
    use_own_fonts()
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    class OwnAssets(weasyprint.urls.URLFetcher):
        """Lets a document use our styles, faces, and the seals and pictures that are given with
        it, and nothing else in the world."""

        def __init__(
            self,
            draw_code: Any = None,
            seals: Mapping[str, bytes] | None = None,
            pictures: Mapping[str, bytes] | None = None,
        ) -> None:
            super().__init__(allowed_protocols=["file"], allow_redirects=False, fail_on_errors=True)
            self.draw_code = draw_code
            self.seals, self.pictures = seals or {}, pictures or {}

        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _, rest = url.partition(":")
            if scheme == "qr" and self.draw_code and rest.isascii() and rest.isdigit():
                return self._answer(url, self.draw_code(int(rest)), "image/svg+xml")
            if scheme == "seal" and rest in self.seals:
                return self._answer(url, self.seals[rest], "image/png")
            if scheme == "picture" and rest in self.pictures:
                return self._answer(url, self.pictures[rest], "image/jpeg")
            return super().fetch(own_asset(url).as_uri(), headers)

        @staticmethod
        def _answer(url: str, data: bytes, media_type: str) -> Any:
            return weasyprint.urls.URLFetcherResponse(url, data, {"Content-Type": media_type})

    class Page(weasyprint.HTML):  # type: ignore[misc]
        """A page of ours, whose markup is known to be well formed (``documents.markup``)."""

        def __init__(self, html: str, *, url_fetcher: Any) -> None:
            root = weasyprint.cssselect2.ElementWrapper.from_html_root(
                markup.tree(html), content_language=None
            )
            self.wrapper_element, self.etree_element = root, root.etree_element
            self.base_url, self.url_fetcher = f"{PAPER.as_uri()}/", url_fetcher
            self.media_type = "print"

    faces = FontConfiguration()
    sheets = [PAPER / "paper.css"]
    if any(LICENSED.glob("*.[to]tf")):
        sheets.append(PAPER / "licensed.css")
    styles = [
        weasyprint.CSS(
            string=spelt_out(sheet.read_text("utf-8")),
            base_url=sheet.as_uri(),
            font_config=faces,
            url_fetcher=OwnAssets(),
        )
        for sheet in sheets
    ]
    return Engine(weasyprint, Page, OwnAssets, faces, styles)


def spelt_out(styles: str) -> str:
    """The style sheet with the values of its ``:root`` in place of their names: WeasyPrint would
    look each up, and take the property apart again, for every cell of every table."""
    values = dict(NAMED.findall(styles))
    return USED.sub(lambda name: values[name[1]], styles)


def own_asset(url: str) -> Path:
    """The file behind a URL that a document may load. Raises ``ValueError`` for all others.

    Scheme and resolved path are both tested: links out of the folders and ``..`` lead nowhere.
    """
    split = urlsplit(url)
    path = Path(url2pathname(split.path)).resolve()
    own = split.scheme == "file" and not split.netloc
    if not own or path.parent not in (PAPER, FONTS, LICENSED) or not path.is_file():
        raise ValueError(f"a document may not load {url}")
    return path


def _write(
    html: str,
    *,
    draw_code: Any,
    page_code: Callable[[int], str] | None,
    seals: Mapping[str, bytes],
    pictures: Mapping[str, bytes],
    identity: str,
    dated: datetime | None,
) -> bytes:
    engine = _engine()
    if dated is not None:
        stamp = dated.astimezone(UTC).isoformat(timespec="seconds")
        dates = f'<meta name="dcterms.created" content="{stamp}">'
        dates += f'<meta name="dcterms.modified" content="{stamp}">'
        html = html.replace("</head>", f"{dates}</head>", 1)
    page = engine.page(html, url_fetcher=engine.fetcher(draw_code, seals, pictures))
    body = page.etree_element.find("body").get("class", "").split()
    try:
        data: bytes = page.write_pdf(
            stylesheets=engine.styles,
            font_config=engine.faces,
            pdf_identifier=identity.encode(),
            pdf_variant="pdf/a-3a",
            finisher=finishing.finisher(page_code, body),
        )
    except engine.weasyprint.urls.FatalURLFetchingError as error:  # a BaseException
        raise UnrenderableDocument(str(error)) from error
    return data
