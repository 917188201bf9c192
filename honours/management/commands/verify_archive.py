"""``manage.py verify_archive FILE.zip``: whether an archive is as it was packed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from honours import checking


class Command(BaseCommand):
    help = "核对归档包：清单中的每个文件都在、内容没有改动、没有多出的文件；有不符时返回 1。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        found = checking.faults(options["file"])
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("归档包完整，全部文件与清单一致。")
