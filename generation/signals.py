"""News that this app tells whoever stands to its right."""

from django.dispatch import Signal

# clip_ids: list[int] or a query for them, reason: str, now: datetime. Sent in the transaction that
# withdrew or deleted the clips.
clip_withdrawn = Signal()
