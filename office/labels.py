"""数据分级清单: the class of each column that holds words, documents or figures.

``labels.toml`` names them, table by table; ``tests/office/test_labels.py`` holds it complete.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db import models

from core import labels
from core.labels import Label
from documents import workbook

FILE = Path(__file__).with_name("labels.toml")
KINDS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.DecimalField,
    models.FileField,
)
COLUMNS = (("类别", 12), ("模块", 16), ("表", 26), ("字段", 26), ("代码名", 44))


FIELDS = {
    "app_label": "模块代号",
    "digest": "指纹",
    "get_data": "查询参数",
    "http_accept": "接受的格式",
    "idempotency_key": "提交凭证",
    "key": "密钥",
    "mask": "随机掩码",
    "name": "名称",
    "path_info": "地址",
    "post_data": "提交内容",
    "public_id": "公开编号",
    "recipients": "收件人指纹",
    "returned_from": "退回前的状态",
    "salt": "盐值",
    "seed": "随机种子",
    "session_hash": "会话指纹",
    "sketch": "文本特征",
    "token": "令牌",
    "token_hash": "令牌指纹",
    "user_agent": "浏览器标识",
    "username": "账号",
    "voided_from": "作废前的状态",
    "what": "提醒事项",
}
TABLES = {
    "audit.Head": "审计链头",
    "axes.AccessAttempt": "登录尝试",
    "axes.AccessFailureLog": "登录失败记录",
    "axes.AccessLog": "登录记录",
    "otp_static.StaticDevice": "恢复码（旧）",
    "otp_static.StaticToken": "恢复码（旧）",
    "otp_totp.TOTPDevice": "身份验证器（旧）",
}
ROOMS = {"axes": "登录保护", "otp_static": "两步验证", "otp_totp": "两步验证"}
"""Names for what has none in Chinese: of libraries, and of columns that no form shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One column of one table, by the names that people and the database know."""

    label: Label
    room: str
    table: str
    field: str
    name: str


@cache
def given() -> dict[str, Label]:
    """``app.Model.field`` → class, as the file says. Raises ``ValueError`` for one named twice."""
    found: dict[str, Label] = {}
    for table, classes in tomllib.loads(FILE.read_text("utf-8")).items():
        for label, names in classes.items():
            for name in names:
                if f"{table}.{name}" in found:
                    raise ValueError(f"{table}.{name} has two classes")
                found[f"{table}.{name}"] = Label(label)
    return found


def columns() -> Iterator[tuple[str, models.Field, type[models.Model]]]:
    """Every column that needs a class: free words, documents, figures; not choices and dates."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, KINDS) and not field.choices:
                yield f"{model._meta.label}.{field.name}", field, model


def rows(*, label: str = "") -> list[Row]:
    """The list, of one class or of all."""
    known = given()
    return [
        Row(
            known[name],
            ROOMS.get(model._meta.app_label, str(model._meta.app_config.verbose_name)),
            TABLES.get(model._meta.label, str(model._meta.verbose_name)),
            _field(field),
            name,
        )
        for name, field, model in columns()
        if label in ("", known[name])
    ]


def _field(field: models.Field) -> str:
    said = str(field.verbose_name)
    return FIELDS.get(field.name, said) if said.isascii() else said


def sheet(*, label: str, name: str, unit: str, at: datetime) -> bytes:
    shown = Label(label).words if label else "全部"
    return workbook.workbook(
        "数据分级清单",
        COLUMNS,
        [[one.label.words, one.room, one.table, one.field, one.name] for one in rows(label=label)],
        foot=[
            *workbook.taken(name=name, unit=unit, at=at, shown=shown),
            labels.line(Label.INTERNAL),
        ],
    )
