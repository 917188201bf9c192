from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal import checks, logs, receivers  # noqa: F401

        if settings.JIEBANG_SLOW_QUERY_MS:
            connection_created.connect(logs.watch_queries, dispatch_uid="slow queries")
