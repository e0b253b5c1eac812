"""Who may do what at the addresses of feed (the words are explained in tests/matrix/grammar.py)."""

import uuid
from typing import Any

from feed.models import Scheduled
from tests.matrix.grammar import DENIED, DONE, HIDDEN, LOGIN, OK, Declaration, api, everyone, only, page
from tests.matrix.world import World


def post(w: World) -> dict[str, Any]:
    return {"post": w.post.public_id}


def put_off(w: World) -> dict[str, Any]:
    """A clip of the maker's that waits for its hour."""
    Scheduled.objects.create(clip=w.draft, creator=w.maker, at=w.now, created_at=w.now)
    return {"clip": w.draft.public_id}


def clip(w: World) -> dict[str, Any]:
    return {"clip": w.draft.public_id}


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


MEMBERS = everyone(OK, anonymous=LOGIN)
READ = everyone(OK, blocked=HIDDEN)
SIGNED_IN = everyone(DONE, anonymous=LOGIN, blocked=HIDDEN)

DECLARATIONS: list[Declaration] = [
    page("feed:for-you", everyone(OK)),
    page("feed:following", everyone(OK, anonymous=LOGIN)),
    page("feed:latest", everyone(OK)),
    page("feed:more", everyone(OK), at=latest, send=onward),
    api("feed:watched", everyone(204), method="POST", send=beacon, note="a clip one may not see is dropped"),
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
    page("feed:search", everyone(OK), send=lambda w: {"q": "woman"}),
    page("feed:explore", everyone(OK)),
    page("feed:boards", everyone(DONE, anonymous=LOGIN), method="POST"),
    page("feed:tag", everyone(HIDDEN), at=lambda w: {"name": "nothing"}, note="no clip has this tag"),
    api("feed:api-search", everyone(200)),
    api("feed:api-explore", everyone(200)),
    page("feed:ranking", everyone(OK)),
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
