"""Which inputs of a section name partner units."""

from django import template

from applications import overlaps
from calls.programme import Section

register = template.Library()


@register.filter
def partner_inputs(section: Section) -> str:
    """The tables and columns of partner codes as ``table.column`` words; empty where none."""
    return " ".join(
        f"{table.key}.{column.key}" for table, column in overlaps.partner_tables(section)
    )
