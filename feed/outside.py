"""What other sites and programs are told of public clips: oEmbed, a page for frames, sitemaps, Atom, JSON-LD.

Nothing here lists a clip that not everybody may see, or one by or with somebody under 18, or whose age we
don't know. What is withdrawn is gone at the next read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from xml.sax.saxutils import escape  # writes XML, reads none  # nosec B406

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.age import ADULT
from accounts.models import User
from cameos.models import LikenessUse
from feed import access, cards
from feed.cards import Card
from feed.models import Hashtag, Post

NOBODY = AnonymousUser()
IN_A_SITEMAP = 2000
IN_A_FEED = 30


def listed(now: datetime) -> QuerySet[Post]:
    """The posts that machines may be told of."""
    born_by = _years_before(now.date(), ADULT)
    minors = Q(cameo__owner__birth_date__gt=born_by) | Q(cameo__owner__birth_date=None)
    shown = LikenessUse.objects.filter(minors, clip=OuterRef("clip_id"))
    return Post.objects.visible_to(NOBODY, now).filter(~Exists(shown), creator__birth_date__lte=born_by)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


# --- One clip ----------------------------------------------------------------------------------------------


def public_card(post: UUID, now: datetime) -> Card:
    """A clip that everybody may see; a 404 for any other."""
    return cards.one(NOBODY, access.post_for(NOBODY, post, now), now)


def oembed(url: str, now: datetime, max_width: int | None, max_height: int | None) -> dict[str, Any] | None:
    """The oEmbed answer (oembed.com, version 1.0) for the address of a clip here; None for any other
    address."""
    try:
        parts = urlsplit(url[:500])
    except ValueError:  # half an address of IPv6
        return None
    if parts.netloc != urlsplit(settings.SITE_URL).netloc or not parts.path.startswith("/p/"):
        return None
    try:
        public_id = UUID(parts.path.removeprefix("/p/").split("/")[0])
    except ValueError:
        return None
    card = public_card(public_id, now)
    width, height = _fitted(card, max_width, max_height)
    frame = format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" allow="fullscreen"'
        ' style="border:0"></iframe>',
        absolute(f"/embed/{card.id}"),
        width,
        height,
        card.label,
    )
    return {
        "version": "1.0",
        "type": "video",
        "title": card.label[:200],
        "author_name": card.creator.name,
        "author_url": absolute(card.creator.url),
        "provider_name": "Understudy",
        "provider_url": settings.SITE_URL,
        "cache_age": 300,
        "thumbnail_url": absolute(card.poster),
        "thumbnail_width": card.width,
        "thumbnail_height": card.height,
        "html": str(frame),
        "width": width,
        "height": height,
    }


def _fitted(card: Card, max_width: int | None, max_height: int | None) -> tuple[int, int]:
    """At most 360 wide by itself, the clip's own shape, within what the asker has room for."""
    width = min(max_width or 360, 1280)
    height = max(1, round(width * card.height / max(card.width, 1)))
    if max_height and height > max_height:
        height = max_height
        width = max(1, round(height * card.width / max(card.height, 1)))
    return width, height


def video_object(card: Card) -> SafeString:
    """schema.org's VideoObject as JSON that can stand inside a script element."""
    told = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": card.label[:110] or _("A clip"),
        "description": card.caption or card.words or card.label,
        "thumbnailUrl": [absolute(card.poster)],
        "uploadDate": card.published_at,
        "duration": f"PT{card.duration_ms / 1000:.3f}S",
        "contentUrl": absolute(card.video),
        "embedUrl": absolute(f"/embed/{card.id}"),
        "url": absolute(card.url),
        "width": card.width,
        "height": card.height,
        "author": {"@type": "Person", "name": card.creator.name, "url": absolute(card.creator.url)},
        "interactionStatistic": [
            {
                "@type": "InteractionCounter",
                "interactionType": {"@type": "LikeAction"},
                "userInteractionCount": card.like_count,
            }
        ],
        **(
            {"digitalSourceType": "https://schema.org/TrainedAlgorithmicMediaDigitalSource"}
            if card.is_generated
            else {}
        ),
    }
    return in_script(told)


