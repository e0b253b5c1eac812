"""What this room tells the rooms to its right, inside the transaction in which it happens."""

from django.dispatch import Signal

# blocked(blocker: User, blocked: User, now: datetime): sent after the row is written and the follows are
# gone.
blocked = Signal()

# casting_stopped(teen: User, now: datetime): their guardian wants their likeness frozen, all of it.
casting_stopped = Signal()
