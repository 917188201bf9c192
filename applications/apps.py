from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = "申报"

    def ready(self) -> None:
        from applications import booklet
        from documents.packages import registry

        registry.register(booklet.BOOKLET)
