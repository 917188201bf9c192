"""On which line of a TOML text each key stands, once ``tomllib`` has read it. Pure."""

from bisect import bisect_right
from contextlib import suppress

Place = tuple[str | int, ...]
SPACE = " \t\r\n"
TRIPLE = ('"""', "'''")


def of_text(text: str) -> dict[Place, int]:
    """Place of every value, such as ``("quota", 0, "limit")``, to its line, counted from 1.

    A text it does not follow to its end gives what was found before.
    """
    walk = _Walk(text)
    with suppress(IndexError, RecursionError, ValueError):
        walk.document()
    return walk.found


def line_of(where: str, found: dict[Place, int]) -> int | None:
    """The line of a place as problems name it (``quota.0.limit``), or of what it stands in."""
    place: Place = tuple(int(part) if part.isdigit() else part for part in where.split("."))
    while place:
        if place in found:
            return found[place]
        place = place[:-1]
    return None


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.ends = [index for index, char in enumerate(text) if char == "\n"]
        self.found: dict[Place, int] = {}
        self.last: dict[Place, int] = {}  # arrays of tables: the place of the newest entry

    def line(self) -> int:
        return bisect_right(self.ends, self.at - 1) + 1

    def skip(self) -> None:
        """Over white space and comments."""
        while self.at < len(self.text):
            if self.text[self.at] in SPACE:
                self.at += 1
            elif self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def document(self) -> None:
        table: Place = ()
        self.skip()
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self.entry()
            elif self.text[self.at] == "[":
                line = self.line()
                self.at += 1
                table = self.resolved(self.key())
                self.at += 1
                self.found.setdefault(table, line)
            else:
                self.pair(table)
            self.skip()

    def entry(self) -> Place:
        """``[[quota]]``: one more of an array of tables."""
        line = self.line()
        self.at += 2
        keys = self.key()
        self.at += 2
        array = (*self.resolved(keys[:-1]), keys[-1])
        self.last[array] = self.last.get(array, -1) + 1
        self.found.setdefault(array, line)
        self.found[(*array, self.last[array])] = line
        return (*array, self.last[array])

    def resolved(self, keys: list[str]) -> Place:
        """A header's keys with the newest entry of every array of tables on their way."""
        place: Place = ()
        for key in keys:
            place = (*place, key)
            if place in self.last:
                place = (*place, self.last[place])
        return place

    def pair(self, table: Place) -> None:
        line = self.line()
        place = (*table, *self.key())
        self.found.setdefault(place, line)
        if self.text[self.at] != "=":
            raise ValueError("no pair")
        self.at += 1
        self.value(place)

    def key(self) -> list[str]:
        """A dotted key; stands behind it afterwards."""
        parts = []
        while True:
            self.blank()
            if self.text[self.at] in "\"'":
                parts.append(self.string())
            else:
                begin = self.at
                while self.text[self.at] not in " \t.=]\r\n":
                    self.at += 1
                if self.at == begin:
                    raise ValueError("no key")
                parts.append(self.text[begin : self.at])
            self.blank()
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def blank(self) -> None:
        while self.text[self.at] in " \t":
            self.at += 1

    def value(self, place: Place) -> None:
        self.skip()
        char = self.text[self.at]
        if char == "[":
            self.array(place)
        elif char == "{":
            self.table(place)
        elif char in "\"'":
            self.string()
        else:
            begin = self.at
            while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                self.at += 1
            if self.at == begin:
                raise ValueError("no value")

    def array(self, place: Place) -> None:
        self.at += 1
        index = 0
        self.skip()
        while self.text[self.at] != "]":
            self.found.setdefault((*place, index), self.line())
            self.value((*place, index))
            index += 1
            self.skip()
            if self.text[self.at] == ",":
                self.at += 1
                self.skip()
        self.at += 1

    def table(self, place: Place) -> None:
        self.at += 1
        self.skip()
        while self.text[self.at] != "}":
            self.pair(place)
            self.skip()
            if self.text[self.at] == ",":
                self.at += 1
                self.skip()
        self.at += 1

    def string(self) -> str:
        quote = self.text[self.at]
        mark = self.text[self.at : self.at + 3]
        mark = mark if mark in TRIPLE else quote
        begin = self.at = self.at + len(mark)
        while not self.text.startswith(mark, self.at):
            if quote == '"' and self.text[self.at] == "\\":
                self.at += 1
            self.at += 1
            if self.at >= len(self.text):
                raise ValueError("an open string")
        said = self.text[begin : self.at]
        self.at += len(mark)
        while len(mark) == 3 and self.text[self.at : self.at + 1] == quote:
            self.at += 1
        return said
