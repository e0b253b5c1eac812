from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "commerce"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cameos import licences
        from cameos.signals import licence_refund_due
        from commerce import earnings, news, queries, review, search, shown  # noqa: F401 - news registers how the shop's news reads
        from commerce.actions.extras import owe_back
        from feed import prices

        earnings.connect()
        licences.take_payments_at(lambda licence: f"/licences/{licence.public_id}/pay")
        licence_refund_due.connect(owe_back, dispatch_uid="commerce.owe_back")
        search.connect()
        shown.connect()
        prices.register(queries.prices_of)
        review.register()
