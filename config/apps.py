from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin


class DeskConfig(admin.AdminConfig):
    """Django's admin behind our own ways in (config/desk.py)."""

    default = False
    default_site = "config.desk.Desk"


class ConfigConfig(AppConfig):
    default = True
    name = "config"

    def ready(self) -> None:
        from config import checks
        from model import text

        checks.connect()
        if settings.TRACES_TO:
            from config import tracing  # noqa: F401  (listens to Celery's signals)
        text.use(settings.VECTORS_ADDRESS)
