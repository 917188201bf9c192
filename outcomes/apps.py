from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "outcomes"
    verbose_name = "遴选与公布"

    def ready(self) -> None:
        from outcomes import receivers  # noqa: F401
