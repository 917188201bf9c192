from django.apps import AppConfig


class HonoursConfig(AppConfig):
    name = "honours"
    verbose_name = "优胜与项目库"

    def ready(self) -> None:
        from documents.packages import registry
        from honours import archive, certificatepack, receivers  # noqa: F401

        registry.register(archive.PROJECT)
        registry.register(archive.CALL)
        registry.register(certificatepack.CERTIFICATES)
