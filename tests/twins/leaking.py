"""A house with a leak, to see whether it is found: every page says how much there is."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from applications.models import Application
from reviews.models import Conflict, Expert, Feedback, Review


class Counting:
    """Tells everybody a figure that rests on what most of them must not know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        names = "".join(Expert.objects.order_by("pk").values_list("name", flat=True))
        scores = sum(Review.objects.values_list("total", flat=True))
        filed, barred = Application.objects.count(), Conflict.objects.count()
        said = Feedback.objects.count()
        chosen = Application.objects.filter(status="finalist").count()
        response["X-Leak"] = f"{filed} {barred} {scores} {said} {chosen} {len(names)} {hash(names)}"
        return response
