"""A secret of this host: made once, kept in a file that only its user reads."""

import os
import secrets
from pathlib import Path


def host_secret(path: Path) -> str:
    """The secret kept at `path`, made there first where absent. Two processes starting together agree."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50))
    try:
        os.link(draft, path)  # atomic, and fails where the other process was first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
