"""Where a verification recording lies while somebody still needs it.

Plain (as it was uploaded, readable by this user only) until the machine's verdict; sealed under the
likeness's own key while a person has to look at it; gone after that.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from cameos import vault
from cameos.intake import uploads
from cameos.models import CameoCapture

_PURPOSE = "recording"


def plain_path(made: CameoCapture) -> Path | None:
    """The upload, if it is still there."""
    path = uploads.path_of(made.upload) if made.upload else None
    return path if path is not None and path.exists() else None


def seal(made: CameoCapture) -> None:
    """Encrypt the upload for the review. The plain file goes with `erase_plain` after the commit."""
    path = plain_path(made)
    if path is None:
        return
    sealed = sealed_path(made)
    sealed.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed.write_bytes(vault.seal(made.holder, path.read_bytes(), _PURPOSE))


def unseal(made: CameoCapture) -> bytes | None:
    """The recording under review; None when it is gone or its key is destroyed."""
    try:
        return vault.open(made.holder, sealed_path(made).read_bytes(), _PURPOSE)
    except (FileNotFoundError, vault.VaultClosed):
        return None


def sealed_path(made: CameoCapture) -> Path:
    return Path(settings.DATA_DIR) / "intake" / f"review-{made.public_id.hex}"


def erase_plain(made: CameoCapture) -> None:
    if made.upload is not None:
        uploads.discard(made.upload)


def erase_sealed(made: CameoCapture) -> None:
    sealed_path(made).unlink(missing_ok=True)
