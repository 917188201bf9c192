"""What a check is, and how it names what it found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken promise: the rule of docs/reliability.md, the row, and what is wrong with it."""

    rule: str
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule} {self.subject} {self.text}"


Check = Callable[[], Iterator[Problem]]
CHECKS: dict[str, Check] = {}


def check(rule: str) -> Callable[[Callable[[], Iterator[tuple[str, str]]]], Check]:
    """Register a function that yields (row, what is wrong) as a check of this rule."""

    def decorate(find: Callable[[], Iterator[tuple[str, str]]]) -> Check:
        def found() -> Iterator[Problem]:
            for subject, text in find():
                yield Problem(rule, subject, text)

        found.__doc__, found.__name__ = find.__doc__, find.__name__
        name = f"{rule}.{find.__name__}"
        if name in CHECKS:
            raise ValueError(f"two checks are called {name}")
        CHECKS[name] = found
        return found

    return decorate
