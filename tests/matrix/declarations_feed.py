"""Who may do what at the addresses of feed (the words are explained in tests/matrix/grammar.py)."""

import uuid
from datetime import timedelta
from typing import Any

from feed.models import (
    Ballot,
    BallotOption,
    BranchPoint,
    BranchWay,
    Episode,
    Post,
    RemovalRequest,
    Scheduled,
    Series,
)
from generation.models import Clip
from tests.matrix.grammar import (
    DENIED,
    DONE,
    HIDDEN,
    INVALID,
    LOGIN,
    OK,
    OPEN,
    Declaration,
    api,
    everyone,
    only,
    page,
    socket,
)
from tests.matrix.world import World


def post(w: World) -> dict[str, Any]:
    return {"post": w.post.public_id}


def put_off(w: World) -> dict[str, Any]:
    """A clip of the maker's that waits for its hour."""
    Scheduled.objects.create(clip=w.draft, creator=w.maker, at=w.now, created_at=w.now)
    return {"clip": w.draft.public_id}


def clip(w: World) -> dict[str, Any]:
    return {"clip": w.draft.public_id}


def no_case(_: World) -> dict[str, Any]:
    return {"case": uuid.uuid4(), "rendition": uuid.uuid4()}


def comment(w: World) -> dict[str, Any]:
    return {"comment": w.comment.public_id}


def latest(w: World) -> dict[str, Any]:
    return {"stream": "latest"}


def words(w: World) -> dict[str, Any]:
    return {"text": "Lovely"}


def reason(w: World) -> dict[str, Any]:
    return {"reason": "spam"}


def draft(w: World) -> dict[str, Any]:
    return {"clip": str(w.draft.public_id), "caption": ""}


def onward(w: World) -> dict[str, Any]:
    from feed import pagination

    return {"cursor": pagination.write("latest", [w.now.isoformat(), 2**40])}


def beacon(w: World) -> dict[str, Any]:
    return {"events": [{"post": str(w.post.public_id), "visit": str(uuid.uuid4()), "watch_ms": 900}]}


def shared_rules(w: World) -> dict[str, Any]:
    return {"rules": '[{"kind": "topic", "subject": "cats", "amount": 0.5}]'}


def weekly(w: World) -> dict[str, Any]:
    return {"digest": "weekly"}


def begun(w: World) -> dict[str, Any]:
    """A series of the maker's with the published clip as its first episode."""
    made = Series.objects.create(creator=w.maker, title="Curtain", created_at=w.now, locked_at=w.now)
    Episode.objects.create(series=made, post=w.post, number=1, title="One", added_at=w.now)
    return {"public_id": made.public_id}


def asked(w: World) -> dict[str, Any]:
    """Its vote on what comes next."""
    found = Series.objects.get(public_id=begun(w)["public_id"])
    closes_at = w.now + timedelta(days=1)
    ballot = Ballot.objects.create(
        series=found, episode=found.episodes.get(), question="?", opened_at=w.now, closes_at=closes_at
    )
    for position in range(2):
        BallotOption.objects.create(ballot=ballot, position=position, words=f"way {position}")
    return {"public_id": found.public_id}


def playable(w: World) -> dict[str, Any]:
    """The published clip asks, and leads to another one of the maker's that shows nobody."""
    clip = Clip.objects.create(
        maker=w.maker, engine="native", duration_ms=5000, width=720, height=1280, sealed_at=w.now
    )
    target = Post.objects.create(clip=clip, creator=w.maker, published_at=w.now)
    point = BranchPoint.objects.create(post=w.post, at_ms=1000, question="?")
    BranchWay.objects.create(point=point, position=0, label="Left", target=target)
    return {"post": w.post.public_id}


def rights(w: World) -> dict[str, Any]:
    return {"allow_remix": "on", "allow_comments": "on", "allow_download": "on", "remix_percent": "5"}


def opened(w: World) -> dict[str, Any]:
    return {"open": "1"}


