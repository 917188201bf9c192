"""Whole numbers out of what a request says. Pure."""


def whole(text: str, *, digits: int = 9) -> int | None:
    """The number that ``text`` writes in plain digits, at most so many; otherwise None.

    No sign, no spaces, no ``²`` (which ``isdigit`` takes and ``int`` does not), and no length that
    ``int`` or a column of the database refuses.
    """
    if len(text) <= digits and text.isascii() and text.isdigit():
        return int(text)
    return None


def whole_or(text: str, otherwise: int, *, digits: int = 9) -> int:
    """As ``whole``; ``otherwise`` where there is no such number (0 or -1: no row has it)."""
    found = whole(text, digits=digits)
    return otherwise if found is None else found
