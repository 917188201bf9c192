"""The signals of the filing."""

from django.dispatch import Signal

# Sent by ``applications.services.move``, inside its transaction, with ``send``: a receiver that
# fails stops the move. Arguments: application, move (its name), before, actor, at.
moved = Signal()

# Sent by ``applications.services.show_results`` likewise: everybody may know now what became of
# these. Arguments: applications, actor, at.
result_shown = Signal()
