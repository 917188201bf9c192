from django.apps import AppConfig


class RecommendersConfig(AppConfig):
    name = "recommenders"
    verbose_name = "推荐"

    def ready(self) -> None:
        from recommenders import receivers  # noqa: F401