def talk(w: World) -> dict[str, Any]:
    """Between Bob, who makes clips, and Alice, who is in them."""
    from feed import talking

    found = talking.open_with(author=w.maker, others=[w.depicted], now=w.now)
    return {"conversation": found.public_id}


def said(w: World) -> dict[str, Any]:
    from feed.models import Conversation, Message

    found = Conversation.objects.get(public_id=talk(w)["conversation"])
    made = Message.objects.create(conversation=found, author=w.maker, text="Hello", created_at=w.now)
    return {"message": made.public_id}


def pack(w: World) -> dict[str, Any]:
    from feed import packs

    made = packs.make(owner=w.maker, title="Friends", handles=[w.depicted.username], now=w.now)
    return {"pack": made.public_id}


def removal(w: Any) -> dict[str, Any]:
    """Whoever has the address of a request may look at it: it is its person's only key."""
    made = RemovalRequest.objects.create(
        post=w.post, email="r@example.test", statement="x", filed_at=w.now, due_at=w.now + timedelta(hours=48)
    )
    return {"public_id": made.public_id}


def removal_of_post(w: Any) -> dict[str, Any]:
    return {"clip": f"/p/{w.post.public_id}", "email": "r@example.test", "statement": "me", "honest": "on"}


MEMBERS = everyone(OK, anonymous=LOGIN)
READ = everyone(OK, blocked=HIDDEN)
SIGNED_IN = everyone(DONE, anonymous=LOGIN, blocked=HIDDEN)

