"""For feed_browser.py: the demo's clips again and again, as rows that share their files; and a session."""

import os
import uuid
from datetime import timedelta


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from accounts.models import User
    from accounts.session_store import SessionStore
    from feed.models import Post
    from generation.models import Clip, Rendition

    now = timezone.now()
    shown = list(Post.objects.filter(state="LIVE", clip__cast_count=0).select_related("clip"))
    shown = shown or list(Post.objects.filter(state="LIVE").select_related("clip"))
    have = Post.objects.filter(state="LIVE").count()
    for n in range(max(0, 260 - have)):
        post = shown[n % len(shown)]
        files = list(Rendition.objects.filter(clip=post.clip))
        clip = Clip.objects.get(pk=post.clip_id)
        clip.pk, clip.public_id, clip.mark_payload, clip.cast_count = None, uuid.uuid4(), "", 0
        clip.save(force_insert=True)
        for file in files:
            file.pk, file.public_id, file.clip = None, uuid.uuid4(), clip
            file.save(force_insert=True)
        Post.objects.create(
            clip=clip,
            creator_id=post.creator_id,
            caption=post.caption,
            topics=post.topics,
            published_at=now - timedelta(hours=2, minutes=n),
        )
    person = User.objects.filter(posts__isnull=False, is_active=True).order_by("pk").first()
    assert person is not None
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "accounts.session_store.Backend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    print(session.session_key)


if __name__ == "__main__":
    main()
