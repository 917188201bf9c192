from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "评审"

    def ready(self) -> None:
        from documents.packages import registry
        from reviews import packing, receivers  # noqa: F401

        registry.register(packing.REVIEW_RECORD)
