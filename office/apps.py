from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "office"
    verbose_name = "主管部门"

    def ready(self) -> None:
        from office import receivers  # noqa: F401
