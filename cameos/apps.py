from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CameosConfig(AppConfig):
    name = "cameos"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import journal
        from accounts.signals import blocked, casting_stopped
        from cameos import (
            capture_actions,
            capture_cases,
            freeze_requests,
            licences,
            never_me,
            news,
            promises,
            revocation,
        )
        from cameos.signals import likeness_erased, permit_ended

        news.register_all()
        capture_cases.register()
        freeze_requests.register()
        likeness_erased.connect(capture_actions.when_erased, dispatch_uid="cameos.captures")
        permit_ended.connect(licences.when_permits_end, dispatch_uid="cameos.licences")
        casting_stopped.connect(revocation.when_casting_stops, dispatch_uid="cameos.casting_stopped")
        blocked.connect(revocation.when_blocked, dispatch_uid="cameos.blocked")
        journal.register("likeness.revoked", revocation.replay_revoked)
        journal.register("likeness.narrowed", revocation.replay_narrowed)
        journal.register("likeness.use_hidden", revocation.replay_hidden)
        journal.register("likeness.use_shown", revocation.replay_shown)
        journal.register("likeness.frozen", revocation.replay_frozen)
        journal.register("likeness.unfrozen", revocation.replay_unfrozen)
        journal.register("likeness.uses_ended", revocation.replay_uses_ended)
        journal.register("likeness.erased", revocation.replay_erased)
        journal.register("likeness.price_set", licences.replay_price)
        journal.register("likeness.licence_ended", licences.replay_ended)
        journal.register("never_me.listed", never_me.replay_listed)
        journal.register("never_me.erased", never_me.replay_erased)
        pre_migrate.connect(promises.lift, sender=self, dispatch_uid="cameos.promises.lift")
        post_migrate.connect(promises.put_back, sender=self, dispatch_uid="cameos.promises.put_back")
