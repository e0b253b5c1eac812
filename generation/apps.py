from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from generation import moderation, news, receivers  # noqa: F401 (receivers connect themselves)

        news.register_all()
        moderation.register()
