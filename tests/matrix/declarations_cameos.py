"""Who may do what at the addresses of cameos (the words are explained in tests/matrix/grammar.py)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from cameos import recordings, vault
from cameos.models import (
    Cameo,
    CameoCapture,
    Challenge,
    Ending,
    Licence,
    LikenessUse,
    PriceCard,
    Upload,
)
from tests.matrix.grammar import (
    DENIED,
    DONE,
    HIDDEN,
    LOGIN,
    OK,
    STEP_UP,
    Declaration,
    Expected,
    api,
    everyone,
    only,
    page,
)

STALE = "without a fresh confirmation"
NOT_BEGUN = "nothing begun in this browser"
OWNER = only("depicted")
OWNER_DONE = only("depicted", answer=DONE)
WIDER = {"audience": "everyone", "companions": "anyone", "purposes": ["generate"]}
PRICE = {"fee": "5", "currency": "EUR", "share": "10"}
CARD = {"fee": 400, "currency": "EUR", "share_bp": 1000}
CLOSED = {"audience": "only_me", "companions": "anyone"}


def owner_api(answer: int = 200, **exceptions: int) -> Expected:
    """Over the API: the depicted owner, and a 404 for everybody else with an account."""
    return everyone(404, **{"anonymous": 401, "depicted": answer} | exceptions)


def draft_use(w: Any) -> dict[str, Any]:
    return {"public_id": w.draft_use.public_id}


def live_use(w: Any) -> dict[str, Any]:
    return {"public_id": w.use.public_id}


def alices_cameo(w: Any) -> dict[str, Any]:
    return {"public_id": w.cameo.public_id}


def carol(w: Any) -> dict[str, Any]:
    return {"handle": w.stranger.username}


def nadia(w: Any) -> dict[str, Any]:
    return {"handle": w.named.username}


def recording(w: Any) -> dict[str, Any]:
    """Carol's recording, which a moderator has to look at."""
    made = _capture(w)
    recordings.sealed_path(made).parent.mkdir(parents=True, exist_ok=True)
    recordings.sealed_path(made).write_bytes(vault.seal(made.cameo, b"\x1aE\xdf\xa3 film", "recording"))
    return {"public_id": made.public_id}


def capture(w: Any) -> dict[str, Any]:
    return {"public_id": _capture(w).public_id}


def _capture(w: Any) -> CameoCapture:
    cameo = Cameo.objects.create(owner=w.stranger, name="Carol", created_at=w.now)
    asked = Challenge.objects.create(
        user=w.stranger, nonce="n" * 43, movements=["left"], numbers=[1, 2, 3], issued_at=w.now
    )
    return CameoCapture.objects.create(
        cameo=cameo, challenge=asked, state=CameoCapture.State.REVIEW, created_at=w.now
    )


def challenge(w: Any) -> dict[str, Any]:
    """A fresh challenge of Carol's."""
    made = Challenge.objects.create(
        user=w.stranger, nonce="n" * 43, movements=["left"], numbers=[1, 2, 3], issued_at=timezone.now()
    )
    return {"nonce": made.nonce}


def upload(w: Any) -> dict[str, Any]:
    """An unfinished upload of Carol's."""
    soon = w.now + timedelta(days=1)
    made = Upload.objects.create(
        owner=w.stranger, purpose="capture", size=9, path="x", created_at=w.now, expires_at=soon
    )
    return {"public_id": made.public_id}


def taken_down(w: Any) -> dict[str, Any]:
    """An act of Alice's that took something down."""
    made = Ending.objects.create(cameo=w.cameo, reason="deleted", use_count=0, started_at=w.now)
    return {"public_id": made.public_id}


def hidden_use(w: Any) -> dict[str, Any]:
    LikenessUse.objects.filter(pk=w.use.pk).update(state="provisional", approval="hidden")
    return live_use(w)


def _card(w: Any) -> PriceCard:
    return PriceCard.objects.create(
        cameo=w.cameo, fee=500, currency="EUR", friends_free=False, created_at=w.now, effective_at=w.now
    )


def priced(w: Any) -> dict[str, Any]:
    _card(w)
    return alices_cameo(w)


def cheap(w: Any) -> dict[str, Any]:
    """A card of now that is dearer than the one that is sent."""
    _card(w)
    return {}


def request(w: Any) -> dict[str, Any]:
    """Carol asked Alice for a licence."""
    made = Licence.objects.create(
        cameo=w.cameo,
        requester=w.stranger,
        card=_card(w),
        clip_count=1,
        fee=500,
        currency="EUR",
        share_bp=0,
        asked_at=w.now,
    )
    return {"public_id": made.public_id}


def nothing(w: Any) -> dict[str, Any]:
    return {}


