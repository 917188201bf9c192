"""A programme's file chosen, uploaded or pasted; its faults are told by line and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from calls import programme as programmes
from calls.models import Call
from calls.programme import Programme, ProgrammeError
from calls.programme.telling import Told, told
from calls.versions import Origin, Source
from office.forms import choose

MOST_BYTES = 1024 * 1024


class EditionForm(forms.Form):
    """Where the rules come from. An upload goes before a text, a text before the catalogue.

    ``read`` and ``source`` are there once the form is valid, ``faults`` when the file has
    any. What was uploaded comes back as text, so that nothing is lost and it can be mended here.
    """

    programme = forms.ChoiceField(label="方案目录", required=False)
    file = forms.FileField(
        label="上传方案文件", required=False, help_text="TOML 文件，UTF-8 编码，不超过 1 MB"
    )
    text = forms.CharField(
        label="方案文件内容",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "jb-source"}),
        help_text="可以直接粘贴或在此修改；有内容时以这里为准",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.faults: list[Told] = []
        self.read: Programme | None = None
        self.source: Source | None = None
        choose(self, "programme", [("", "不用目录中的文件"), *_catalogue()])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload, text = data.get("file"), data.get("text") or ""
        code = data.get("programme") or ""
        if self.errors:
            return data
        if upload:
            self._read_upload(upload)
        elif text.strip():
            self._read(text, Source(Origin.PASTE, "粘贴的文件.toml", text))
        elif code:
            text = programmes.catalogue()[code].read_text("utf-8")
            self._read(text, Source.of_catalogue(code, text), path=programmes.catalogue()[code])
        else:
            self.add_error("programme", "请从目录中选择，或上传、粘贴一个方案文件")
        return data

    def _read_upload(self, upload: UploadedFile) -> None:
        if (upload.size or 0) > MOST_BYTES:
            self.add_error("file", "文件超过 1 MB，不是方案文件")
            return
        name = Path(upload.name or "").name[-120:] or "方案.toml"
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", "文件不是 UTF-8 编码，请另存为 UTF-8 后再上传")
            return
        if "\0" in text:
            self.add_error("file", "文件里有空字符，不是文本文件，请重新选择")
            return
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["text"] = text  # type: ignore[index]
        self._read(text, Source(Origin.UPLOAD, name, text))

    def _read(self, text: str, source: Source, *, path: Path | None = None) -> None:
        try:
            self.read = (
                programmes.read(path) if path else programmes.read_text(text, name=source.name)
            )
            self.source = source
        except ProgrammeError as error:
            self.faults = told(error.problems, text)
            many = len(self.faults)
            self.add_error(
                None, f"方案文件有 {many} 处不对，逐处列在下面；内容已保留，改好后再预览"
            )


class NewCallForm(EditionForm):
    code = forms.SlugField(
        label="批次代号",
        max_length=60,
        help_text="小写字母、数字和连字符，出现在网址中，例如 2022-jiebang",
    )
    title = forms.CharField(
        label="批次名称", max_length=120, required=False, help_text="不填时用方案文件的名称"
    )
    rehearsal = forms.BooleanField(
        label="演练批次", required=False, help_text="可以拨动时钟，不对外显示为正式批次"
    )

    field_order = ("programme", "code", "title", "rehearsal", "file", "text")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Call.objects.filter(code=code).exists():
            raise forms.ValidationError(f"已有代号为“{code}”的批次，请换一个代号")
        return code


class NewVersionForm(EditionForm):
    note = forms.CharField(
        label="改动说明", max_length=300, required=False, help_text="写给审批人看，可以不填"
    )


def _catalogue() -> list[tuple[str, str]]:
    return [
        (code, f"{programmes.read(path).title}（{code}）")
        for code, path in sorted(programmes.catalogue().items())
    ]
