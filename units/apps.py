from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "units"
    verbose_name = "单位核验与变更"
    default_auto_field = "django.db.models.BigAutoField"
