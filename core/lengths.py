"""How long a text is, as every rule of this portal counts it. Pure."""


def characters(text: str) -> int:
    """Length in 字: every character counts one, white space counts nothing."""
    return sum(map(len, text.split()))
