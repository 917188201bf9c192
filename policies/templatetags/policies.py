"""How found text is shown."""

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from policies.words import Piece

register = template.Library()


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """The text of an article with what was searched for set off."""
    return mark_safe(
        "".join(
            f'<mark class="pl-hit">{escape(one.text)}</mark>' if one.hit else escape(one.text)
            for one in pieces
        )
    )
