"""``manage.py restore FILE``: into an empty place, which then is sealed until ``unseal``."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import restoring as seal
from portal.backup import restoring
from portal.backup.errors import BackupError


class Command(BaseCommand):
    help = "把一份备份恢复到空的数据库和空的文件存储中，核对各项保证；恢复后封存，不发送任何消息。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        begun, at = time.monotonic(), timezone.now()
        try:
            found = restoring.restore(options["file"], at=at, say=self.stdout.write)
        except BackupError as error:
            raise CommandError(str(error)) from None
        seal.note_restore(name=options["file"].name, rows=found.rows, files=found.files, at=at)
        self.stdout.write(
            f"已恢复 {found.backup_at:%Y-%m-%d %H:%M:%S} UTC 的备份：{found.rows} 行，"
            f"{found.files} 个文件，{time.monotonic() - begun:.1f} 秒。"
            "已封存，启封前不发送任何消息。"
        )
        call_command("check_invariants", stdout=self.stdout)
