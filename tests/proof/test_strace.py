"""How a trace is judged; drawing under ``strace`` itself is ``python3 dev.py proof strace``."""

from pathlib import Path

import pytest

from tests.proof import strace
from tests.proof.frame import Report

OWN = strace.OWN[0] + "paper.css"
PLAIN = [
    '7 openat(AT_FDCWD, "/usr/lib/python3/x.py", O_RDONLY) = 3',
    "7 connect(3, {sa_family=AF_INET, sin_port=htons(53)}, 16) = 0",
    '7 openat(AT_FDCWD, "/jiebang-begin/0", O_RDONLY) = -1 ENOENT (No such file)',
    f'7 openat(AT_FDCWD, "{OWN}", O_RDONLY|O_CLOEXEC) = 4',
    '9 connect(5, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = -1 ENOENT',
    '7 openat(AT_FDCWD, "/jiebang-end/0", O_RDONLY) = -1 ENOENT (No such file)',
    '7 openat(AT_FDCWD, "/etc/localtime", O_RDONLY) = 4',
]


def judged(*lines: str) -> Report:
    """A trace in which the first document did this, and the others nothing."""
    report, secret = Report("strace"), Path("/tmp/secret")
    rest = [
        f'7 openat(AT_FDCWD, "{mark}{n}", O_RDONLY) = -1'
        for n in range(1, len(strace.documents(secret, 1)))
        for mark in (strace.BEGIN, strace.END)
    ]
    trace = strace.read([*PLAIN[:4], *lines, *PLAIN[4:], *rest])
    answers = dict.fromkeys(range(len(strace.documents(secret, 1))), "refused")
    strace.judge(report, trace, answers, secret)
    return report


def test_what_lies_outside_the_marks_and_our_own_files_are_nothing_to_wonder_at():
    report = judged()
    assert report.holds, report.words()
    assert report.figures["documents"] == len(strace.WAYS) * 14
    assert report.figures["files opened by them"] == 1


@pytest.mark.parametrize(
    "line",
    [
        '8 openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 6',
        '8 open("/etc/passwd", O_RDONLY) = -1 EACCES (Permission denied)',
        f'8 openat(AT_FDCWD, "{strace.OWN[0]}../../portal/settings.py", O_RDONLY) = 6',
        '8 connect(6, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16)',
        "8 connect(6, {sa_family=AF_INET6, sin6_port=htons(9)}, 28) = -1 ECONNREFUSED",
        '8 sendto(6, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(53)}, 16) = 1',
    ],
)
def test_a_document_that_reached_outside_is_found(line):
    report = judged(line)
    assert report.wrongs == 1, report.words()


def test_a_document_that_was_not_traced_is_found():
    secret = Path("/tmp/secret")
    report = Report("strace")
    strace.judge(report, strace.read(PLAIN), {}, secret)
    assert not report.holds
