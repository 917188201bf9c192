"""Links that lead out of the portal: there are none, or they say so and take nothing along."""

import re

LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.IGNORECASE | re.DOTALL)
HREF = re.compile(r"""\bhref\s*=\s*["']\s*(?:https?:)?//([^/"'?#]*)""", re.IGNORECASE)
REL = re.compile(r"""\brel\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
MARK = "站外"
OURS = {"testserver", "127.0.0.1:8000"}
"""The site itself, as the tests and the settings of the tests name it."""


def unmarked(html: str) -> list[str]:
    """Links to another site that lack ``rel="noopener noreferrer"`` or the word 站外."""
    found = []
    for attributes, words in LINK.findall(html):
        to = HREF.search(attributes)
        if to is None or to[1].lower() in OURS:
            continue
        rel = set(said[1].split()) if (said := REL.search(attributes)) else set()
        if not {"noopener", "noreferrer"} <= rel or MARK not in words:
            found.append(to[0])
    return found
