"""What `dev.py bench` is held against: each target, read from what the modules found.

``must`` is promised, ``aim`` is wished for. A ratio was taken beside its baseline in the same run.
What is computing alone (papers, seals, assignment) is judged by its time on a processor, which does
not count what else the machine does; the rest, where one waits for the database too, by the clock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Found = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What was found, in words, and whether it reaches the line."""

    said: str
    must: bool
    aim: bool

    @property
    def word(self) -> str:
        return "aim" if self.must and self.aim else "must" if self.must else "not met"


@dataclass(frozen=True)
class Target:
    """One line. ``module`` says where its figures come from; ``read`` judges them."""

    item: str
    zh: str
    module: str
    beside: str
    must: str
    aim: str
    read: Callable[[Found], Verdict]


def largest(found: Found) -> Found:
    sizes: Sequence[Found] = found["sizes"]
    return sizes[-1]


def at_least(ratio: float, must: float, aim: float, more: str = "") -> Verdict:
    return Verdict(f"{ratio:.2f} ×{more}", ratio >= must, ratio >= aim)


def at_most(ms: float, must: float, aim: float, more: str = "") -> Verdict:
    return Verdict(f"{ms:g} ms{more}", ms <= must, ms <= aim)


def autosave(found: Found) -> Verdict:
    more = f" ({found['autosave_ms']:g} ms, {found['autosave_queries']} queries)"
    return at_least(found["autosave_against_bare"], 0.8, 1.2, more)


def listing(found: Found) -> Verdict:
    """Of the size where it stands worst: the bare list has no index and is quick when small."""
    worst, last = min(found["sizes"], key=lambda one: one["list_against_bare"]), largest(found)
    more = (
        f" at {worst['filings']:,} filings, {last['list_against_bare']:.2f} × at"
        f" {last['filings']:,} ({last['office_list_ms']:g} ms, bare {last['bare_list_ms']:g} ms)"
    )
    return at_least(worst["list_against_bare"], 0.8, 1.5, more)


def public_page(found: Found) -> Verdict:
    growth, last = found["growth"]["public_call"], largest(found)
    said = f"{growth:.2f} × ({last['public_call_ms']:g} ms, {last['public_call_queries']} queries)"
    return Verdict(said, growth <= 1.2, growth <= 1.05)


def submitting(found: Found) -> Verdict:
    counts = [one["submit_queries"] for one in found["sizes"]]
    flat = len(set(counts)) == 1
    said = f"{counts[-1]} queries, {'flat' if flat else 'growing'}"
    last = largest(found)
    return Verdict(
        f"{said} ({last['submit_ms']:g} ms)", flat and counts[-1] <= 25, flat and counts[-1] <= 15
    )


def dashboard(found: Found) -> Verdict:
    page = found["many"]["round, 250 rows"]
    queries, ms = page["queries"], page["median_ms"]
    return Verdict(
        f"{queries} queries, {ms:g} ms (processor {page['cpu_ms']:g} ms)",
        queries <= 12 and ms <= 150,
        queries <= 8 and ms <= 60,
    )


def searching_filings(found: Found) -> Verdict:
    last, growth = largest(found), found["growth"]["office_search"]
    queries = last["office_search_queries"]
    said = f"{queries} queries, {growth:.2f} × ({last['office_search_ms']:g} ms)"
    return Verdict(said, queries <= 10 and growth <= 1.5, queries <= 10 and growth <= 1.1)


def paper(name: str, must: float, aim: float) -> Callable[[Found], Verdict]:
    def read(found: Found) -> Verdict:
        one = found[name]
        more = (
            f" (processor {one['ours_cpu_ms']:g} ms, naive {one['naive_cpu_ms']:g} ms,"
            f" {one['pages']} pages)"
        )
        return at_least(one["times_faster"], must, aim, more)

    return read


