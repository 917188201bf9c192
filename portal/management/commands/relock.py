"""``manage.py relock``: everything that is locked in the database, under the first key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.services import Actor
from core.locking import Locked
from documents import relocking


class Command(BaseCommand):
    help = (
        "把库中加密保存的密钥（身份验证器、电子签章私钥）改用 JIEBANG_SEAL_KEY 的第一把加密，"
        "此后旧的可以撤下。有一条打不开就一条也不改，逐条列出，返回 1。记入审计。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, help="办理人姓名")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = relocking.relock(actor=Actor(options["by"]), at=timezone.now())
        except Locked:
            for name in relocking.shut():
                self.stdout.write(f"{name}：JIEBANG_SEAL_KEY 里没有打得开它的密钥")
            raise CommandError("有打不开的密钥，没有改动任何一条。") from None
        self.stdout.write(f"已改用第一把密钥：{count} 条。现在可以撤下旧的密钥。")
