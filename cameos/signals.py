"""News that this app tells whoever stands to its right. Both are sent inside the transaction they speak
of."""

from django.dispatch import Signal

# cameo: Cameo, grant_ids: list[int], reason: str, now: datetime. What holds a permit under these grants must
# stop: running and queued generations get their cancel flag in the same transaction.
permit_ended = Signal()

# clip_ids: list[int] or a query for them, reason: str, now: datetime. These clips are served to nobody from
# this commit on; files and caches are to go. Sent again by the sweep for clips whose files are still there,
# so receivers repeat safely.
uses_ended = Signal()

# cameo: Cameo, now: datetime. The likeness is erased: whoever keeps anything of the person elsewhere lets it
# go.
likeness_erased = Signal()

# licence: Licence, now: datetime. The owner said yes: whoever takes payments may open one. The event comes
# back by `cameos.licences.paid`.
licence_accepted = Signal()

# licence: Licence, amount: int, reference: str, reason: str, now: datetime. So much of what was paid is owed
# back (minor units of `licence.currency`); sent in the transaction that found it. A payment that came too
# late is named by its reference, and may be said twice.
licence_refund_due = Signal()
