"""A worker leaves the processors to the web."""

import os
import subprocess
import sys

from portal import celery

ASK = "import os; from portal.celery import settle; settle(); print(os.nice(0))"


def test_a_worker_takes_what_the_web_processes_leave():
    asked = [sys.executable, "-c", ASK]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    assert int(said.stdout) == min(os.nice(0) + celery.NICENESS, 19)