def cell_length(found: Found) -> Verdict:
    """Linear: a character more costs in long cells what it costs in short ones, within a half."""
    taken = sorted((int(length), ms) for length, ms in found["cell_lengths"].items())
    (first, at_first), (middle, at_middle), (last, at_last) = taken[0], taken[-2], taken[-1]
    early = (at_middle - at_first) / (middle - first)
    late = (at_last - at_middle) / (last - middle)
    said = (
        f"{early * 1000:.0f} ms for 1,000 characters up to {middle:,}, {late * 1000:.0f} ms beyond"
    )
    linear = late <= max(1.5 * early, 0.005)
    return Verdict(said, linear, linear)


def signing(found: Found) -> Verdict:
    more = f" of the processor (P-256; RSA-2048 {found['rsa2048_cpu_ms']:g} ms)"
    return at_most(found["p256_cpu_ms"], 50, 35, more)


def assigning(place: int, must: float, aim: float) -> Callable[[Found], Verdict]:
    def read(found: Found) -> Verdict:
        one = found["sizes"][place]
        proved = "optimum proved" if one["proved"] else "not proved"
        said = f"{one['cpu_ms']:g} ms of the processor, {proved}"
        return Verdict(
            said, one["proved"] and one["cpu_ms"] <= must, one["proved"] and one["cpu_ms"] <= aim
        )

    return read


def library(found: Found) -> Verdict:
    ms, recall, precision = found["query_ms"], found["recall"], found["precision"]
    said = f"{ms:g} ms, recall {recall:g}, precision {precision:g} (scan {found['scan_ms']:g} ms)"
    return Verdict(said, ms <= 3 and recall == 1, ms <= 1.5 and recall == precision == 1)


def places(found: Found) -> Verdict:
    ms, exact = found["all_answered_ms"], found["exact"]
    held = "15 each time" if exact else str(found["held"])
    said = f"{ms:g} ms, {held}; counting naively {max(found['naive_held'])}"
    if "guard_only_ms" in found:  # lock, place and row, without rules, trail and letters
        said += f"; the guard alone {found['guard_only_ms']:g} ms"
    if "first_ever_ms" in found:  # connections that never recommended anything
        said += f", connections that are new {found['first_ever_ms']:g} ms"
    return Verdict(said, exact and ms <= 200, exact and ms <= 120)


def storm(found: Found) -> Verdict:
    compared, p95, rate = found["compared"], found["clients"]["pressed"]["p95"], found["rate"]
    wrong = {name: compared[name] for name in ("lost", "false", "late")}
    said = f"{rate:g}/s for {found['seconds']:g} s: p95 {p95:.2f} s, " + ", ".join(
        f"{count} {name}" for name, count in wrong.items()
    )
    clean = not any(wrong.values())
    return Verdict(said, clean and rate >= 20 and p95 <= 1, clean and rate >= 50 and p95 <= 0.5)


BARE_LIST = "bare Django list, same rows"
NAIVE = "WeasyPrint as first used"

