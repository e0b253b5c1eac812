"""Where a generation is, and the only ways on.

SCREENING -> QUEUED -> RENDERING -> INSPECTING -> SEALING -> READY
    |          |  ^        |             |           |
    +-> HELD --+  +--------+ (lease lost: again; three strikes: QUARANTINED)
    +-> REFUSED            +-> REFUSED / FAILED / CANCELLED from every state before READY
"""

from django.db import models


class State(models.TextChoices):
    SCREENING = "SCREENING"
    QUEUED = "QUEUED"
    RENDERING = "RENDERING"
    INSPECTING = "INSPECTING"
    SEALING = "SEALING"
    READY = "READY"
    HELD = "HELD"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    QUARANTINED = "QUARANTINED"
    CANCELLED = "CANCELLED"


class Verb(models.TextChoices):
    TEXT = "text"
    REMIX = "remix"
