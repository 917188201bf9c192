"""Files as people upload them, and what is said when one is refused."""

import io
import zipfile

import openpyxl
import pytest
from PIL import Image

from core.errors import Refusal
from documents import uploads


def picture(form: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, form)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["方向", "细分领域"])
    book.save(out)
    return out.getvalue()


def refusal(data: bytes, name: str, **options) -> Refusal:
    with pytest.raises(Refusal) as refused:
        uploads.check_upload(data, name, **options)
    assert refused.value.status == 422
    assert uploads.safe_name(name) in refused.value.message
    return refused.value


def plain_zip(**entries: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, text in entries.items():
            book.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return out.getvalue()
