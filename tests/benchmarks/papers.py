"""PDFs of a warm worker beside WeasyPrint as one would first use it, in the same process.

The naive side parses the style sheet and looks the faces up anew for each paper, as
``HTML(string).write_pdf()`` does; it uses our faces too, so it is not slowed by a large font file.
"""

from copy import deepcopy
from typing import Any
from unittest import mock

from documents import rendering
from tests.benchmarks import rounds
from tests.documents import drawing, samples

LENGTHS = (250, 500, 1000, 2000, 4000)


def measure() -> dict[str, Any]:
    sheet, form = samples.summary_sheet(15), samples.application_form()
    found: dict[str, Any] = {"name": "papers"}
    for name, kind, snapshot in (
        ("sheet", "summary_sheet", sheet),
        ("form", "application_form", form),
    ):
        html = html_of(kind, snapshot)
        taken = rounds.medians(
            7,
            ours=lambda kind=kind, snapshot=snapshot: drawing.draw(kind, snapshot),
            naive=lambda html=html: naively(html),
        )
        found[name] = {
            "ours_ms": taken["ours"],
            "naive_ms": taken["naive"],
            "times_faster": round(taken["naive"] / taken["ours"], 2),
            "pages": rendering.page_count(drawing.draw(kind, snapshot)),
        }
    found["cell_lengths"] = lengths()
    return found


def html_of(kind: str, snapshot: dict[str, Any]) -> str:
    """The page's HTML just before it is drawn."""
    kept = []

    def keep(html: str, **more: Any) -> bytes:
        kept.append(html)
        return b""

    with mock.patch.object(rendering, "_write", keep):
        drawing.draw(kind, snapshot)
    return kept[0]


def naively(html: str) -> bytes:
    weasyprint, fetcher, _, _ = rendering._engine()
    draw_code = lambda page: rendering.qr_svg(f"https://jiebang.example/v/{page}")  # noqa: E731
    page = weasyprint.HTML(
        string=html,
        base_url=f"{rendering.PAPER.as_uri()}/",
        url_fetcher=fetcher(draw_code, {}),
    )
    css = weasyprint.CSS(
        filename=str(rendering.PAPER / "paper.css"), url_fetcher=fetcher(draw_code, {})
    )
    data: bytes = page.write_pdf(stylesheets=[css])
    return data


def lengths() -> dict[str, float]:
    """Milliseconds of a sheet whose first row has a title of so many characters."""
    acts = {}
    for length in LENGTHS:
        snapshot = deepcopy(samples.summary_sheet(15))
        rows = snapshot.get("rows") or next(
            value for value in snapshot.values() if isinstance(value, list) and value
        )
        rows[0]["title"] = "示例文字" * (length // 4)
        acts[str(length)] = lambda snapshot=snapshot: drawing.draw("summary_sheet", snapshot)
    return rounds.medians(3, **acts)
