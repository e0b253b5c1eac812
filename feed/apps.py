from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "feed"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from feed import appeals, broll, moderation, news, removals

        broll.connect()
        moderation.connect()
        removals.connect()
        appeals.connect()
        news.connect()
