"""``check_storage`` says whether a place for files serves, and leaves nothing there."""

import io

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command

from documents import probing


def said() -> str:
    out = io.StringIO()
    call_command("check_storage", stdout=out)
    return out.getvalue()


def test_a_folder_that_serves_holds_in_every_step(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert "6 项全部相符" in said()
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_bucket_that_serves_holds_in_every_step_and_is_empty_again(door):
    words = said()
    assert "7 项全部相符" in words and "没有密钥的人读不到：相符" in words
    assert door.objects == door.parts == {}


def test_a_bucket_that_anybody_can_read_is_told(door):
    door.public = True
    with pytest.raises(CommandError, match="没有密钥也能读到文件"):
        said()
    assert door.objects == {}


@pytest.mark.parametrize(
    ("refused", "step"),
    [({"PUT"}, "写入 1 KB 并读回"), ({"DELETE"}, "删除"), ({"POST"}, "写入 9 MB")],
)
def test_what_the_bucket_does_not_do_is_named(door, refused, step):
    door.refuse = refused
    with pytest.raises(CommandError, match=f"^{step}.*不符.*SlowDown"):
        said()


def test_a_bucket_that_hangs_up_is_told(door):
    door.away = True
    with pytest.raises(CommandError, match="写入 1 KB 并读回：不符"):
        said()


class Overwriting(FileSystemStorage):
    def get_available_name(self, name, max_length=None):
        self.delete(name)
        return name


class Forgetting(FileSystemStorage):
    def listdir(self, path):
        return [], []


class Keeping(FileSystemStorage):
    def delete(self, name):
        pass


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (Overwriting, "同名文件不被覆盖"),
        (Forgetting, "列出文件"),
        (Keeping, "删除"),
    ],
)
def test_a_place_that_behaves_oddly_is_named(settings, tmp_path, kind, step):
    settings.MEDIA_ROOT = tmp_path
    backend = {"BACKEND": f"{__name__}.{kind.__name__}"}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    with pytest.raises(CommandError, match=f"^{step}：不符"):
        said()


def test_nothing_else_is_tried_after_a_step_that_does_not_hold(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "nothing"
    settings.MEDIA_ROOT.touch()
    (only,) = probing.steps()
    assert only.words == "写入 1 KB 并读回" and only.wrong
