"""Mending what printing and reading back did to the words. Each rule has a name for the report."""

import re
import unicodedata
from collections.abc import Callable

HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
WIDE = HAN + r"，。；：、！？（）“”‘’《》〈〉【】〔〕—…"

Rule = tuple[str, Callable[[str], str]]


def _sub(pattern: str, into: str | Callable[[re.Match[str]], str]) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(into, text)


HALF = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}


def _wide_marks(text: str) -> str:
    """Half-width punctuation beside a Chinese character, in and between words."""

    def into(match: re.Match[str]) -> str:
        return HALF[match[1]]

    text = re.sub(rf"(?<=[{WIDE}])\s*([,;:?!])\s*(?!//)", into, text)
    return re.sub(rf"\s*([,;:?!])\s*(?=[{HAN}])", into, text)


def _wide_brackets(text: str) -> str:
    """Half-width brackets that stand around or between Chinese characters, by pairs."""
    opened: list[int] = []
    chars = list(text)
    for at, char in enumerate(chars):
        if char in "(（":
            opened.append(at)
        elif char in ")）" and opened:
            start = opened.pop()
            near = text[max(0, start - 1) : start + 1] + text[at : at + 2]
            if (chars[start], char) != ("（", "）") and re.search(
                f"[{WIDE}]", text[start + 1 : at] + near
            ):
                chars[start], chars[at] = "（", "）"
    return "".join(chars)


def _quotes(text: str) -> str:
    """Straight quotation marks around words with a Chinese character become curly ones."""
    return re.sub(rf'"([^"]*[{HAN}][^"]*)"', r"“\1”", text)


_OPEN, _CLOSE = '„“”"［〔(（' + r"\[", '“”"］〕)）' + r"\]"
RULES: tuple[Rule, ...] = (
    ("标记", _sub(r"</?u>", "")),
    ("文号括号", _sub(rf"[{_OPEN}]\s*((?:19|20)\d\d)\s*[{_CLOSE}]\s*(\d+)\s*号", r"〔\1〕\2号")),
    ("英文连词", _sub(rf"(?<=[{HAN}])\s*\band\b\s*(?=[{HAN}])", "和")),
    ("半角引号", _quotes),
    ("半角标点", _wide_marks),
    ("半角括号", _wide_brackets),
    ("多余空格", _sub(rf"(?<=[{WIDE}])[ \u3000\u00a0]+(?=[{WIDE}])", "")),
    ("重复标点", _sub(r"。[。，]+|，，+", lambda match: match[0][0])),
)


def mend(text: str) -> tuple[str, list[str]]:
    """The text as it was meant, and the names of the rules that changed it."""
    done = []
    for name, rule in RULES:
        after = rule(text)
        if after != text:
            done.append(name)
            text = after
    return text.strip(), done


def key_of(title: str) -> str:
    """A title without anything that printing changes: width, spaces, dashes, brackets."""
    folded = unicodedata.normalize("NFKC", title)
    return "".join(char for char in folded if char.isalnum())


def unfinished(text: str, *, heading: bool = False) -> bool:
    """Whether a paragraph was cut by the turn of a page: a sentence without its end.

    ``heading``: the line has a marker that often begins a mere heading, which has no full stop
    either; it needs more words before it counts as a sentence.
    """
    if re.search(r"[。！？；：.!?;:…][”》]?$", text):
        return False
    if text[-1:] in "，、,（(“《":
        return True
    if any(text.count(a) > text.count(b) for a, b in (("（", "）"), ("“", "”"), ("《", "》"))):
        return True
    if text[-1:] in "）)】〕]》>":
        return False
    if len(text) >= 40 or re.search(r"[。；]", text):
        return True
    return (
        text[-1:] != "”"
        and len(text) >= (30 if heading else 20)
        and bool(re.search(r"[，、]", text))
    )


def continues(text: str) -> bool:
    """Whether a paragraph can only be the rest of another one."""
    return text[:1] in "，。、；：）”》！？"
