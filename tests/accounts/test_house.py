"""Terms, privacy, imprint, rules: written at the desk, each version kept, read as words, never as markup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client

from accounts import house, tasks
from accounts.models import HousePage, User
from config.doctor import product
from tests.accounts.people import signed_in, text_of

pytestmark = pytest.mark.django_db
TERMS = "# Who may come\nBe kind.\nSee https://example.org/x\n\n- no <script>alert(1)</script>\n- no spam\n"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    cache.clear()
    house.forget()
    yield
    cache.clear()
    house.forget()


def test_the_desk_writes_a_page_and_everybody_reads_it(operator: User, client: Client) -> None:
    assert client.get("/house/terms").status_code == 404
    desk = signed_in(operator, fresh=True)
    sent = {"kind": "terms", "text": TERMS, "text_zh": "# 谁可以来\n友善。"}
    assert desk.post("/admin/accounts/housepage/add/", sent).status_code == 302
    page = text_of(client.get("/house/terms"))
    assert "<h2>Who may come</h2>" in page and "<li>no &lt;script&gt;alert(1)&lt;/script&gt;</li>" in page
    assert 'href="https://example.org/x" rel="nofollow"' in page
    chinese = text_of(client.get("/house/terms", headers={"accept-language": "zh-hans"}))
    assert "<h2>谁可以来</h2>" in chinese and 'lang="zh-hans"' in chinese
    assert '<a href="/house/terms">Terms</a>' in text_of(client.get("/login")), "at the foot of every page"
    assert HousePage.objects.get().made_by == operator


def test_a_change_is_a_new_version_and_the_old_one_stays(
    operator: User, client: Client, now: datetime
) -> None:
    old = HousePage.objects.create(kind="rules", text="Be kind.", made_at=now)
    desk = signed_in(operator, fresh=True)
    assert "Be kind." in text_of(desk.get("/admin/accounts/housepage/add/?kind=rules")), (
        "begins from what stands"
    )
    desk.post("/admin/accounts/housepage/add/", {"kind": "rules", "text": "Be kinder.", "text_zh": ""})
    assert "Be kinder." in text_of(client.get("/house/rules"))
    earlier = text_of(client.get(f"/house/rules?version={old.pk}"))
    assert "Be kind." in earlier and "an older version" in earlier
    assert desk.post(f"/admin/accounts/housepage/{old.pk}/delete/", {"post": "yes"}).status_code == 403
    with pytest.raises(DatabaseError), transaction.atomic():
        HousePage.objects.filter(pk=old.pk).update(text="We never said that.")


@pytest.mark.parametrize(
    "address", ["nothing", "terms?version=9", "terms?version=1e9", "terms?version=" + "9" * 40]
)
def test_what_nobody_wrote_is_not_there(address: str, client: Client) -> None:
    assert client.get(f"/house/{address}").status_code == 404


def test_the_foot_of_pages_asks_no_database(now: datetime, django_assert_num_queries: Any, rf: Any) -> None:
    HousePage.objects.create(kind="imprint", text="Jo, Main Street 1", made_at=now)
    tasks.announce()
    with django_assert_num_queries(0):
        assert list(house.context(rf.get("/"))["house_pages"]) == [("/house/imprint", "Imprint")]  # type: ignore[call-overload]


def test_the_doctor_misses_the_pages_of_a_host_for_others(settings: Any, now: datetime) -> None:
    settings.SITE_URL, settings.DEMO = "https://clips.example.test", False
    assert "terms, privacy, imprint" in next(product.house_pages()).fault
    for kind in house.NEEDED:
        HousePage.objects.create(kind=kind, text="…", made_at=now)
    assert not list(product.house_pages())
