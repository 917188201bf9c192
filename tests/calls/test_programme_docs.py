"""The documented schema and the code name the same keys, words, defaults and messages."""

import re
from enum import StrEnum
from pathlib import Path

import pydantic
import pytest

from calls import programme as programmes
from calls.programme import base, directions, form, parts, shape
from tests.calls.test_programme_faults import CASES

TEXT = (Path(__file__).parents[2] / "docs" / "programme-file.md").read_text("utf-8")
MODULES = (base, form, directions, parts, shape)


def defined(kind: type) -> dict[str, type]:
    """Every class of a kind that our modules define, less the private ones."""
    return {
        name: item
        for module in MODULES
        for name, item in vars(module).items()
        if isinstance(item, type) and issubclass(item, kind) and item.__module__ == module.__name__
        if not name.startswith("_") and item is not base.Spec
    }


MODELS = defined(pydantic.BaseModel)
WORDS = defined(StrEnum)


def rows(lines: list[str]) -> list[list[str]]:
    """The cells of the first table below, without its head."""
    table: list[list[str]] = []
    for line in lines:
        if line.startswith("| `"):
            table.append([cell.strip() for cell in line.strip("|\n ").split(" | ")])
        elif table:
            break
    return table


def documented(name: str) -> dict[str, list[str]]:
    """Key to the rest of its row, in the table under the line that introduces a model."""
    lines = TEXT.splitlines()
    starts = [
        number
        for number, line in enumerate(lines)
        if re.search(rf"`{name}`:?$", line) and not line.startswith("|")
    ]
    assert len(starts) == 1, f"{name} is introduced {len(starts)} times"
    return {row[0].strip("`"): row[1:] for row in rows(lines[starts[0] + 1 :])}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_documented_keys_are_the_models_keys(name: str) -> None:
    assert set(documented(name)) == set(MODELS[name].model_fields)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_what_is_required_is_documented_as_required(name: str) -> None:
    told = {key for key, row in documented(name).items() if row[1] == "**required**"}
    fields = MODELS[name].model_fields
    assert told == {key for key, field in fields.items() if field.is_required()}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_simple_defaults_are_documented(name: str) -> None:
    for key, row in documented(name).items():
        default = MODELS[name].model_fields[key].get_default(call_default_factory=True)
        if isinstance(default, bool):
            assert row[1] == str(default).lower(), key
        elif isinstance(default, int):
            assert row[1] == str(default), key
        elif isinstance(default, str) and default:
            assert row[1] == f"`{default}`", key


@pytest.mark.parametrize("name", sorted(WORDS))
def test_every_word_stands_in_one_table_of_its_own(name: str) -> None:
    wanted = {str(word) for word in WORDS[name]}
    tables = re.findall(r"\| Word \| Meaning \|\n\|---\|---\|\n((?:\|.*\n)+)", TEXT)
    found = [set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) for table in tables]
    assert wanted in found


def test_the_profile_keys_are_documented() -> None:
    line = re.search(r"^`prefill`: (.*)\.$", TEXT, re.MULTILINE)
    assert line is not None
    assert set(re.findall(r"`(\w+)`", line[1])) == set(form.PREFILL)


def test_the_documented_messages_are_those_that_are_given() -> None:
    table = TEXT.split("| Message | What to do |")[1].split("\n\n")[0]
    messages = re.findall(r"^\| ([^-|]+) \|", table, re.MULTILINE)
    assert len(messages) > 20
    given = [what for _, _, _, what in CASES]
    for message in messages:
        assert any(message in what or what in message for what in given), message


def test_the_complete_file_can_be_used(tmp_path: Path) -> None:
    block = re.search(r"```toml\n# complete\n(.*?)```", TEXT, re.DOTALL)
    assert block is not None
    path = tmp_path / "sample.toml"
    path.write_text(block[1], "utf-8")
    programme = programmes.read(path)
    assert programme.code == "sample"
    assert [section.key for section in programme.sections] == ["unit", "scene", "indicators"]
