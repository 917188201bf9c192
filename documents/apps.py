from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "文件"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from documents import rendering
        from documents.packages import tasks  # noqa: F401

        rendering.use_own_fonts()
