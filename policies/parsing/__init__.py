"""From the text of a compendium to zones, policies and their articles. Pure: no model, no clock."""

from policies.parsing.compendium import parse
from policies.parsing.shape import Compendium, ParsedNode, ParsedPolicy, Unreadable

__all__ = ["Compendium", "ParsedNode", "ParsedPolicy", "Unreadable", "parse"]
