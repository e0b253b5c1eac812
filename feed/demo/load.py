"""Brings the programme into this host, by the same doors that people use.

Every clip gets a generation row, a permit from everybody in it, this host's visible mark, renditions,
fingerprint
and C2PA signature, the owners' approval, and is published: only the rendering is taken from the repository.
What is
there already is skipped, so that a second run costs one query for each kind of thing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.db import transaction

from accounts.models import Follow, Invite, Notification, User
from cameos import actions as likeness
from cameos import consent, uses
from cameos.models import Audience, Cameo, LikenessUse, Purpose
from cameos.terms import Terms
from feed import actions
from feed.demo import programme
from feed.demo.history import live_it
from feed.demo.programme import Scene
from feed.models import Post
from feed.refusals import AlreadyPublished
from generation import actions as making
from generation import renditions, seal, store
from generation.engines.base import Rendered
from generation.inspecting import inspect
from generation.models import Clip, Generation, GenerationCast
from generation.pipeline import Clock
from generation.provenance import marks
from generation.states import State, Verb
from model import video

CLIPS = Path(__file__).parent / "clips"
SECONDS = 5
OPENED = timedelta(days=30)  # how long ago these people joined
LEASE = timedelta(days=1)
WORKER = "demo"
CREDITS = 1

Say = Callable[[str], None]


def load(now: datetime, say: Say) -> int:
    """Everything; returns how many clips are new. Safe to stop and to run again."""
    people = _people(now)
    _invite(people[programme.OWNERS[0].handle], now)  # its link was printed already
    cameos = _characters(people, now)
    _clear_stopped(now)
    there = dict(Clip.objects.filter(maker__in=people.values()).values_list("seed", "pk"))
    published = set(Post.objects.filter(clip__in=there.values()).values_list("clip", flat=True))
    new = 0
    for scene in programme.SCENES:
        if there.get(scene.seed) in published or not (CLIPS / f"{scene.slug}.mp4").exists():
            continue
        _bring(scene, people, cameos, now)
        new += 1
        say(f"{scene.slug} is on stage ({new}).")
    if new:
        live_it(people, now)
        Notification.objects.filter(recipient__in=people.values(), read_at=None).update(read_at=now)
    return new


def _people(now: datetime) -> dict[str, User]:
    """Owners, audience and a moderator. They sign in by a code that the demo's mail page shows."""
    wanted = {owner.handle: (owner.name, owner.bio) for owner in programme.OWNERS}
    wanted |= {viewer.handle: (viewer.name, "") for viewer in (*programme.AUDIENCE, programme.MODERATOR)}
    there = {
        person.email.partition("@")[0]: person
        for person in User.objects.filter(email__in=map(address, wanted))
    }
    for handle, (name, bio) in wanted.items():
        if handle not in there:
            there[handle] = _person(handle, name, bio, now)
    _follows(there, now)
    return there


def address(handle: str) -> str:
    """What tells the demo's people from real ones, who may have taken the same handle first."""
    return f"{handle}{programme.DOMAIN}"


def _person(handle: str, name: str, bio: str, now: datetime) -> User:
    taken = User.objects.filter(username=handle).exists()
    person = User(
        username=f"{handle}_demo" if taken else handle,
        email=address(handle),
        display_name=name,
        bio=bio,
        birth_date=(now - timedelta(days=365 * 34)).date(),
        is_moderator=handle == programme.MODERATOR.handle,
        date_joined=now - OPENED,
    )
    person.set_unusable_password()
    person.save()
    return person


def _follows(people: dict[str, User], now: datetime) -> None:
    owners = [owner.handle for owner in programme.OWNERS]
    audience = [viewer.handle for viewer in programme.AUDIENCE]
    edges = [(a, owners[(i + step) % len(owners)]) for i, a in enumerate(owners) for step in (1, 2, 5)]
    edges += [(a, owners[(i * 3 + step) % len(owners)]) for i, a in enumerate(audience) for step in (0, 1)]
    Follow.objects.bulk_create(
        [Follow(follower=people[a], followee=people[b], created_at=now - OPENED) for a, b in edges],
        ignore_conflicts=True,
    )


def _characters(people: dict[str, User], now: datetime) -> dict[str, Cameo]:
    """Each drawn character with its owner's grant: everybody, also for trade; shown to the owner first."""
    found = {
        (cameo.owner_id, cameo.name): cameo
        for cameo in Cameo.objects.filter(owner__in=people.values(), kind=Cameo.Kind.CHARACTER)
    }
    cameos = {}
    for character in programme.CHARACTERS:
        owner = people[character.owner]
        cameo = found.get((owner.pk, character.name))
        if cameo is None:
            cameo = _character(owner, character, now - OPENED)
        cameos[character.slug] = cameo
    return cameos


