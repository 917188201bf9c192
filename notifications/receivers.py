from django.dispatch import receiver

from accounts.signals import link_made
from notifications import services


@receiver(link_made)
def send_link(sender, *, link, at, **kwargs):
    services.enqueue(
        key=f"link:{link.pk}",
        to=link.email,
        template=f"notifications/letters/{link.purpose}.txt",
        context={"link": link},
        link=link,
        at=at,
    )
