from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "office"
    verbose_name = "主管部门"

    def ready(self) -> None:
        from accounts import savedviews
        from documents.packages import registry
        from office import filters, packing, peoplesheets, receivers  # noqa: F401

        for one in (packing.CALL_FORMS, peoplesheets.CONTACTS, peoplesheets.EXPERTS):
            registry.register(one)
        for page, keys in filters.VIEWS.items():
            savedviews.register(page, keys)
