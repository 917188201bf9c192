"""A sample of the proof (``python3 dev.py proof gate`` is the whole of it)."""

import random

import pytest

from core import gate
from core.errors import Refusal
from outcomes import rules
from tests.proof import gate as proof
from tests.proof.frame import Report


def test_no_disguise_takes_a_secret_out_and_no_plain_text_is_stopped():
    report, draw = Report("gate"), random.Random(20211130)
    for _ in range(1500):
        proof.one(report, draw)
    assert report.holds, report.words()


@pytest.mark.parametrize(
    "text",
    [
        "初始密码：Abc12345",
        "密\u200b码：Abc12345",
        "Ｐａｓｓｗｏｒｄ：abc",
        "密 码 = abc",
        "账号为jb001",
        "帐户：jb001",
        "手机138-0013-8000",
        "１３８００１３８０００",
        "身份证430100 19800101 123X",
    ],
)
def test_what_may_not_go_out_is_stopped(text):
    with pytest.raises(Refusal, match="不能发布"):
        gate.must_be_clean(text, act="发布")


@pytest.mark.parametrize("text", ["登录账号为jb001", "密\u200b码：Abc12345", "ｐｗｄ＝１"])
def test_a_published_list_goes_through_the_same_gate(text):
    with pytest.raises(Refusal) as refused:
        rules.without_credentials("公告", text)
    assert refused.value.code == "credentials"
