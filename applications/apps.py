from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = "申报"

    def ready(self) -> None:
        from applications import access, booklet
        from documents.packages import registry
        from units import access as units

        registry.register(booklet.BOOKLET)
        units.register(access.units_seen)
