"""The publish gate against disguised credentials and personal numbers, and against plain texts."""

from __future__ import annotations

import random

from applications.content.synthetic import SENTENCES
from core import gate
from tests.proof.frame import Report, Watch

WORDS = ("密码", "初始密码", "登录口令", "口令", "Password", "PASSWD", "pwd")
ACCOUNTS = ("账号", "帐号", "账户", "用户名", "登录名", "username")
HIDDEN = ("\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u202e", "\u0301", "\x01")
FULL = {ord(c): ord(c) + 0xFEE0 for c in map(chr, range(0x21, 0x7F))}
CLEAN = (
    "请使用激活链接开通账号，链接72小时内有效。",
    "忘记密码的，可在登录页找回。",
    "商用密码应用安全性评估报告作为附件上传。",
    "联系电话：010-00000000，传真同号。",
    "统一社会信用代码91990100MADEM0110B，项目编号JB-2021-000123。",
    "总投资13800万元，建设期2021-11-15至2023-11-15。",
    "口令破解防护能力达到设计指标。",
    "账号实行实名管理，一人一号。",
)


def prove(report: Report, *, seconds: float) -> None:
    watch, draw = Watch(min(seconds, 60)), random.Random(report.name)
    while not watch.is_up and int(report.figures.get("disguised texts", 0)) < 20_000:
        one(report, draw)


def one(report: Report, draw: random.Random) -> None:
    """A text that must not go out, in some disguise, and one that may."""
    around = draw.choice(SENTENCES), draw.choice(SENTENCES)
    text = f"{around[0]}{disguised(secret(draw), draw)}\n{around[1]}"
    found = gate.problems(text)
    report.expect(bool(found), f"went through: {text!r}")
    report.count("disguised texts")
    report.count("of them stopped", bool(found))
    fair = f"{around[0]}{draw.choice(CLEAN)}{around[1]}"
    report.expect(not gate.problems(fair), f"was stopped: {fair!r} {gate.problems(fair)}")
    report.count("plain texts")


def secret(draw: random.Random) -> str:
    sign = draw.choice([":", "：", "=", "为", "是"])
    number = str(draw.randrange(10**8, 10**9))
    kinds = (
        f"{draw.choice(WORDS)}{sign}Jb{number}",
        f"{draw.choice(ACCOUNTS)}{draw.choice([':', '：', '='])}user{number}",
        f"1{draw.choice('3456789')}{number}",
        f"{number[:6]}19800101{number[:3]}X",
    )
    return draw.choice(kinds)


def disguised(text: str, draw: random.Random) -> str:
    """Letters of full width, invisible ones in between, other case: nobody sees a difference."""
    out = []
    for c in text:
        out.append(c.translate(FULL) if draw.random() < 0.3 else c)
        if draw.random() < 0.2:
            out.append(draw.choice(HIDDEN))
    return "".join(out)
