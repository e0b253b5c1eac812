"""What somebody sees where there is nothing, nothing for them, or something that broke."""

import uuid

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

from accounts.models import User


@pytest.mark.django_db
def test_what_is_absent_gets_a_page_that_leads_on(client: Client) -> None:
    answer = client.get(f"/p/{uuid.uuid4()}")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "There is nothing here." in page and 'href="/verify"' in page


def test_a_form_without_its_mark_is_told_so(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = browser.post("/settings", {})
    assert answer.status_code == 403
    assert "nothing was changed" in answer.content.decode()


def test_what_broke_says_so_without_asking_anything_of_what_may_be_broken() -> None:
    page = render_to_string("500.html")
    assert "Something broke" in page and "我们这边出了问题" in page
    assert "<script" not in page and str(settings.BASE_DIR) not in page
