"""News that goes up, inside the transaction."""

from django.dispatch import Signal

concluded = Signal()
"""Every member signed: ``visit``, ``report``, ``actor``, ``at``. ``outcomes`` records the step,
``recommenders`` its check on site."""