def send(data: dict[str, Any]) -> Any:
    return lambda w: data


DECLARATIONS: list[Declaration] = [
    page("cameos:likeness", everyone(OK, anonymous=LOGIN)),
    page("cameos:grant", OWNER),
    page("cameos:grant", OWNER_DONE, method="POST", send=send(WIDER)),
    page(
        "cameos:grant",
        only("depicted", answer=STEP_UP),
        method="POST",
        send=send(WIDER),
        stepped_up=False,
        note=STALE,
    ),
    page(
        "cameos:grant",
        OWNER_DONE,
        method="POST",
        send=send(CLOSED),
        stepped_up=False,
        note="narrower, " + STALE,
    ),
    page("cameos:grant-preview", OWNER, method="POST", send=send(CLOSED), stepped_up=False),
    page("cameos:name-person", OWNER_DONE, method="POST", send=carol),
    page(
        "cameos:name-person",
        only("depicted", answer=STEP_UP),
        method="POST",
        send=carol,
        stepped_up=False,
        note=STALE,
    ),
    page("cameos:drop-person", OWNER_DONE, method="POST", send=nadia),
    page("cameos:use", OWNER, at=draft_use),
    page("cameos:use", OWNER, at=live_use, note="published"),
    page("cameos:approve", OWNER_DONE, method="POST", at=draft_use),
    page("cameos:decline", OWNER_DONE, method="POST", at=draft_use),
    page("cameos:delete-use", OWNER_DONE, method="POST", at=live_use),
    page("cameos:hide-use", OWNER_DONE, method="POST", at=live_use),
    page("cameos:show-use", OWNER_DONE, method="POST", at=hidden_use),
    page("cameos:freeze-request", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=alices_cameo),
    page(
        "cameos:freeze-request",
        everyone(DONE, anonymous=LOGIN, blocked=HIDDEN),
        method="POST",
        at=alices_cameo,
        send=send({"standing": "kin", "words": "She died."}),
    ),
    page("cameos:friends", everyone(OK, anonymous=LOGIN)),
    page("cameos:history", OWNER),
    page("cameos:ending", OWNER, at=taken_down),
    page("cameos:price", OWNER),
    page("cameos:price", OWNER_DONE, method="POST", send=send(PRICE)),
    page("cameos:licences", everyone(OK, anonymous=LOGIN)),
    page("cameos:licence-ask", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=priced),
    page(
        "cameos:licence-ask",
        everyone(DONE, anonymous=LOGIN, blocked=HIDDEN, depicted="409"),
        method="POST",
        at=priced,
        send=send({"clip_count": "1"}),
    ),
    page("cameos:licence-accept", OWNER_DONE, method="POST", at=request),
    page(
        "cameos:licence-accept",
        only("depicted", answer=STEP_UP),
        method="POST",
        at=request,
        stepped_up=False,
        note=STALE,
    ),
    page("cameos:licence-decline", OWNER_DONE, method="POST", at=request, stepped_up=False),
    page("cameos:ledger", OWNER),
    page("cameos:ledger-file", OWNER),
    page("cameos:revoke", OWNER),
    page("cameos:revoke", OWNER_DONE, method="POST", stepped_up=False),
    page("cameos:freeze", OWNER_DONE, method="POST", stepped_up=False),
    page("cameos:unfreeze", OWNER_DONE, method="POST"),
    page("cameos:unfreeze", everyone(STEP_UP, anonymous=LOGIN), method="POST", stepped_up=False, note=STALE),
    page("cameos:erase", OWNER),
    page("cameos:erase", OWNER, method="POST"),
    page("cameos:erase", only("depicted", answer=STEP_UP), method="POST", stepped_up=False, note=STALE),
    page("cameos:heads", everyone(OK)),
    page("cameos:release", everyone(OK, anonymous=LOGIN)),
    page(
        "cameos:release",
        everyone(DONE, anonymous=LOGIN, teen=DENIED),
        method="POST",
        send=send({"agree": "on"}),
    ),
    page("cameos:release-withdraw", everyone(DONE, anonymous=LOGIN, depicted="409"), method="POST"),
    page("cameos:capture", everyone(DONE, anonymous=LOGIN), note="leads to the release first"),
    page("cameos:recording", only("stranger", "moderator"), at=recording),
    api(
        "cameos:api-challenges",
        everyone(409, anonymous=401, teen=403),
        method="POST",
        note="without a release",
    ),
    api(
        "cameos:api-challenge-start", everyone(409, anonymous=401, stranger=204), method="POST", at=challenge
    ),
    api(
        "cameos:api-captures",
        everyone(404, anonymous=401),
        method="POST",
        send=send({"nonce": "n", "upload": str(UUID(int=1))}),
        note="an upload of nobody's",
    ),
    api("cameos:api-capture", everyone(404, anonymous=401, stranger=200), at=capture),
    api("cameos:api-uploads", everyone(412, anonymous=401), method="POST", note="without the tus header"),
    api(
        "cameos:api-upload",
        everyone(412, anonymous=401),
        method="PATCH",
        at=upload,
        note="without the tus header",
    ),
    api(
        "cameos:api-upload",
        everyone(412, anonymous=401),
        method="DELETE",
        at=upload,
        note="without the tus header",
    ),
    page("cameos:never-me", everyone(OK)),
    page(
        "cameos:never-me",
        everyone(DONE),
        method="POST",
        send=send({"agree": "on", "is_old_enough": "on"}),
    ),
    page("cameos:never-me-recording", everyone(DONE), note="leads to the release first"),
    page("cameos:never-me-code", everyone(HIDDEN), method="POST", note="nothing begun in this browser"),
    page("cameos:never-me-remove", everyone(OK)),
    page(
        "cameos:never-me-remove",
        everyone(HIDDEN),
        method="POST",
        send=send({"code": "AAAA-BBBB"}),
        note="a code of nobody's",
    ),
    *(
        api(f"cameos:api-never-me-{name}", everyone(404), method=method, at=at, note=NOT_BEGUN)
        for name, method, at in (
            ("challenges", "POST", nothing),
            ("start", "POST", challenge),
            ("capture", "GET", capture),
        )
    ),
    api(
        "cameos:api-never-me-captures",
        everyone(404),
        method="POST",
        send=send({"nonce": "n", "upload": str(UUID(int=1))}),
        note=NOT_BEGUN,
    ),
    api("cameos:api-never-me-uploads", everyone(412), method="POST", note="without the tus header"),
    api(
        "cameos:api-never-me-upload", everyone(412), method="PATCH", at=upload, note="without the tus header"
    ),
    api(
        "cameos:api-never-me-upload", everyone(412), method="DELETE", at=upload, note="without the tus header"
    ),
    api("cameos:api-castable", everyone(200, anonymous=401)),
    api("cameos:api-may-cast", everyone(200, anonymous=401, blocked=404), at=alices_cameo),
    api("cameos:api-likeness", owner_api()),
    api("cameos:api-likeness", owner_api(204), method="DELETE"),
    api(
        "cameos:api-likeness", everyone(DENIED, anonymous=401), method="DELETE", stepped_up=False, note=STALE
    ),
    api("cameos:api-grant", owner_api(), method="PUT", send=send(WIDER)),
    api("cameos:api-grant", owner_api(403), method="PUT", send=send(WIDER), stepped_up=False, note=STALE),
    api("cameos:api-named-person", owner_api(), method="PUT", at=carol),
    api("cameos:api-named-person", owner_api(403), method="PUT", at=carol, stepped_up=False, note=STALE),
    api("cameos:api-named-person", owner_api(), method="DELETE", at=nadia),
    api("cameos:api-price", owner_api()),
    api("cameos:api-price", owner_api(), method="PUT", send=send(CARD)),
    api(
        "cameos:api-price",
        owner_api(403),
        method="PUT",
        at=cheap,
        send=send(CARD),
        stepped_up=False,
        note=STALE,
    ),
    api("cameos:api-licences", everyone(200, anonymous=401)),
    api(
        "cameos:api-licence-ask",
        everyone(201, anonymous=401, blocked=404, depicted=409),
        method="POST",
        at=priced,
        send=send({"clip_count": 1}),
    ),
    api("cameos:api-licence-accept", owner_api(), method="POST", at=request),
    api("cameos:api-licence-accept", owner_api(403), method="POST", at=request, stepped_up=False, note=STALE),
    api("cameos:api-licence-decline", owner_api(), method="POST", at=request, stepped_up=False),
    api("cameos:api-uses", everyone(200, anonymous=401)),
    api("cameos:api-use", owner_api(), at=draft_use),
    api("cameos:api-use", owner_api(), method="DELETE", at=live_use),
    api("cameos:api-approve", owner_api(), method="POST", at=draft_use),
    api("cameos:api-decline", owner_api(), method="POST", at=draft_use),
    api("cameos:api-revoke", owner_api(204), method="POST", stepped_up=False),
    api("cameos:api-freeze", owner_api(204), method="POST", stepped_up=False),
    api("cameos:api-unfreeze", owner_api(204), method="POST"),
    api("cameos:api-unfreeze", everyone(DENIED, anonymous=401), method="POST", stepped_up=False, note=STALE),
    api("cameos:api-ledger", owner_api()),
]