TARGETS = (
    Target(
        "Autosave, signed in, full stack",
        "自动保存（已登录，全栈）",
        "filing",
        "bare lock + save",
        "≥ 0.8 ×",
        "≥ 1.2 ×",
        autosave,
    ),
    Target(
        "List page of 50 rows",
        "列表页 50 行",
        "pages",
        BARE_LIST,
        "≥ 0.8 ×",
        "≥ 1.5 ×",
        listing,
    ),
    Target(
        "Public page of a call, smallest → largest",
        "公开的批次页（数量增长）",
        "pages",
        "itself with 100 filings",
        "≤ 1.2 ×",
        "≤ 1.05 ×",
        public_page,
    ),
    Target(
        "Submit",
        "提交",
        "filing",
        "itself with 100 filings",
        "≤ 25 queries, flat",
        "≤ 15",
        submitting,
    ),
    Target(
        "Review dashboard, 10,000 filings, 250 rows",
        "评审工作台，1 万份、250 行",
        "review_dashboard",
        "—",
        "≤ 12 queries, ≤ 150 ms",
        "≤ 8, ≤ 60 ms",
        dashboard,
    ),
    Target(
        "Office list with search",
        "主管部门列表检索",
        "pages",
        "itself with 100 filings",
        "≤ 10 queries, ≤ 1.5 ×",
        "≤ 1.1 ×",
        searching_filings,
    ),
    Target(
        "Summary sheet PDF, warm worker",
        "汇总表 PDF",
        "papers",
        NAIVE,
        "≥ 2.2 ×",
        "≥ 2.6 ×",
        paper("sheet", 2.2, 2.6),
    ),
    Target(
        "12-page form PDF, warm worker",
        "申报书 PDF（12 页）",
        "papers",
        NAIVE,
        "≥ 1.4 ×",
        "≥ 1.8 ×",
        paper("form", 1.4, 1.8),
    ),
    Target(
        "PDF time against cell length",
        "PDF 耗时与单元格字数",
        "papers",
        "itself with short cells",
        "linear",
        "linear",
        cell_length,
    ),
    Target("Sign and seal", "电子签章", "signing", "—", "≤ 50 ms", "≤ 35 ms", signing),
    Target(
        "Assignment, 1,000 × 300",
        "专家指派 1000 × 300",
        "assignment",
        "—",
        "≤ 50 ms, proved",
        "≤ 15 ms",
        assigning(0, 50, 15),
    ),
    Target(
        "Assignment, 10,000 × 3,000",
        "专家指派 1 万 × 3000",
        "assignment",
        "—",
        "≤ 1000 ms, proved",
        "≤ 300 ms",
        assigning(2, 1000, 300),
    ),
    Target(
        "Two-character search in 23,000 articles",
        "2.3 万条中两字检索",
        "library",
        "scan of the texts",
        "≤ 3 ms, recall 1",
        "≤ 1.5 ms, precision 1",
        library,
    ),
    Target(
        "100 clients for 15 places",
        "100 人争 15 个名额",
        "places",
        "counting naively",
        "15, ≤ 200 ms",
        "≤ 120 ms",
        places,
    ),
    Target(
        "Deadline storm on the cluster",
        "截止前集中提交",
        "storm",
        "—",
        "20/s, p95 ≤ 1 s, 0 lost, false, late",
        "50/s, p95 ≤ 0.5 s",
        storm,
    ),
)
NOT_MEASURED = "not measured in this run"


def judged(target: Target, found: Mapping[str, Any]) -> Verdict | None:
    """The verdict of a line; None where its module was not run or failed."""
    return target.read(found[target.module]) if target.module in found else None


WORDS = {"aim": "目标", "must": "达标", "not met": "未达标"}


def markdown(found: Mapping[str, Any], *, chinese: bool = False) -> str:
    """The table of the README."""
    head = (
        ("项目", "测得", "对照", "要求", "目标", "结果")
        if chinese
        else ("Item", "Found", "Beside", "Must", "Aim", "Result")
    )
    rows = [head, ("---",) * len(head)]
    for target in TARGETS:
        verdict = judged(target, found)
        said = verdict.said if verdict else "本次未测" if chinese else NOT_MEASURED
        word = (WORDS[verdict.word] if chinese else verdict.word) if verdict else "—"
        item = target.zh if chinese else target.item
        rows.append((item, said, target.beside, target.must, target.aim, word))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def terminal(found: Mapping[str, Any]) -> str:
    """The same for people at a terminal."""
    rows = [("item", "found", "must", "aim", "result")]
    for target in TARGETS:
        verdict = judged(target, found)
        rows.append(
            (
                target.item,
                verdict.said if verdict else NOT_MEASURED,
                target.must,
                target.aim,
                verdict.word if verdict else "—",
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    return "\n".join(
        "  ".join([*(row[n].ljust(widths[n]) for n in range(4)), row[4]]).rstrip() for row in rows
    )
