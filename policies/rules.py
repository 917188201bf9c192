"""Themes and rewards by rules in files. Pure: texts in, findings out."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policies import amounts, words

DATA = Path(__file__).resolve().parent / "data"
SENTENCE = re.compile(r"[^。；;！？\n]+[。；;！？]?")


@dataclass(frozen=True, slots=True)
class Theme:
    key: str
    any: tuple[str, ...]

    def fits(self, plain: str) -> bool:
        """``plain`` is a text after ``words.folded``."""
        return any(word in plain for word in self.any)


@cache
def themes() -> tuple[Theme, ...]:
    """In the order of the file."""
    content = tomllib.loads((DATA / "themes.toml").read_text("utf-8"))
    return tuple(
        Theme(row["title"], tuple(words.folded(word)[0] for word in row["any"]))
        for row in content["themes"]
    )


def themes_of(text: str) -> list[str]:
    plain = words.folded(text)[0]
    return [theme.key for theme in themes() if theme.fits(plain)]


@dataclass(frozen=True, slots=True)
class Result:
    """A result that policies may reward, and the words by which their sentences name it.

    A sentence with one of ``others`` and none of ``own`` is about another result of that name.
    """

    key: str
    title: str
    names: tuple[str, ...]
    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def meant(self, sentence: str) -> bool:
        """Whether the sentence speaks of this result and not only of its neighbour."""
        own = any(word in sentence for word in self.own)
        return own or not any(word in sentence for word in self.others)


@dataclass(frozen=True, slots=True)
class Reward:
    """A sentence that rewards a result. ``name`` and ``verb`` say why it counts."""

    sentence: str
    name: str
    verb: str
    amounts: tuple[amounts.Found, ...]


@cache
def _rewards() -> tuple[tuple[str, ...], tuple[Result, ...]]:
    content = tomllib.loads((DATA / "rewards.toml").read_text("utf-8"))
    results = tuple(
        Result(
            row["key"],
            row["title"],
            tuple(row["names"]),
            tuple(row.get("own", ())),
            tuple(row.get("others", ())),
        )
        for row in content["results"]
    )
    return tuple(content["verbs"]), results


def results() -> tuple[Result, ...]:
    return _rewards()[1]


def result(key: str) -> Result | None:
    return next((one for one in results() if one.key == key), None)


def rewards(text: str, wanted: Result) -> list[Reward]:
    """The sentences of a text that reward the result: named, then a verb of giving, then how much.

    All in one sentence and in this order, so that a mere mention is no match.
    """
    found = []
    for match in SENTENCE.finditer(text):
        sentence = re.sub(r"\s+", "", match[0])
        named = _first(sentence, wanted.names)
        verb = _first(sentence, _rewards()[0], named.end()) if named else None
        if named is None or verb is None or not wanted.meant(sentence):
            continue
        sums = tuple(one for one in amounts.find(sentence) if one.start > named.end())
        if sums:
            found.append(Reward(sentence, named[0], verb[0], sums))
    return found


def _first(text: str, patterns: tuple[str, ...], start: int = 0) -> re.Match[str] | None:
    """The match that stands first in the text from ``start`` on."""
    matches = (re.compile(pattern).search(text, start) for pattern in patterns)
    return min((one for one in matches if one), key=lambda one: one.start(), default=None)
