"""Sent inside the transaction, with ``send``: a receiver that fails stops the act."""

from django.dispatch import Signal

# A package became ready, or was given up; its ``state`` says which. Arguments: package, at.
ended = Signal()
