from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "现场评估"

    def ready(self) -> None:
        from visits import receivers  # noqa: F401
