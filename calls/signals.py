"""Sent inside the transaction, with ``send``: a receiver that fails stops the act."""

from django.dispatch import Signal

# A call was opened: its rules are copied and will not change. Arguments: call, actor, at.
opened = Signal()
