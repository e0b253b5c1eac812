"""The newest posts of whom somebody follows, looked up person by person.

Newest first over the whole table, a page of twelve people's posts passes by those of everybody else: among a
million posts five thousand of them, and more the more people there are. PostgreSQL can go to each person's
newest instead (LATERAL over the index of creator and moment), which costs the same in any town. SQLite
cannot, and a host on it is small.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from accounts import compiled
from accounts.social import Viewer
from feed.models import Post

MOST = 12  # at once: a page and a few, for who may see them is asked later and takes some away
Key = tuple[datetime, int]

# Whom the viewer follows, lists as close, and the viewer; and what those they follow reposted, as
# `PostQuerySet.from_followed` has it.
_SQL = """
SELECT id FROM (
    (SELECT p.id, p.published_at
       FROM (SELECT followee_id AS person FROM accounts_follow WHERE follower_id = %s
             UNION SELECT member_id FROM accounts_circlemember WHERE owner_id = %s
             UNION SELECT %s) AS whom
      CROSS JOIN LATERAL (
            SELECT id, published_at FROM feed_post
             WHERE creator_id = whom.person AND state = 'LIVE' AND {bound}
             ORDER BY published_at DESC, id DESC LIMIT {most}) AS p)
    UNION
    (SELECT feed_post.id, feed_post.published_at
       FROM feed_repost JOIN feed_post ON feed_post.id = feed_repost.post_id
      WHERE feed_repost.person_id IN (SELECT followee_id FROM accounts_follow WHERE follower_id = %s)
        AND feed_post.state = 'LIVE' AND {bound_reposted}
      ORDER BY feed_post.published_at DESC, feed_post.id DESC LIMIT {most})
) AS newest ORDER BY published_at DESC, id DESC LIMIT {most}
"""


def can_tell() -> bool:
    """Whether this database goes from person to person."""
    return connection.vendor == "postgresql"


def newest(viewer: Viewer, key: Key | None, now: datetime) -> list[Key]:
    """Moment and id of the newest live posts of `following`, at most `MOST`, after `key` where there is one;
    who may see them is not asked. Fewer than `MOST` are all that are left. Only where one `can_tell`."""
    is_after = key is not None
    values = compiled.Values(viewer.pk, now, moments=[key[0]] if key else (), numbers=[key[1]] if key else ())
    return compiled.run(("newest followed", is_after), lambda: _build(is_after), values)  # type: ignore[return-value]


def _build(is_after: bool) -> QuerySet[Post]:
    me = compiled.VIEWER.pk
    if is_after:
        bound, moment = "({0}published_at, {0}id) < (%s, %s)", [compiled.moment(1), compiled.number(1)]
    else:
        bound, moment = "{0}published_at <= %s", [compiled.NOW]
    sql = _SQL.format(bound=bound.format(""), bound_reposted=bound.format("feed_post."), most=MOST)
    found = RawSQL(sql, [me, me, me, *moment, me, *moment])  # nosec B611: no text of anybody's in it
    return Post.objects.filter(pk__in=found).newest_first().values_list("published_at", "pk")  # type: ignore[return-value]
