from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "office"
    verbose_name = "主管部门"

    def ready(self) -> None:
        from documents.packages import registry
        from office import packing, receivers  # noqa: F401

        registry.register(packing.CALL_FORMS)
