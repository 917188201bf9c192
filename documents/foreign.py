"""Asks a child process about a file from outside, and turns its answer into words. Pure."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.errors import Refusal

SANDBOX = Path(__file__).with_name("sandbox.py")

WORDS = {
    "encrypted": (
        "encrypted-file",
        "文件{name}设有打开密码，系统无法读取。请去掉密码后重新上传。",
    ),
    "damaged": (
        "damaged-file",
        "文件{name}无法打开，可能已损坏或没有保存完整。请重新导出或扫描后上传。",
    ),
    "pages": ("too-many-pages", "文件{name}超过 {most_pages} 页，请拆分后上传。"),
    "rows": ("too-many-rows", "表格{name}超过 {most_pages} 行，请删去多余的行后上传。"),
    "pixels": ("too-large-picture", "图片{name}的尺寸过大，请以不高于 600 dpi 重新扫描后上传。"),
    "active": (
        "active-content",
        "文件{name}含有脚本或自动执行的动作，不能上传。请在原软件中另存或打印为普通 PDF 后上传。",
    ),
    "embedded": (
        "embedded-files",
        "文件{name}里夹带了其他文件，审阅时看不到，不能上传。请把夹带的文件单独上传。",
    ),
    "slow": ("unreadable-file", "文件{name}过于复杂，无法在规定时间内读取。请重新扫描后上传。"),
}


def ask(
    act: str,
    data: bytes,
    *,
    media_type: str,
    name: str,
    most_pages: int,
    seconds: int,
    more: tuple[str, ...] = (),
) -> dict[str, Any]:
    """What the child found. Raises ``Refusal`` for what it could not read.

    ``more`` are further arguments of the act.

    The child has limits of its own (processor time, memory, nothing written); ``seconds`` bounds
    the wait. A child that dies without an answer met a damaged or hostile file.
    """
    shown = f"“{name}”" if name else ""
    command = [sys.executable, "-I", str(SANDBOX), act, media_type, str(most_pages), *more]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise _refusal("slow", shown, most_pages) from None
    if done.returncode != 0:
        raise _refusal("damaged", shown, most_pages)
    answer: dict[str, Any] = json.loads(done.stdout)
    if reason := answer.get("error"):
        raise _refusal(reason, shown, most_pages)
    return answer


def refusal(reason: str, name: str, most_pages: int) -> Refusal:
    """The refusal for one of ``WORDS`` about the file of this name."""
    return _refusal(reason, f"“{name}”" if name else "", most_pages)


def _refusal(reason: str, shown: str, most_pages: int) -> Refusal:
    code, words = WORDS[reason]
    return Refusal(code, words.format(name=shown, most_pages=most_pages), status=422)
