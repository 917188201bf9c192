"""What is done with a task. One transaction, one audit entry, per act."""

from fulfilment.services.starting import start, void

__all__ = ["start", "void"]
