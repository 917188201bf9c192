"""`dev.py verify-compendium`: the policy compendium against numbers counted by hand."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from dev_tools import machine
from dev_tools.ground import DevError, run_aloud, tail


def add_command(commands: Any) -> None:
    """Register `verify-compendium`."""
    command: argparse.ArgumentParser = commands.add_parser(
        "verify-compendium",
        help="check the policy compendium of January 2022 (a file of your own)",
        description="Parse and import FILE into a database that is thrown away, and compare it "
        "with numbers counted by hand. No part of `test`: the file is not in the project.",
    )
    command.add_argument("file", type=Path, metavar="FILE")
    command.set_defaults(run=verify)


def verify(options: argparse.Namespace) -> int:
    """0 when everything agrees, 1 when something differs or the file cannot be read."""
    file: Path = options.file.resolve()
    if not file.is_file():
        raise DevError(f"{file} is no file")
    machine.prepare("dev")
    env = machine.clean_env()
    with tempfile.TemporaryDirectory() as folder:
        env |= {"JIEBANG_VAR": folder, "DATABASE_URL": f"sqlite:///{folder}/library.sqlite3"}
        for words in (["migrate", "-v0"], ["verify_compendium", str(file)]):
            done = run_aloud([machine.PYTHON, "manage.py", *words], env=env)
            if done.returncode:
                raise DevError(f"manage.py {words[0]} failed:\n{tail(done.stdout)}")
    return 0
