"""Is this scan the paper in force? Pure: what was read from the pages in, a verdict out.

Every page of a sealed paper carries its document's verification code and its page number. A scan
is right when it shows every page of the version in force once and in order. Pages of an older
version, of another document, twice or in the wrong order are refused. A page whose code
cannot be read proves nothing: it may be confirmed by hand, with a reason and a second look.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MATCHED = "matched"
STALE = "stale"
FOREIGN = "foreign"
MISSING = "missing"
OUT_OF_ORDER = "out_of_order"
DUPLICATE = "duplicate"
UNREADABLE = "unreadable"

REFUSED = "refused"
BY_HAND = "by_hand"

WORDS = {
    MATCHED: "相符",
    STALE: "旧版本",
    FOREIGN: "不是本文件",
    MISSING: "未找到",
    OUT_OF_ORDER: "页序不对",
    DUPLICATE: "重复",
    UNREADABLE: "二维码无法识别",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What the paper is called in the sentences about its scan."""

    name: str = "文件"
    whose: str = "应当上传的那份文件"
    changed: str = "内容在打印后改过"
    not_yet: str = "还不能收下"
    agrees: str = "扫描件与系统中的文件逐页一致。"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of the uploaded file, in the order of the file."""

    position: int
    state: str
    page: int | None = None
    version: int | None = None
    paper: Paper = field(default=Paper(), compare=False, repr=False)

    @property
    def word(self) -> str:
        return WORDS[self.state]

    @property
    def sentence(self) -> str:
        at = f"文件第 {self.position} 页"
        match self.state:
            case "matched":
                return f"{at}：为{self.paper.name}第 {self.page} 页，版本相符。"
            case "stale":
                return (
                    f"{at}：是第 {self.version} 版{self.paper.name}的第 {self.page} 页，已被替代。"
                )
            case "foreign":
                return f"{at}：不是{self.paper.whose}，请检查是否放错文件。"
            case "out_of_order":
                return f"{at}：是{self.paper.name}第 {self.page} 页，页序不对，请按页码顺序扫描。"
            case "duplicate":
                return f"{at}：{self.paper.name}第 {self.page} 页重复出现，请删去多余的一页。"
            case _:
                return f"{at}：没有识别出二维码。"


@dataclass(frozen=True, slots=True)
class Page:
    """One page that must be there: found, or what stands in its place."""

    page: int
    state: str
    version: int | None = None
    position: int | None = None

    @property
    def word(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Result:
    verdict: str
    sheets: tuple[Sheet, ...]
    pages: tuple[Page, ...]
    paper: Paper = Paper()

    @property
    def matched(self) -> int:
        return sum(page.state == MATCHED for page in self.pages)

    @property
    def stale_versions(self) -> tuple[int, ...]:
        return tuple(sorted({s.version for s in self.sheets if s.version is not None}))

    def count(self, state: str) -> int:
        return sum(sheet.state == state for sheet in self.sheets)

    @property
    def title(self) -> str:
        """The one line above everything."""
        total = len(self.pages)
        if self.verdict == MATCHED:
            return f"{total} 页全部相符"
        parts = [f"{self.matched} 页相符"]
        for state in (STALE, FOREIGN, DUPLICATE, OUT_OF_ORDER, UNREADABLE):
            if count := self.count(state):
                parts.append(f"{count} 页{WORDS[state]}")
        if missing := sum(page.state == MISSING for page in self.pages):
            parts.append(f"{missing} 页{WORDS[MISSING]}")
        return f"{self.paper.not_yet}：{total} 页中 " + "，".join(parts)

    @property
    def advice(self) -> str:
        """What to do about it."""
        if self.verdict == MATCHED:
            return self.paper.agrees
        said = []
        if stale := _numbers(p.page for p in self.pages if p.state == STALE):
            said.append(f"{self.paper.changed}，请重新打印第 {stale} 页并盖章。")
        if self.count(FOREIGN):
            said.append("文件中夹有其他文件的页面，请取出后重新上传。")
        if self.count(DUPLICATE):
            said.append("同一页只需扫描一次。")
        if self.count(OUT_OF_ORDER):
            said.append("请按页码顺序重新扫描。")
        if missing := _numbers(p.page for p in self.pages if p.state == MISSING):
            said.append(f"请补扫第 {missing} 页。")
        if self.verdict == BY_HAND:
            said.append(
                "二维码无法识别的页面，请以 300 dpi 重新扫描；"
                "仍无法识别的，可写明理由人工确认，并由主管部门复核。"
            )
        elif self.count(UNREADABLE):
            said.append("二维码无法识别的页面，请以 300 dpi 重新扫描。")
        return "".join(said)

    def as_dict(self) -> dict[str, Any]:
        """For storing with the scan; plain data only."""
        return {
            "verdict": self.verdict,
            "title": self.title,
            "advice": self.advice,
            "matched": self.matched,
            "sheets": [
                {
                    "position": s.position,
                    "state": s.state,
                    "page": s.page,
                    "version": s.version,
                    "sentence": s.sentence,
                    "word": s.word,
                }
                for s in self.sheets
            ],
            "pages": [
                {
                    "page": p.page,
                    "state": p.state,
                    "version": p.version,
                    "position": p.position,
                    "word": p.word,
                }
                for p in self.pages
            ],
        }


def match(
    read: Sequence[tuple[str | None, int | None]],
    *,
    code: str,
    pages: int,
    older: Mapping[str, int],
    paper: Paper = Paper(),
) -> Result:
    """Hold what was read against the version in force.

    ``read``: (verification code, page number) per page of the file, (None, None) where no code
    could be read. ``code`` and ``pages``: the paper in force. ``older``: codes of earlier
    versions of the same paper, with their version numbers.
    """
    if pages < 1:
        raise ValueError("a paper has at least one page")
    wanted = _fold(code)
    former = {_fold(one): version for one, version in older.items()}
    sheets: list[Sheet] = []
    seen: set[int] = set()
    highest = 0
    for position, (found, page) in enumerate(read, start=1):
        if found is None or page is None:
            sheets.append(Sheet(position, UNREADABLE, paper=paper))
        elif _fold(found) in former:
            sheets.append(Sheet(position, STALE, page, former[_fold(found)], paper))
        elif _fold(found) != wanted or not 1 <= page <= pages:
            sheets.append(Sheet(position, FOREIGN, paper=paper))
        elif page in seen:
            sheets.append(Sheet(position, DUPLICATE, page, paper=paper))
        else:
            seen.add(page)
            state = MATCHED if page > highest else OUT_OF_ORDER
            highest = max(highest, page)
            sheets.append(Sheet(position, state, page, paper=paper))
    expected = tuple(_expected(page, sheets) for page in range(1, pages + 1))
    return Result(_verdict(sheets, expected), tuple(sheets), expected, paper)


def _fold(code: str) -> str:
    return code.replace("-", "").strip().upper()


def _expected(page: int, sheets: Sequence[Sheet]) -> Page:
    """The best that the file offers for this page."""
    for state in (MATCHED, OUT_OF_ORDER, STALE):
        for sheet in sheets:
            if sheet.state == state and sheet.page == page:
                return Page(page, state, sheet.version, sheet.position)
    here = sheets[page - 1] if page <= len(sheets) else None
    if here is not None and here.state in (UNREADABLE, FOREIGN):
        return Page(page, here.state, None, here.position)
    return Page(page, MISSING)


def _verdict(sheets: Sequence[Sheet], pages: Sequence[Page]) -> str:
    if len(sheets) == len(pages) and all(sheet.state == MATCHED for sheet in sheets):
        return MATCHED
    readable = all(sheet.state in (MATCHED, UNREADABLE) for sheet in sheets)
    present = all(page.state in (MATCHED, UNREADABLE) for page in pages)
    if readable and present and len(sheets) == len(pages):
        return BY_HAND
    return REFUSED


def _numbers(pages: Iterable[int]) -> str:
    return "、".join(str(page) for page in pages)
