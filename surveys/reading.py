"""From a file to a survey and back to JSON. Pure. A doubt is an error naming file and key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydantic

from calls.programme import Problem, ProgrammeError
from calls.programme.reading import HINTS, faults, load
from surveys.spec import Survey, problems_of

CATALOGUE = Path(__file__).resolve().parent / "catalogue"
SurveyError = ProgrammeError


def read(path: Path | str) -> Survey:
    """The survey in a file, or ``SurveyError`` naming each fault with file and key."""
    path = Path(path)
    return _validated(load(path), path)


def catalogue(folder: Path = CATALOGUE) -> dict[str, Path]:
    """Code to path of every survey file."""
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        code = load(path).get("code")
        if not isinstance(code, str):
            raise SurveyError(path, [Problem("code", "missing", HINTS["missing"])])
        if code in found:
            what = f"code {code!r} is already used by {found[code]}"
            raise SurveyError(path, [Problem("code", what, "代号重复")])
        found[code] = path
    return found


def to_rules(survey: Survey) -> dict[str, Any]:
    """What is copied at opening: JSON-safe, decimals as text, days as ISO dates."""
    return survey.model_dump(mode="json")


def from_rules(rules: Mapping[str, Any]) -> Survey:
    return _validated(rules, Path("rules"))


def _validated(data: Mapping[str, Any], path: Path) -> Survey:
    try:
        survey = Survey.model_validate(data)
    except pydantic.ValidationError as error:
        raise SurveyError(path, faults(error, path, {})) from error
    problems = problems_of(survey)
    if problems:
        raise SurveyError(path, problems)
    return survey