def in_script(told: dict[str, Any]) -> SafeString:
    """JSON that can stand inside a script element, whoever wrote its texts."""
    text = json.dumps(told, ensure_ascii=False)
    for char, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028")):
        text = text.replace(char, code)
    return mark_safe(text)  # what could end the element is escaped above  # nosec B308 B703


# --- Sitemaps ----------------------------------------------------------------------------------------------


def sitemap_index(now: datetime) -> str:
    """One sitemap for each 2,000 ids."""
    last = listed(now).aggregate(last=Max("pk"))["last"] or 0
    pages = "".join(
        f"<sitemap><loc>{absolute(f'/sitemaps/clips-{n}.xml')}</loc></sitemap>"
        for n in range(last // IN_A_SITEMAP + 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</sitemapindex>'
    )


def sitemap(page: int, now: datetime) -> str:
    """The clips of these ids, with what Google's video sitemaps want to know."""
    start = page * IN_A_SITEMAP
    ids = listed(now).filter(pk__gte=start, pk__lt=start + IN_A_SITEMAP).order_by("pk")
    found = cards.in_order(NOBODY, list(ids.values_list("pk", flat=True)), now)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">'
        f"{''.join(map(_entry, found))}</urlset>"
    )


def _entry(card: Card) -> str:
    return (
        f"<url><loc>{absolute(card.url)}</loc><lastmod>{card.published_at[:10]}</lastmod><video:video>"
        f"<video:thumbnail_loc>{absolute(card.poster)}</video:thumbnail_loc>"
        f"<video:title>{escape(_plain(card.label[:100]) or card.creator.name)}</video:title>"
        f"<video:description>{escape(_plain(card.caption or card.words or card.label)[:2000])}"
        "</video:description>"
        f"<video:content_loc>{absolute(card.video)}</video:content_loc>"
        f"<video:duration>{max(1, round(card.duration_ms / 1000))}</video:duration>"
        "</video:video></url>"
    )


def _is_beyond_xml(char: str) -> bool:
    return "\ud800" <= char <= "\udfff" or char in "\ufffe\uffff"


def _plain(words: str) -> str:
    """Without characters that XML 1.0 cannot hold."""
    return "".join(char for char in words if (char >= " " or char in "\n\t") and not _is_beyond_xml(char))


# --- Atom --------------------------------------------------------------------------------------------------


def atom(title: str, path: str, posts: QuerySet[Post], now: datetime) -> str:
    """The newest thirty of these, with their files as enclosures."""
    feed = Atom1Feed(
        title=title,
        link=absolute(path),
        description=title,
        feed_url=absolute(f"{path.rstrip('/')}/atom.xml"),
        language=None,
    )
    ids = list(posts.order_by("-published_at", "-pk").values_list("pk", flat=True)[:IN_A_FEED])
    for card in cards.in_order(NOBODY, ids, now):
        feed.add_item(
            title=_plain(card.label[:120]) or card.creator.name,
            link=absolute(card.url),
            description=_plain(card.caption or card.words),
            unique_id=f"urn:uuid:{card.id}",
            author_name=card.creator.name,
            author_link=absolute(card.creator.url),
            pubdate=datetime.fromisoformat(card.published_at),
            updateddate=datetime.fromisoformat(card.published_at),
        )
    return str(feed.writeString("utf-8"))


def of_person(person: User, now: datetime) -> QuerySet[Post]:
    return listed(now).filter(creator=person)


def of_tag(tag: Hashtag, now: datetime) -> QuerySet[Post]:
    return listed(now).filter(hashtags=tag)


def robots() -> str:
    lines: Iterable[str] = (
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /api/",
        "Disallow: /messages",
        "Disallow: /settings",
        f"Sitemap: {absolute('/sitemap.xml')}",
        "",
    )
    return "\n".join(lines)
