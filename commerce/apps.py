from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "commerce"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commerce import earnings, news, search  # noqa: F401 - news registers how the shop's news reads

        earnings.connect()
        search.connect()
