from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "policies"
    verbose_name = "政策库"

    def ready(self) -> None:
        from policies import receivers  # noqa: F401
