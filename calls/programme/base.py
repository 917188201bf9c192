"""What every part of a programme shares: frozen, no unknown keys, no empty titles."""

from typing import Annotated

import pydantic

Key = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Title = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, min_length=1)]
Count = Annotated[int, pydantic.Field(ge=1)]


class Spec(pydantic.BaseModel):
    """A part of a programme. Frozen; an unknown key is an error, not a silent nothing."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Choice(Spec):
    """One thing that can be chosen or grouped by: a key for the data, a title for people."""

    key: Key
    title: Title
