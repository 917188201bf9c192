"""``manage.py unseal``: what was restored is the real one from now on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import Refusal
from portal.backup import opening


class Command(BaseCommand):
    help = "启封由备份恢复的系统：此后照常发送消息、执行定时事项。记入审计。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, help="启封人姓名")
        parser.add_argument("--reason", required=True, help="理由")
        parser.add_argument(
            "--letters",
            required=True,
            choices=opening.WAYS,
            help="备份时待发送的消息："
            + "；".join(f"{way} {words}" for way, words in opening.WAYS.items()),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = opening.unseal(
                by=options["by"],
                reason=options["reason"],
                old_letters=options["letters"],
                at=timezone.now(),
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"已启封。备份时待发送的消息处理了 {count} 封（{options['letters']}）。")
