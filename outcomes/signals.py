"""What becomes of a list, for the rooms of the years after. Sent inside the transaction, with
``send``: a receiver that fails stops the act."""

from django.dispatch import Signal

# The final list is before the public. Arguments: publication, decisions (selections, or awards
# where ``publication.is_award``; with their application), actor, at.
announced = Signal()

# It was taken down. Arguments: publication, decisions (that were on it), reason, actor, at. Its
# rows still name who was on it.
taken_down = Signal()
