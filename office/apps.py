from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "office"
    verbose_name = "主管部门"

    def ready(self) -> None:
        from accounts import savedviews
        from documents.packages import registry
        from office import filters, packing, receivers  # noqa: F401

        registry.register(packing.CALL_FORMS)
        for page, keys in filters.VIEWS.items():
            savedviews.register(page, keys)
