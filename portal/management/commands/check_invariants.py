"""``manage.py check_invariants``: what docs/reliability.md promises, read from the data."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.services import verify
from portal import invariants


class Command(BaseCommand):
    help = "核对 R1–R13 中能从数据读出的各项；有不符时逐条列出，返回 1。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--without-files", action="store_true", help="不逐个读取已存文件（文件很多时）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        leave_out = invariants.READS_FILES if options["without_files"] else frozenset()
        problems = invariants.run(leave_out=leave_out)
        for problem in problems:
            self.stdout.write(str(problem))
        seconds = time.monotonic() - started
        checks = len(invariants.CHECKS) - len(leave_out)
        if problems:
            raise CommandError(f"{checks} 项核对，{len(problems)} 处不符（{seconds:.1f} 秒）")
        verdict = verify()
        self.stdout.write(
            f"{checks} 项核对，全部相符（{seconds:.1f} 秒）；"
            f"审计链 {verdict.length} 条，未入链 {verdict.tail} 条"
        )
