"""Sent inside the transaction, with ``send``: a receiver that fails stops the act."""

from django.dispatch import Signal

# A one-use link was made and must reach its address. Arguments: link, at.
link_made = Signal()