@transaction.atomic
def _character(owner: User, character: programme.Character, opened: datetime) -> Cameo:
    cameo = likeness.create_character(
        owner=owner, name=character.name, character=dict(character.look), now=opened
    )
    terms = Terms(
        audience=Audience.EVERYONE,
        purposes=frozenset({Purpose.GENERATE, Purpose.REMIX, Purpose.ADVERTISE, Purpose.SERIES}),
        commercial=True,
        wishes=character.wishes,
    )
    likeness.save_grant(cameo=cameo, owner=owner, terms=terms, stepped_up=True, now=opened)
    return cameo


def _invite(inviter: User, now: datetime) -> None:
    Invite.objects.get_or_create(
        code=programme.INVITE,
        defaults={
            "inviter": inviter,
            "uses_left": 1000,
            "expires_at": now + timedelta(days=365),
            "created_at": now,
        },
    )


def _clear_stopped(now: datetime) -> None:
    """A run that was stopped in the middle left a row in work; it ends here and the clip is made again."""
    for generation in Generation.objects.filter(worker=WORKER, clip=None, finished_at=None):
        making.end_failed(generation, now, error="worker_lost")


def _bring(scene: Scene, people: dict[str, User], cameos: dict[str, Cameo], now: datetime) -> None:
    maker = people[scene.maker]
    clip = Clip.objects.filter(maker=maker, seed=scene.seed, deleted_at=None).first()
    if clip is None:
        clip = _seal(scene, maker, [cameos[slug] for slug in scene.cast], now)
    for use in LikenessUse.objects.filter(clip=clip, approval=LikenessUse.Approval.WAITING):
        uses.approve(use=use, owner=use.cameo.owner, now=now)
    try:
        post = actions.publish(clip=clip, creator=maker, caption=scene.caption, now=now)
    except AlreadyPublished:
        return
    Post.objects.filter(pk=post.pk).update(published_at=now - timedelta(hours=scene.hours_ago))


def _seal(scene: Scene, maker: User, cast: list[Cameo], now: datetime) -> Clip:
    generation, people = _generation(scene, maker, cast, now)
    purpose = Purpose.REMIX if scene.parent else Purpose.GENERATE
    permits = []
    for cameo in people:
        others = tuple(other for other in people if other != cameo)
        brief = consent.Brief(prompt=scene.prompt, companions=others, commercial=False, voice=False)
        permits.append(
            consent.permit(
                cameo=cameo, requester=maker, purpose=purpose, brief=brief, generation=generation, now=now
            )
        )
    with store.work_folder() as folder:
        rendered = shipped(scene.slug)
        marked = marks.marks_for(maker.username, rendered.size)
        written = renditions.write(rendered, folder, marked, sources=1 if scene.parent else 0)
        Generation.objects.move(generation, State.INSPECTING, now)
        inspect(written.samples.seen, permits)
        Generation.objects.move(generation, State.SEALING, now)
        return seal.seal_clip(generation, permits, rendered, written, folder, Clock())


@transaction.atomic
def _generation(
    scene: Scene, maker: User, cast: list[Cameo], now: datetime
) -> tuple[Generation, list[Cameo]]:
    """A row in work, held by this loader, so that no render worker takes it."""
    parent = None
    if scene.parent:
        source = next(other for other in programme.SCENES if other.slug == scene.parent)
        parent = Clip.objects.get(seed=source.seed, maker__username=source.maker, deleted_at=None)
        inherited = Cameo.objects.filter(uses__clip=parent).exclude(pk__in=[c.pk for c in cast])
        cast = [*inherited.order_by("uses__pk"), *cast]
    generation = Generation.objects.create(
        maker=maker,
        verb=Verb.REMIX if parent else Verb.TEXT,
        prompt=scene.prompt,
        seed=scene.seed,
        seconds=SECONDS,
        parent=parent,
        state=State.RENDERING,
        state_since=now,
        credits=CREDITS,
        worker=WORKER,
        lease_until=now + LEASE,
        fence=1,
        created_at=now,
        queued_at=now,
        started_at=now,
    )
    GenerationCast.objects.bulk_create(
        GenerationCast(generation=generation, cameo=cameo, position=position)
        for position, cameo in enumerate(cast)
    )
    making.credits.reserve(generation, now)
    return generation, cast


def shipped(slug: str) -> Rendered:
    """A rendering from the repository, as an engine would hand it over."""
    path = CLIPS / f"{slug}.mp4"
    facts = video.probe(path)
    material = path.with_suffix(".npz")
    return Rendered(
        frames=video.read_frames(path),
        frame_count=facts.frames,
        fps=facts.fps,
        size=(facts.width, facts.height),
        audio=video.read_audio(path).astype(np.float32) if facts.audio_codec else None,
        material=material.read_bytes() if material.exists() else b"",
    )
