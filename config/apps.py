from django.apps import AppConfig
from django.conf import settings


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks
        from model import text

        checks.connect()
        text.use(settings.VECTORS_ADDRESS)
