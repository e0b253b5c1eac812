"""The likeness itself and what is kept of it, encrypted under a key of its own."""

import uuid

from django.conf import settings
from django.db import models

from cameos.models.never import NeverMe


class Cameo(models.Model):
    """A person's verified, reusable likeness, or a drawn character that somebody owns.

    PENDING -> VERIFIED -> ERASED; a character is VERIFIED from the start (it depicts nobody).
    """

    class Kind(models.TextChoices):
        PERSON = "person"
        CHARACTER = "character"

    class State(models.TextChoices):
        PENDING = "pending"
        VERIFIED = "verified"
        ERASED = "erased"

    class Assurance(models.TextChoices):
        NONE = "none"
        BASIC = "basic"
        REVIEWED = "reviewed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Who the ledger speaks of: random, and known to nobody without this row.
    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cameos")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    assurance = models.CharField(max_length=10, choices=Assurance.choices, default=Assurance.NONE)
    # How a drawn character looks: identity fields of the scene alphabet (`model.scene.tracks`).
    character = models.JSONField(null=True)
    frozen_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=models.Q(kind="person") & ~models.Q(state="erased"),
                name="one_living_person_cameo",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_person(self) -> bool:
        return self.kind == self.Kind.PERSON

    @property
    def is_verified(self) -> bool:
        return self.state == self.State.VERIFIED

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None


class VaultKey(models.Model):
    """The data key of one cameo or never-me entry, wrapped by the host key and by a file of its own
    (`cameos.vault`).

    Destroying it is erasing: the file stays out of backups, so a restored row alone opens nothing.
    """

    cameo = models.OneToOneField(Cameo, null=True, on_delete=models.PROTECT, related_name="vault_key")
    never_me = models.OneToOneField(NeverMe, null=True, on_delete=models.CASCADE, related_name="vault_key")
    wrapped = models.BinaryField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cameo__isnull=False, never_me__isnull=True)
                | models.Q(cameo__isnull=True, never_me__isnull=False),
                name="vault_key_of_one",
            )
        ]

    @property
    def holder(self) -> Cameo | NeverMe:
        """Whose key it is."""
        found = self.cameo or self.never_me
        assert found is not None  # The database keeps that promise.
        return found


class Reference(models.Model):
    """Encrypted face or voice material; read only through `cameos.references`."""

    class Kind(models.TextChoices):
        FACE = "face"
        VOICE = "voice"
        FACE_VECTOR = "face_vector"
        VOICE_VECTOR = "voice_vector"

    cameo = models.ForeignKey(Cameo, on_delete=models.PROTECT, related_name="references")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cameo", "kind"], name="one_reference_a_kind")]
