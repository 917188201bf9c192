"""``manage.py backup FILE``, or ``--into FOLDER --every HOURS`` as a process that stays."""

import signal
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from django.utils import timezone

from audit import restoring
from portal.backup import making
from portal.backup.errors import BackupError

LOOK_SECONDS = 60
"""How often the process that stays looks whether a backup is due; also how soon it tries again."""


class Command(BaseCommand):
    help = "备份数据库和文件，加密为一个文件；或定期备份到一个文件夹。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="备份文件，不得已存在")
        parser.add_argument("--into", type=Path, help="文件夹；文件名含时间")
        parser.add_argument(
            "--every", type=float, metavar="小时", help="与 --into 一起：不停止，定期备份"
        )
        parser.add_argument("--keep", type=int, default=14, help="--into 中保留最近几份（14）")
        parser.add_argument("--check", action="store_true", help="不备份，只读出一份备份并核对")

    def handle(self, *args: Any, **options: Any) -> None:
        file, folder = options["file"], options["into"]
        if (file is None) == (folder is None):
            raise CommandError("请给出一个备份文件，或用 --into 给出文件夹。")
        try:
            if options["check"]:
                if file is None:
                    raise CommandError("请给出要核对的备份文件。")
                about = making.look(file)
                self.stdout.write(f"备份完好：{about['made_at']}，{about['files']} 个文件")
            elif folder is None:
                self._make(file)
            elif options["every"] is None:
                self._into(folder, options["keep"])
            else:
                self._stay(folder, timedelta(hours=options["every"]), options["keep"])
        except BackupError as error:
            raise CommandError(str(error)) from None

    def _make(self, file: Path) -> None:
        at = timezone.now()
        made = making.make(file, at=at)
        restoring.note_backup(name=file.name, size=made.size, files=made.files, at=at)
        self.stdout.write(
            f"{made.path}：{made.size / 1e6:.1f} MB（数据库 {made.database / 1e6:.1f} MB，"
            f"{made.files} 个文件），{made.seconds:.1f} 秒"
        )

    def _into(self, folder: Path, keep: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._make(folder / making.name(timezone.now()))
        making.clear(folder, keep=keep)

    def _stay(self, folder: Path, every: timedelta, keep: int) -> None:
        """A backup whenever the newest is too old; what fails is said and tried again."""
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
        while True:
            try:
                if making.due(folder, every=every, at=timezone.now()):
                    self._into(folder, keep)
            except (BackupError, Error, OSError) as error:
                self.stderr.write(f"没有备份成：{error}")
            connection.close()
            time.sleep(LOOK_SECONDS)
