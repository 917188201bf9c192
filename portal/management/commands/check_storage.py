"""``manage.py check_storage``: whether the place for files does what the portal asks of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents import probing


class Command(BaseCommand):
    help = "在文件存储中写入、读回、列出、删除试验文件；有一项不符时说明原因，返回 1。"

    def handle(self, *args: Any, **options: Any) -> None:
        held = 0
        for step in probing.steps():
            if step.wrong:
                raise CommandError(f"{step.words}：不符。{step.wrong}")
            self.stdout.write(f"{step.words}：相符（{step.seconds * 1000:.0f} 毫秒）")
            held += 1
        self.stdout.write(f"{held} 项全部相符，试验文件已删除")
