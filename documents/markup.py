"""The tree of a page of ours, read by the standard library's parser.

WeasyPrint reads HTML as browsers do, whatever it is, which takes five times as long. Our templates
close what they open; whoever forgets it is told (``ValueError``), and a test holds both readings
of every paper against each other. Drawings stand in files of their own: an ``svg`` in the page
would be an element of no meaning.
"""

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

ALONE = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
"""Elements of HTML without an end."""


def tree(html: str) -> Element:
    """The root element. Raises ``ValueError`` where an element is not closed, or not opened."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        raise ValueError(f"<{reader.open[-1]}> is not closed")
    return reader.made.close()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made = TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.made.start(tag, {name: value or "" for name, value in attrs})
        if tag in ALONE:
            self.made.end(tag)
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ALONE:
            return
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing")
        self.made.end(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.made.data(data)
