from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import journal, news, openapi, personal, sessions  # noqa: F401

        journal.register("erasure", personal.replay_erasure)
        news.register_all()
        sessions.connect()
