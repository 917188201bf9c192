from django.dispatch import receiver

from calls.signals import opened
from office import reminders


@receiver(opened)
def set_reminders(sender, *, call, **kwargs):
    reminders.set_defaults(call)
