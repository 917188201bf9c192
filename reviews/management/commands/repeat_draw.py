"""``manage.py repeat_draw FILE``: make a draw again from its record alone, without the database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reviews import drawing, drawrecord

MOST_BYTES = 200 * 1024 * 1024


class Command(BaseCommand):
    help = "只凭抽取记录（JSON）复算专家抽取，逐项说明相符或不符；不读数据库。不符时返回 1。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="抽取记录.json")

    def handle(self, *args: Any, **options: Any) -> None:
        record = _read(options["file"])
        pairs = drawing.apart(record["pairs"])
        found = drawing.differences(
            record["inputs"],
            seed=record["seed"],
            commitment=record["commitment"],
            fingerprint=record["fingerprint"],
            pairs=pairs,
            outcome_fingerprint=record["outcome_fingerprint"],
        )
        if record["solver"] != drawing.solver():
            self.stdout.write(f"求解程序：记录为 {record['solver']}，现为 {drawing.solver()}")
        for one in found:
            self.stdout.write(f"不符：{one}")
        if found:
            raise CommandError(f"复算不符，{len(found)} 处")
        filed, able = (len(record["inputs"][name]) for name in ("applications", "experts"))
        self.stdout.write(
            f"相符：{filed} 份申报书、{able} 名专家、{len(pairs)} 项分配，"
            f"承诺值、输入指纹、结果指纹与逐对复算一致；另有手工调整 "
            f"{len(record['adjustments'])} 处，不在抽取之列"
        )


def _read(path: Path) -> dict[str, Any]:
    """Raises ``CommandError`` for anything that is not a whole record."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CommandError("文件过大，不是抽取记录。")
        record = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"读不了这个文件：{error}") from error
    wanted = {
        "inputs": dict, "pairs": list, "adjustments": list, "seed": str, "commitment": str,
        "fingerprint": str, "outcome_fingerprint": str, "solver": str,
    }  # fmt: skip
    whole = isinstance(record, dict) and all(
        isinstance(record.get(name), kind) for name, kind in wanted.items()
    )
    if not whole or record.get("format") != drawrecord.FORMAT:
        raise CommandError(f"不是抽取记录（应为 {drawrecord.FORMAT}）。")
    if not record["seed"]:
        raise CommandError("记录中没有种子：分配尚未下发。")
    return dict(record)
