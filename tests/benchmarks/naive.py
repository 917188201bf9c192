"""WeasyPrint as one would first use it, in a process of its own: the baseline of the papers.

The system's Noto (one large collection of faces), the style sheet parsed for each paper, nothing
kept. The process is warm, as ours is. Lines of JSON in, ``{"html", "css", "base"}``; for each a
line out: milliseconds of the processor and by the clock, and pages.
"""

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
CODE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path d="M0 0h29v29H0z"/></svg>'
)


def main() -> None:
    import weasyprint

    class Fetcher(weasyprint.urls.URLFetcher):
        """Answers the document's own addresses; everything else as WeasyPrint does."""

        def fetch(self, url, headers=None):
            if url.startswith(("qr:", "seal:", "picture:")):
                kind = {"Content-Type": "image/svg+xml"}
                return weasyprint.urls.URLFetcherResponse(url, CODE, kind)
            return super().fetch(url, headers)

    for line in sys.stdin:
        order = json.loads(line)
        css = order["css"]
        for ours, theirs in FACES.items():
            css = css.replace(f'"{ours}"', f'"{theirs}"')
        wall, spent = time.perf_counter(), time.process_time()
        page = weasyprint.HTML(string=order["html"], base_url=order["base"], url_fetcher=Fetcher())
        drawn = page.render(stylesheets=[weasyprint.CSS(string=css, base_url=order["base"])])
        data = drawn.write_pdf()
        answer = {
            "ms": (time.perf_counter() - wall) * 1000,
            "cpu_ms": (time.process_time() - spent) * 1000,
            "pages": len(drawn.pages),
            "bytes": len(data),
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
