"""What other sites and programs are told: public clips of grown-ups, and nothing else."""

import json
import re
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from accounts.models import Block, User
from cameos.models import Cameo, LikenessUse
from feed import outside
from feed.models import Post
from tests.conftest import person
from tests.feed.conftest import MakePost

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"


def listings(client: Client) -> str:
    """Everything that lists clips to machines."""
    addresses = ("/sitemaps/clips-0.xml", "/latest/atom.xml", "/u/bob/atom.xml", "/t/owl/atom.xml")
    bodies = [client.get(address).content.decode() for address in addresses]
    for body in bodies:
        ElementTree.fromstring(body)
    return "".join(bodies)


def test_public_clips_are_listed(bob: User, make_post: MakePost, client: Client) -> None:
    post = make_post(bob, caption="#owl <&> \x07")
    assert listings(client).count(f"{SITE}/p/{post.public_id}") >= 4
    index = client.get("/sitemap.xml").content.decode()
    assert f"{SITE}/sitemaps/clips-0.xml" in index
    assert "/sitemap.xml" in client.get("/robots.txt").content.decode()


def hide(post: Post, how: str, likeness: Cameo) -> None:
    match how:
        case "hidden" | "withdrawn" | "deleted":
            Post.objects.filter(pk=post.pk).update(state=how.upper())
        case "a likeness ended":
            LikenessUse.objects.update(state=LikenessUse.State.ENDED)
        case "a teen made it":
            User.objects.filter(pk=post.creator_id).update(birth_date=date(2011, 1, 1))
        case "nobody knows how old its maker is":
            User.objects.filter(pk=post.creator_id).update(birth_date=None)
        case "a teen is in it":
            User.objects.filter(pk=likeness.owner_id).update(birth_date=date(2011, 1, 1))


@pytest.mark.parametrize(
    "how",
    [
        *("hidden", "withdrawn", "deleted", "a likeness ended", "a teen made it"),
        *("nobody knows how old its maker is", "a teen is in it"),
    ],
)
def test_what_is_not_for_everybody_is_never_listed(
    how: str, bob: User, likeness: Cameo, make_post: MakePost, client: Client
) -> None:
    post = make_post(bob, caption="#owl", cast=(likeness,))
    hide(post, how, likeness)
    assert str(post.public_id) not in listings(client)


def test_a_draft_is_never_listed(bob: User, make_clip: Any, client: Client) -> None:
    clip = make_clip(bob)
    make_clip(bob)
    assert str(clip.public_id) not in client.get("/sitemaps/clips-0.xml").content.decode()


def test_oembed_tells_how_to_show_a_clip(bob: User, make_post: MakePost, client: Client) -> None:
    post = make_post(bob, caption='The "owl" <b>')
    told = client.get("/oembed", {"url": f"{SITE}/p/{post.public_id}", "maxheight": "320"}).json()
    assert (told["type"], told["width"], told["height"]) == ("video", 180, 320)
    assert f'src="{SITE}/embed/{post.public_id}"' in told["html"] and "<b>" not in told["html"]
    assert client.get("/oembed", {"url": told["author_url"]}).status_code == 404
    assert client.get("/oembed", {"url": f"http://evil.test/p/{post.public_id}"}).status_code == 404
    for odd in ("http://[", "http://[::1", "http://\uff0f/p/", f"//[{SITE}/p/"):
        assert client.get("/oembed", {"url": odd}).status_code == 404
    assert client.get("/oembed", {"url": f"{SITE}/p/x", "maxwidth": "-1"}).status_code == 404
    assert client.get("/oembed", {"url": f"{SITE}/p/{post.public_id}", "format": "xml"}).status_code == 501


def test_a_clip_stands_in_a_frame_and_no_other_page_does(
    bob: User, carol: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    post = make_post(bob)
    answer = client.get(f"/embed/{post.public_id}")
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert client.get(f"/p/{post.public_id}")["X-Frame-Options"] == "DENY"
    Block.objects.create(blocker=bob, blocked=carol, created_at=now)
    Post.objects.update(state="HIDDEN")
    client.force_login(bob)
    assert client.get(f"/embed/{post.public_id}").status_code == 404


def test_search_engines_read_what_the_video_is(bob: User, make_post: MakePost, client: Client) -> None:
    post = make_post(bob, caption="</script><script>alert(1)</script> & owl")
    html = client.get(f"/p/{post.public_id}").content.decode()
    found = re.search(r'ld\+json"[^>]*>(.*?)</script>', html, re.S)
    assert found and "<script>alert" not in html
    told = json.loads(found.group(1))
    assert told["@type"] == "VideoObject" and told["duration"] == "PT5.000S"
    assert told["contentUrl"].startswith(f"{SITE}/media/") and told["name"].endswith("owl")
    assert "application/json+oembed" in html


def test_somebody_under_eighteen_has_an_empty_atom_feed(make_post: MakePost, client: Client) -> None:
    teen = person("timmy", birth_date=date(2011, 1, 1))
    make_post(teen)
    assert client.get("/u/timmy/atom.xml").content.decode().count("<entry>") == 0


def test_a_sitemap_holds_two_thousand_ids(bob: User, make_clip: Any, now: datetime) -> None:
    Post.objects.create(id=4100, clip=make_clip(bob), creator=bob, published_at=now)
    assert outside.sitemap_index(now).count("<loc>") == 3
    assert outside.sitemap(1, now).count("<loc>") == 0
