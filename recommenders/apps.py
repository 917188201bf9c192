from django.apps import AppConfig


class RecommendersConfig(AppConfig):
    name = "recommenders"
    verbose_name = "推荐"

    def ready(self) -> None:
        from accounts import savedviews
        from documents.packages import registry
        from recommenders import filings, packing, receivers  # noqa: F401

        registry.register(packing.LIST_FORMS)
        savedviews.register("recommenders:filings", filings.KEPT)
