"""The command line of `dev.py`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from dev_tools import bench, checks, cluster, compendium, demo, drill, proof, storm
from dev_tools.ground import DevError, say


def parser() -> argparse.ArgumentParser:
    """All commands and options; `python3 dev.py COMMAND --help` shows them."""
    top = argparse.ArgumentParser(
        prog="dev.py", description="Run Jiebang on this machine, or test it."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo.add_command(commands)
    checks.add_command(commands)
    compendium.add_command(commands)
    proof.add_command(commands)
    cluster.add_command(commands)
    storm.add_command(commands)
    drill.add_command(commands)
    bench.add_command(commands)
    return top


def _as_interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", line_buffering=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _as_interrupt)
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except DevError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130
