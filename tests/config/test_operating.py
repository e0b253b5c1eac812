"""The operator's page: what the doctor finds, and no way on it that leads nowhere."""

import re
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from config.doctor import host
from tests.accounts.people import signed_in

pytestmark = pytest.mark.django_db


def test_every_way_on_the_operators_page_leads_somewhere(operator: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # a fault that its tick tells as code
    client = signed_in(operator, fresh=True)
    page = client.get("/operate").content.decode()
    assert "<code>manage.py doctor</code>" in page and 'class="notice notice--warn"' in page
    ways = re.findall(r'<a class="row" href="([^"]+)"', page)
    assert len(ways) >= 10
    assert {way: client.get(way).status_code for way in ways} == dict.fromkeys(ways, 200)
    assert client.get(f"/u/{operator.username}").content.decode().count('href="/operate"') == 2, (
        "rail and page"
    )


def test_a_lock_and_a_certificate_among_the_keys_are_no_fault(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path
    certificate = b"-----BEGIN CERTIFICATE-----\n"
    for name, kept in (("leaf.pem", certificate), (".lock", b"")):
        (tmp_path / name).write_bytes(kept)
        (tmp_path / name).chmod(0o644)
    look = host.keys
    assert not list(look())
    (tmp_path / "leaf.pem").write_bytes(certificate + b"-----BEGIN PRIVATE KEY-----\n")
    assert [finding.code for finding in look()] == ["keys_open"]
