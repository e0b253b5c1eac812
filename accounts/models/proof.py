"""How a person proves that it is them: passkeys, codes by e-mail, and the sessions that came of it."""

from importlib import import_module

from django.conf import settings
from django.db import models


class Passkey(models.Model):
    """A WebAuthn credential. We keep the public half only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)  # base64url; at most 1023 bytes
    credential = models.BinaryField()  # attested credential data: AAGUID, id, COSE public key
    sign_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)


class EmailCode(models.Model):
    """Six digits on their way to an e-mail address. Only a keyed digest is kept, five tries, ten minutes,
    one use.
    """

    class Purpose(models.TextChoices):
        SIGN_UP = "sign_up"
        LOG_IN = "log_in"
        STEP_UP = "step_up"
        NEW_EMAIL = "new_email"

    email = models.EmailField()
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    tries_left = models.PositiveSmallIntegerField(default=5)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["email", "purpose"], name="email_code_of")]


class SignIn(models.Model):
    """One signed-in session of a person, so that they can see it and end it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=120, blank=True)
    method = models.CharField(max_length=20)
    created_at = models.DateTimeField()

    def end(self) -> None:
        """The session is gone at its next request."""
        import_module(settings.SESSION_ENGINE).SessionStore(self.session_key).delete()
        self.delete()


class KeptMail(models.Model):
    """A mail of the demo, shown at `/mail` instead of being sent. Written in demo mode only."""

    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
