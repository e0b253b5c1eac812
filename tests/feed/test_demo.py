"""The demo: a list that holds together, and a loader that uses the doors people use and may run twice."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Invite
from cameos.models import Cameo, LikenessUse
from feed.demo import load, programme
from feed.models import Like, Post, Watch
from generation.models import Clip, Generation
from generation.states import State
from tests.conftest import person

SLUGS = {scene.slug for scene in programme.SCENES}


def test_the_programme_holds_together() -> None:
    handles = {owner.handle for owner in programme.OWNERS}
    characters = {character.slug for character in programme.CHARACTERS}
    assert (len(programme.OWNERS), len(characters), len(SLUGS)) == (8, 8, 40)
    assert len({scene.seed for scene in programme.SCENES}) == 40
    assert {character.owner for character in programme.CHARACTERS} == handles
    for scene in programme.SCENES:
        assert scene.maker in handles and set(scene.cast) <= characters
        assert not scene.parent or scene.parent in SLUGS


def test_every_clip_ships_and_all_fit_into_the_repository() -> None:
    assert {path.stem for path in load.CLIPS.glob("*.mp4")} == SLUGS
    assert {path.stem for path in load.CLIPS.glob("*.npz")} == SLUGS
    assert sum(path.stat().st_size for path in load.CLIPS.iterdir()) <= 15 * 1024 * 1024


@pytest.fixture
def two_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clip with somebody else's character in it, and a remix by a third person."""
    wanted = {"juno-backflip", "juno-snowfield"}
    scenes = tuple(scene for scene in programme.SCENES if scene.slug in wanted)
    monkeypatch.setattr(programme, "SCENES", scenes)


@pytest.mark.django_db(transaction=True)
def test_loading_twice_is_loading_once(two_scenes: None) -> None:
    now: datetime = timezone.now()
    said: list[str] = []
    assert load.load(now, said.append) == len(said) == 2
    assert load.load(now + timedelta(minutes=1), said.append) == 0

    assert Clip.objects.count() == Post.objects.visible_to(AnonymousUser(), now).count() == 2
    assert set(Generation.objects.values_list("state", flat=True)) == {State.READY}
    assert set(LikenessUse.objects.values_list("state", flat=True)) == {LikenessUse.State.LIVE}
    assert LikenessUse.objects.filter(approval="approved").exists(), "the owner was asked"
    assert set(Cameo.objects.values_list("kind", flat=True)) == {Cameo.Kind.CHARACTER}
    assert Watch.objects.exists() and Like.objects.exists()
    for post in Post.objects.all():
        assert post.like_count == Like.objects.filter(post=post).count()
        for rendition in post.clip.renditions.all():
            assert (Path(settings.MEDIA_ROOT) / rendition.path).stat().st_size == rendition.bytes
    assert Invite.objects.get(code=programme.INVITE).uses_left > 0


@pytest.mark.django_db
def test_somebody_who_took_a_handle_first_is_not_made_part_of_the_demo() -> None:
    first = person(programme.OWNERS[0].handle)
    people = load._people(timezone.now())
    assert first not in people.values()
    assert people[first.username].username == f"{first.username}_demo"
