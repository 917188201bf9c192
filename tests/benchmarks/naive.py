"""WeasyPrint as one would first use it, in a process of its own: the baseline of the papers.

The system's Noto (one large collection of faces), the style sheet parsed for each paper, tables
laid out as they are unless one asks for more, nothing kept. The paper is the same: its codes are
drawn, and it is PDF/A with its structure. The process is warm, as ours is. Lines of JSON in,
``{"html", "css", "base"}``; for each a line out: milliseconds of the processor and by the clock,
pages, bytes and the faces it drew with.
"""

import io
import json
import sys
import time

FACES = {
    "JB Serif SC Bold": "Noto Serif CJK SC",
    "JB Serif SC": "Noto Serif CJK SC",
    "JB Sans SC": "Noto Sans CJK SC",
    "JB Rare": "Noto Serif CJK SC",
    "JB Mono": "monospace",
}
FIXED = "table-layout: fixed;"


def code(url: str) -> bytes:
    """The code of a page as the library draws it."""
    import segno

    drawn = io.BytesIO()
    words = f"https://jiebang.example/v/7K3M9Q2TXD/{url.rpartition(':')[2]}"
    segno.make(words, error="q").save(drawn, kind="svg", scale=4)
    return drawn.getvalue()


def main() -> None:
    import weasyprint

    class Fetcher(weasyprint.urls.URLFetcher):
        """Answers the document's own addresses; everything else as WeasyPrint does."""

        def fetch(self, url, headers=None):
            if url.startswith(("qr:", "seal:", "picture:")):
                kind = {"Content-Type": "image/svg+xml"}
                return weasyprint.urls.URLFetcherResponse(url, code(url), kind)
            return super().fetch(url, headers)

    for line in sys.stdin:
        order = json.loads(line)
        css = order["css"]
        for ours, theirs in FACES.items():
            css = css.replace(f'"{ours}"', f'"{theirs}"')
        css = css.replace(FIXED, "")
        wall, spent = time.perf_counter(), time.process_time()
        page = weasyprint.HTML(string=order["html"], base_url=order["base"], url_fetcher=Fetcher())
        styles = [weasyprint.CSS(string=css, base_url=order["base"])]
        drawn = page.render(stylesheets=styles, pdf_variant="pdf/a-3a")
        data = drawn.write_pdf(pdf_variant="pdf/a-3a")
        answer = {
            "ms": (time.perf_counter() - wall) * 1000,
            "cpu_ms": (time.process_time() - spent) * 1000,
            "pages": len(drawn.pages),
            "bytes": len(data),
            "faces": sorted({font.family for font in drawn.fonts.values()}),
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
