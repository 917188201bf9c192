"""Whether a scan is the 汇总表 in force: ``documents.matching`` in this room's words. Pure."""

from collections.abc import Mapping, Sequence

from documents import matching
from documents.matching import BY_HAND, MATCHED, REFUSED, Paper, Result

__all__ = ["BY_HAND", "MATCHED", "REFUSED", "SHEET", "match"]

SHEET = Paper(
    name="汇总表",
    whose="本单位本次名单的汇总表",
    changed="名单在打印后改过",
    not_yet="还不能报送",
    agrees="扫描件与系统中的名单逐页一致，可以报送。",
)


def match(
    read: Sequence[tuple[str | None, int | None]],
    *,
    code: str,
    pages: int,
    older: Mapping[str, int],
) -> Result:
    """Hold what was read against the sheet in force; as ``documents.matching.match``."""
    return matching.match(read, code=code, pages=pages, older=older, paper=SHEET)
