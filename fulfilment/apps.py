from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    name = "fulfilment"
    verbose_name = "攻关与验收"

    def ready(self) -> None:
        from fulfilment import receivers  # noqa: F401