DECLARATIONS: list[Declaration] = [
    page("feed:for-you", everyone(OK)),
    page("feed:following", everyone(OK, anonymous=LOGIN)),
    page("feed:circle", everyone(OK, anonymous=LOGIN)),
    page("feed:latest", everyone(OK)),
    page("feed:more", everyone(OK), at=latest, send=onward),
    api("feed:watched", everyone(204), method="POST", send=beacon, note="a clip one may not see is dropped"),
    page("feed:transparency", everyone(OK)),
    page("feed:transparency-json", everyone(OK)),
    page("feed:removal-ask", everyone(OK)),
    page(
        "feed:removal-ask",
        everyone(INVALID),
        method="POST",
        send=lambda w: {"clip": "x"},
        note="no such clip",
    ),
    page("feed:removal-ask", everyone(DONE), method="POST", send=removal_of_post, note="of a live clip"),
    page("feed:removal", everyone(OK), at=removal),
    page("feed:removal-proof", everyone(OK), at=removal),
    api("feed:mcp", everyone(401), method="POST", note="a token opens it, no session does"),
    page("feed:steer", MEMBERS),
    page("feed:steer", everyone(DONE, anonymous=LOGIN), method="POST", send=lambda w: {"rules": "0"}),
    page(
        "feed:steer-words",
        everyone(DONE, anonymous=LOGIN),
        method="POST",
        send=lambda w: {"words": "more cats"},
    ),
    page("feed:steer-export", MEMBERS),
    page("feed:steer-shared", MEMBERS, send=shared_rules),
    page("feed:steer-import", everyone(DONE, anonymous=LOGIN), method="POST", send=shared_rules),
    api("feed:api-steering", everyone(200, anonymous=401)),
    api(
        "feed:api-steering", everyone(200, anonymous=401), method="PUT", send=lambda w: {"words": "more cats"}
    ),
    page("feed:preferences", MEMBERS),
    page(
        "feed:preferences",
        everyone(DONE, anonymous=LOGIN),
        method="POST",
        send=lambda w: {"digest": "daily", "time_zone": "UTC"},
    ),
    page("feed:stop-digest", everyone(HIDDEN), at=lambda w: {"token": "forged"}),
    page("feed:stop-digest", everyone(HIDDEN), method="POST", at=lambda w: {"token": "forged"}),
    page("feed:case-media", everyone(HIDDEN, anonymous=LOGIN), at=no_case),
    page("feed:exposure", MEMBERS),
    page("feed:numbers", MEMBERS),
    page("feed:post-numbers", only("maker"), at=post),
    api("feed:api-preferences", everyone(200, anonymous=401)),
    api(
        "feed:api-preferences",
        everyone(200, anonymous=401),
        method="PATCH",
        send=lambda w: {"digest": "weekly"},
    ),
    api("feed:api-push", everyone(200, anonymous=401)),
    api("feed:api-push", everyone(400, anonymous=401), method="POST", send=lambda w: {"endpoint": "nowhere"}),
    api("feed:api-push", everyone(204, anonymous=401), method="DELETE", send=lambda w: {}),
    page("feed:push-stop", everyone(DONE, anonymous=LOGIN), method="POST"),
    api("feed:api-exposure", everyone(200, anonymous=401)),
    api("feed:api-numbers", everyone(404, anonymous=401, maker=200), at=post),
    page("feed:oembed", everyone(OK), send=lambda w: {"url": f"http://localhost:8000/p/{w.post.public_id}"}),
    page("feed:embed", everyone(OK), at=post, note="as for somebody without account, whoever asks"),
    page("feed:sitemap-index", everyone(OK)),
    page("feed:sitemap", everyone(OK), at=lambda w: {"page": 0}),
    page("feed:robots", everyone(OK)),
    page("feed:latest-atom", everyone(OK)),
    page("feed:person-atom", everyone(OK), at=lambda w: {"handle": "bob"}, note="the public part alone"),
    page("feed:tag-atom", everyone(HIDDEN), at=lambda w: {"name": "nothing"}, note="no clip has this tag"),
    page("feed:messages", MEMBERS),
    page("feed:message-new", MEMBERS),
    page(
        "feed:message-new",
        everyone(DONE, anonymous=LOGIN, blocked=HIDDEN, maker="422", teen=DENIED),
        method="POST",
        send=lambda w: {"to": "bob", "text": "Hello"},
        note="nobody writes to themselves, and a teen to no stranger",
    ),
    page("feed:talk", only("maker", "depicted"), at=talk),
    page("feed:talk", only("maker", "depicted", answer=DONE), method="POST", at=talk, send=words),
    page("feed:talk-answer", only("maker", "depicted", answer=DONE), method="POST", at=talk),
    page(
        "feed:take-back",
        only("maker", answer=DONE) | {"depicted": DENIED},
        method="POST",
        at=said,
    ),
    page("feed:packs", MEMBERS),
    page(
        "feed:packs",
        everyone(DONE, anonymous=LOGIN, blocked="422"),
        method="POST",
        send=lambda w: {"title": "Mine", "people": "bob alice"},
        note="nobody can be put there by whom they blocked",
    ),
    page("feed:pack", everyone(OK, blocked=HIDDEN), at=pack),
    page("feed:pack", everyone(DONE, anonymous=LOGIN, blocked=HIDDEN), method="POST", at=pack),
    page("feed:appeal", only("maker"), at=post),
    page("feed:appeal", only("maker", answer="409"), method="POST", at=post, note="nothing was decided"),
    page("feed:repost", SIGNED_IN, method="POST", at=post),
    page(
        "feed:open-comments", only("maker", answer=DONE), method="POST", at=post, send=lambda w: {"open": "1"}
    ),
    page("feed:edit-comment", only("follower"), at=comment),
    page("feed:edit-comment", only("follower", answer=DONE), method="POST", at=comment, send=words),
    page("feed:comment-history", READ, at=comment),
    page(
        "feed:pin-comment",
        everyone(DENIED, anonymous=LOGIN, blocked=HIDDEN, maker=DONE),
        method="POST",
        at=comment,
    ),
    api("feed:api-messages", everyone(200, anonymous=401)),
    api(
        "feed:api-messages",
        everyone(201, anonymous=401, blocked=404, maker=422, teen=403),
        method="POST",
        send=lambda w: {"to": ["bob"], "text": "Hello"},
    ),
    api("feed:api-conversation", everyone(404, anonymous=401, maker=200, depicted=200), at=talk),
    api(
        "feed:api-conversation",
        everyone(404, anonymous=401, maker=201, depicted=201),
        method="POST",
        at=talk,
        send=words,
    ),
    api("feed:api-repost", everyone(204, anonymous=401, blocked=404), method="PUT", at=post),
    api("feed:api-repost", everyone(204, anonymous=401, blocked=404), method="DELETE", at=post),
    api(
        "feed:api-comment",
        everyone(403, anonymous=401, blocked=404, follower=200),
        method="PATCH",
        at=comment,
        send=words,
    ),
    socket("ws/live/", everyone(OPEN), at=lambda w: "/ws/live/"),
    page("feed:search", everyone(OK), send=lambda w: {"q": "woman"}),
    page("feed:explore", everyone(OK)),
    page("feed:boards", everyone(DONE, anonymous=LOGIN), method="POST"),
    page("feed:tag", everyone(HIDDEN), at=lambda w: {"name": "nothing"}, note="no clip has this tag"),
    api("feed:api-search", everyone(200)),
    api("feed:api-explore", everyone(200)),
    page("feed:ranking", everyone(OK)),
    page("feed:ranking-mine", everyone(OK, anonymous=LOGIN)),
    page("feed:ranking-operator", only("operator")),
    page(
        "feed:ranking-operator",
        only("operator", answer=DONE),
        method="POST",
        send=lambda w: {"do": "rollback"},
    ),
    page(
        "feed:leave-experiment",
        everyone(HIDDEN, anonymous=LOGIN),
        method="POST",
        at=lambda w: {"experiment": "none"},
        note="none runs",
    ),
    api("feed:api-ranking", everyone(200)),
    page("feed:publish", only("maker", "depicted"), at=clip),
    page(
        "feed:publish",
        only("maker", answer="409", others=HIDDEN) | {"depicted": DENIED},
        method="POST",
        at=clip,
        note="the depicted person has not approved; and only the maker publishes",
    ),
    page("feed:unschedule", only("maker", answer=DONE), method="POST", at=put_off),
    api("feed:api-scheduled", everyone(200, anonymous=401)),
    api("feed:api-unschedule", everyone(404, anonymous=401, maker=204), method="DELETE", at=put_off),
    page("feed:post", READ, at=post),
    page("feed:like", SIGNED_IN, method="POST", at=post),
    page("feed:comments", READ, at=post),
    page("feed:comments", SIGNED_IN, method="POST", at=post, send=words),
    page("feed:report", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=post),
    page("feed:report", SIGNED_IN, method="POST", at=post, send=reason),
    page("feed:not-interested", SIGNED_IN, method="POST", at=post),
    page("feed:take-down", only("maker", answer=DONE), method="POST", at=post),
    page("feed:remix", SIGNED_IN, at=post),
    page("feed:lineage", READ, at=post),
    page("feed:series-mine", MEMBERS),
    page("feed:series-mine", everyone("422", anonymous=LOGIN), method="POST", note="without a title"),
    page("feed:series", READ, at=begun),
    page("feed:series-edit", only("maker"), at=begun),
    page(
        "feed:series-edit",
        only("maker", answer=DONE),
        method="POST",
        at=begun,
        send=lambda w: {"do": "words", "title": "Curtain up"},
    ),
    page(
        "feed:series-vote",
        everyone(DONE, anonymous=LOGIN, blocked=HIDDEN, maker=DENIED),
        method="POST",
        at=asked,
        send=lambda w: {"way": "1"},
    ),
    api("feed:api-series-mine", everyone(200, anonymous=401)),
    api(
        "feed:api-series-mine",
        everyone(201, anonymous=401),
        method="POST",
        send=lambda w: {"title": "Curtain up"},
    ),
    api("feed:api-series", everyone(200, blocked=404), at=begun),
    api(
        "feed:api-series",
        everyone(404, anonymous=401, maker=200),
        method="PUT",
        at=begun,
        send=lambda w: {"title": "Curtain up"},
    ),
    api("feed:api-series", everyone(404, anonymous=401, maker=204), method="DELETE", at=begun),
    api(
        "feed:api-episodes",
        everyone(404, anonymous=401, maker=422),
        method="POST",
        at=begun,
        send=lambda w: {"post": str(w.post.public_id), "title": "Again"},
        note="five seconds long",
    ),
    api(
        "feed:api-ballots",
        everyone(404, anonymous=401, maker=422),
        method="POST",
        at=begun,
        send=lambda w: {"question": "?", "options": ["a", "b"], "closes_at": w.now.isoformat()},
        note="over before it begins",
    ),
    api(
        "feed:api-vote",
        everyone(200, anonymous=401, blocked=404, maker=403),
        method="PUT",
        at=asked,
        send=lambda w: {"way": 0},
    ),
    api("feed:api-brief", everyone(404, anonymous=401, maker=200), at=begun),
    page("feed:ways", READ, at=playable),
    page("feed:lay-ways", only("maker"), at=post),
    page("feed:lay-ways", only("maker", answer=DONE), method="POST", at=post, send=lambda w: {"none": "1"}),
    api("feed:api-ways", everyone(200, blocked=404), at=playable),
    api(
        "feed:api-ways",
        everyone(404, anonymous=401, maker=400),
        method="PUT",
        at=post,
        note="nothing asked",
    ),
    api("feed:api-ways", everyone(404, anonymous=401, maker=204), method="DELETE", at=post),
    page("feed:broll", everyone(OK)),
    api("feed:api-broll", everyone(200)),
    page("feed:rights", only("maker"), at=post),
    page("feed:rights", only("maker", answer=DONE), method="POST", at=post, send=rights),
    page("feed:download", everyone(HIDDEN), at=post, note="the world's clips have no files"),
    api("feed:api-rights", everyone(200, blocked=404), at=post),
    api(
        "feed:api-rights",
        everyone(404, anonymous=401, maker=200),
        method="PATCH",
        at=post,
        send=lambda w: {"allow_remix": True},
    ),
    page(
        "feed:delete-comment",
        everyone(DENIED, anonymous=LOGIN, blocked=HIDDEN, follower=DONE, maker=DONE),
        method="POST",
        at=comment,
    ),
    page("feed:person", READ, at=lambda w: {"handle": w.maker.username}),
    page("feed:manifest", everyone(OK)),
    page("feed:worker", everyone(OK)),
    page("feed:offline", everyone(OK)),
    api("feed:api-stream", everyone(200), at=latest),
    api(
        "feed:api-posts",
        everyone(404, anonymous=401, maker=409, depicted=403),
        method="POST",
        send=draft,
        note="the depicted person has not approved; and only the maker publishes",
    ),
    api("feed:api-post", everyone(200, blocked=404), at=post),
    api("feed:api-post", everyone(404, anonymous=401, maker=204), method="DELETE", at=post),
    api("feed:api-like", everyone(200, anonymous=401, blocked=404), method="PUT", at=post),
    api("feed:api-like", everyone(200, anonymous=401, blocked=404), method="DELETE", at=post),
    api("feed:api-comments", everyone(200, blocked=404), at=post),
    api("feed:api-comments", everyone(201, anonymous=401, blocked=404), method="POST", at=post, send=words),
    api("feed:api-report", everyone(201, anonymous=401, blocked=404), method="POST", at=post, send=reason),
    api("feed:api-not-interested", everyone(204, anonymous=401, blocked=404), method="PUT", at=post),
    api(
        "feed:api-comment",
        everyone(403, anonymous=401, blocked=404, follower=204, maker=204),
        method="DELETE",
        at=comment,
    ),
]
