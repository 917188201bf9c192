"""WeasyPrint as one would first use it, in a process of its own: the baseline of the papers.

The system's Noto (one large collection of faces), the style sheet parsed for each paper, tables
laid out as they are unless one asks for more, nothing kept. The paper is the same: each page has
its code, and it is PDF/A with its structure. The process is warm, as ours is. Lines of JSON in,
``{"html", "css", "base", "coded", "pages"}``; ``coded`` is the style sheet's name for the pages
that carry a code, and a rule for each of them is what WeasyPrint offers for that (``codes``). For
each a line out: milliseconds of the processor and by the clock, pages, bytes and the faces it drew
with.
"""

import io
import json
import sys
import time
from functools import cache
from typing import Any

FACES = {
    "JB Serif SC Bold": "Noto Serif CJK SC",
    "JB Serif SC": "Noto Serif CJK SC",
    "JB Sans SC": "Noto Sans CJK SC",
    "JB Rare": "Noto Serif CJK SC",
    "JB Mono": "monospace",
}
FIXED = "table-layout: fixed;"
BOX = "width: {width}mm; padding-top: 7mm; vertical-align: top; text-align: right"
CODE = '@page {name}:nth({number}) {{ @top-right {{ content: url("qr:{number}") }} }}'
WIDTHS = {"sheet": 76, "form": 25}
"""Of the box above the right margin, in mm, by the name of the page."""
SIDE = 25


def code(url: str) -> bytes:
    """The code of a page as the library draws it."""
    import segno

    words = f"HTTPS://JIEBANG.EXAMPLE/V/7K3M9Q2TXD/{url.rpartition(':')[2]}"
    symbol = segno.make(words, error="q")
    drawn = io.BytesIO()
    scale = SIDE / symbol.symbol_size(border=0)[0]
    symbol.save(drawn, kind="svg", border=0, unit="mm", scale=scale)
    return drawn.getvalue()


def codes(name: str, pages: int) -> str:
    """The rules by which each page shows its own code."""
    rules = [CODE.format(name=name, number=number) for number in range(1, pages + 1)]
    box = BOX.format(width=WIDTHS[name])
    return "\n".join((f"@page {name} {{ @top-right {{ {box} }} }}", *rules))


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        wall, spent = time.perf_counter(), time.process_time()
        drawn, data = draw(order)
        answer = {
            "ms": (time.perf_counter() - wall) * 1000,
            "cpu_ms": (time.process_time() - spent) * 1000,
            "pages": len(drawn.pages),
            "bytes": len(data),
            "faces": sorted({font.family for font in drawn.fonts.values()}),
        }
        print(json.dumps(answer), flush=True)


@cache
def fetching() -> Any:
    """The class that answers the document's own addresses; everything else as WeasyPrint does."""
    import weasyprint

    class Fetcher(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith(("qr:", "seal:", "picture:")):
                kind = {"Content-Type": "image/svg+xml"}
                return weasyprint.urls.URLFetcherResponse(url, code(url), kind)
            return super().fetch(url, headers)

    return Fetcher


def draw(order: dict[str, Any]) -> tuple[Any, bytes]:
    """WeasyPrint's document and the file."""
    import weasyprint

    fetcher = fetching()()
    page = weasyprint.HTML(string=order["html"], base_url=order["base"], url_fetcher=fetcher)
    styles = [
        weasyprint.CSS(string=css, base_url=order["base"], url_fetcher=fetcher)
        for css in (as_first_written(order["css"]), codes(order["coded"], order["pages"]))
    ]
    drawn = page.render(stylesheets=styles, pdf_variant="pdf/a-3a")
    return drawn, drawn.write_pdf(pdf_variant="pdf/a-3a")


def as_first_written(css: str) -> str:
    """Our style sheet with the system's faces and with tables laid out by their content."""
    for ours, theirs in FACES.items():
        css = css.replace(f'"{ours}"', f'"{theirs}"')
    return css.replace(FIXED, "")


if __name__ == "__main__":
    main()
