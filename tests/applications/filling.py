"""Fills any programme's form as a person would, through its pages."""

from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfWriter

from applications.models import Application
from calls.programme import Field, FieldType, Section
from tests import world


def value(asked) -> str | list[str]:
    """A right answer to one question."""
    kind = asked.type
    if kind in (FieldType.TEXT, FieldType.LONGTEXT):
        text = f"示例{asked.label}"
        while asked.min_chars and len(text) < asked.min_chars:
            text += "内容"
        return text[: asked.max_chars] if asked.max_chars else text
    if kind in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT):
        return str(asked.minimum if asked.minimum is not None else 1)
    return {
        FieldType.DATE: date(2015, 3, 1).isoformat(),
        FieldType.MONTH: "2021-12",
        FieldType.REGION: "430100",
        FieldType.INDUSTRY: "3983",
        FieldType.USCC: world.uscc(77),
        FieldType.PHONE: "000-00000000",
        FieldType.EMAIL: "name@example.org",
        FieldType.BOOLEAN: "false",
    }.get(kind) or (
        [asked.choices[0].key] if kind == FieldType.MULTICHOICE else asked.choices[0].key
    )


def section_data(section: Section) -> dict:
    """What a person posts for a whole section."""
    found: dict = {}
    for field in section.fields:
        found |= field_data(field)
    return found


def field_data(field: Field) -> dict:
    if field.type == FieldType.COMPUTED:
        return {}
    if field.type == FieldType.INDICATORS:
        return {
            "own-0-name": "芯片温漂",
            "own-0-unit": "%",
            "own-0-current": "0.05",
            "own-0-target": "0.02",
            "own-0-method": "恒温箱",
        }
    if field.type == FieldType.ROWS:
        rows = max(field.min_rows, 1 if field.required and not field.show_if else 0)
        rows = 0 if field.show_if else rows
        return {
            f"{field.key}-{row}-{column.key}": value(column)
            for row in range(rows)
            for column in field.columns
            if column.type != FieldType.COMPUTED
        }
    if field.type == FieldType.YEAR_TABLE:
        return {
            f"{field.key}-{year}-{column.key}": value(column)
            for year in field.years
            for column in field.columns
            if column.type != FieldType.COMPUTED
        }
    if field.show_if:
        return {}
    return {field.key: value(field)}


def pdf(pages: int = 2, *, password: str = "", mark: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    if mark:
        writer.add_metadata({"/Title": mark})
    if password:
        writer.encrypt(password)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def upload(name: str = "示例.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if data is None else data)


def url(name: str, application: Application, *args) -> str:
    return reverse(f"applications:{name}", args=[application.public_id, *args])


def save(client, application: Application, key: str, data: dict, *, action: str = "save"):
    version = application.sections.get(key=key).version
    return client.post(
        url("section", application, key), {**data, "version": version, "action": action}
    )


def complete(client, application: Application) -> None:
    """Fill every section and upload every required file through the pages."""
    programme = application.call.programme
    for section in programme.sections:
        answer = save(client, application, section.key, section_data(section))
        assert answer.status_code == 302, (section.key, answer.status_code)
    for kind in programme.attachments:
        if kind.required and not kind.condition:
            answer = client.post(
                url("attach", application, kind.key), {"file": upload(f"{kind.title}.pdf")}
            )
            assert answer.status_code == 302, kind.key


def submit(client, application: Application, *, key: str | None = None, agree: bool = True):
    """Press 提交申报书 on the check page as it stands now."""
    page = client.get(url("check", application))
    posted = {"key": key or page.context["key"], "seen": page.context["seen"]}
    if agree:
        posted["agree"] = "1"
    return client.post(url("submit", application), posted)
