"""Who may do what at the addresses of accounts (the words are explained in tests/matrix/grammar.py)."""

from datetime import timedelta
from typing import Any

from accounts.models import Case, Guardianship, Hook, HousePage, Passkey, PersonalAccessToken, SignIn
from tests.matrix.grammar import (
    CREATED,
    DONE,
    HIDDEN,
    INVALID,
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

NONE = 204
NEWCOMER = {
    "handle": "nina",
    "name": "Nina",
    "birth_date": "1995-02-03",
    "language": "en",
    "email": "nina@example.test",
}
MEMBERS = everyone(OK, anonymous=LOGIN)
MEMBERS_DONE = everyone(DONE, anonymous=LOGIN)
MEMBERS_FRESH = everyone(STEP_UP, anonymous=LOGIN)
MEMBERS_INVALID = everyone(INVALID, anonymous=LOGIN)
MODERATORS = only("moderator", "operator")
TO_ALICE = everyone(DONE, anonymous=LOGIN, blocked=HIDDEN, depicted=INVALID)
STALE = "without a fresh confirmation"


def invite(w: Any) -> dict[str, Any]:
    return {"code": w.invite.code}


def alice(w: Any) -> dict[str, Any]:
    return {"handle": w.depicted.username}


def alices_passkey(w: Any) -> dict[str, Any]:
    made = Passkey.objects.create(
        user=w.depicted, name="Phone", credential_id="x", credential=b"", created_at=w.now
    )
    return {"passkey_id": made.pk}


def alices_session(w: Any) -> dict[str, Any]:
    made = SignIn.objects.create(user=w.depicted, session_key="x" * 32, method="email", created_at=w.now)
    return {"sign_in_id": made.pk}


def alices_token(w: Any) -> dict[str, Any]:
    made = PersonalAccessToken.objects.create(
        user=w.depicted, name="x", digest="x", created_at=w.now, expires_at=w.now + timedelta(days=1)
    )
    return {"token_id": made.pk}


def alices_hook(w: Any) -> dict[str, Any]:
    made = Hook.objects.create(owner=w.depicted, address="https://x.example.test/", created_at=w.now)
    return {"public_id": made.public_id}


def bobs_ward(*, inside: bool = True) -> Any:
    """Bob looks after the teen; `inside`: the address names them."""

    def made(w: Any) -> dict[str, Any]:
        Guardianship.objects.create(teen=w.teen, guardian=w.maker, asked_at=w.now, agreed_at=w.now)
        return {"handle": w.teen.username} if inside else {}

    return made


def house_page(w: Any) -> dict[str, Any]:
    HousePage.objects.create(kind="terms", text="Be kind.", made_at=w.now)
    return {"kind": "terms"}


def some_case(w: Any) -> dict[str, Any]:
    made = Case.objects.create(kind="matrix", subject="x:1", reason="rude", created_at=w.now)
    return {"public_id": made.public_id}


def alices(answer: str | int, others: str | int = HIDDEN, anonymous: str | int = LOGIN) -> Expected:
    return only("depicted", answer=answer, others=others, anonymous=anonymous)


def form(**fields: Any) -> Any:
    return lambda w: fields


JOINING: list[Declaration] = [
    page("accounts:join", everyone(DONE, anonymous=OK)),
    page("accounts:join", everyone(DONE), method="POST", send=form(code="MATRIX-1")),
    page("accounts:join-by-invite", everyone(DONE, anonymous=OK), at=invite),
    page("accounts:join-by-invite", everyone(DONE), method="POST", at=invite, send=form(**NEWCOMER)),
    page("accounts:join-confirm", everyone(DONE)),
    page("accounts:join-confirm", everyone(DONE), method="POST"),
    page("accounts:join-passkey-options", everyone(INVALID), method="POST"),
    page("accounts:join-passkey", everyone(INVALID), method="POST"),
]

PROVING: list[Declaration] = [
    page("accounts:login", everyone(DONE, anonymous=OK)),
    page("accounts:login", everyone(DONE), method="POST", send=form(email="a@example.test")),
    page("accounts:login-code", everyone(LOGIN)),
    page("accounts:login-code", everyone(LOGIN), method="POST"),
    page("accounts:login-passkey-options", everyone(OK), method="POST"),
    page("accounts:login-passkey", everyone(INVALID), method="POST"),
    page("accounts:logout", everyone(DONE), method="POST"),
    page("accounts:step-up", MEMBERS),
    page("accounts:step-up", MEMBERS, method="POST"),
    page("accounts:step-up-code", everyone(INVALID, anonymous=LOGIN), method="POST"),
    page("accounts:step-up-passkey-options", MEMBERS, method="POST"),
    page("accounts:step-up-passkey", everyone(INVALID, anonymous=LOGIN), method="POST"),
]

SETTINGS: list[Declaration] = [
    page("accounts:settings", MEMBERS),
    page("accounts:settings", MEMBERS_DONE, method="POST", send=form(name="A", bio="", language="en")),
    page("accounts:email", MEMBERS_DONE, method="POST", send=form(email="new@example.test")),
    page("accounts:email", MEMBERS_FRESH, method="POST", stepped_up=False, note=STALE),
    page("accounts:email-confirm", MEMBERS_DONE),
    page("accounts:email-confirm", MEMBERS_DONE, method="POST"),
    page("accounts:passkey-options", MEMBERS, method="POST"),
    page("accounts:passkey-options", MEMBERS_FRESH, method="POST", stepped_up=False, note=STALE),
    page("accounts:passkey-add", everyone(INVALID, anonymous=LOGIN), method="POST"),
    page("accounts:passkey-remove", alices(DONE), method="POST", at=alices_passkey),
    page(
        "accounts:passkey-remove",
        MEMBERS_FRESH,
        method="POST",
        at=alices_passkey,
        stepped_up=False,
        note=STALE,
    ),
    page("accounts:only-passkeys", MEMBERS_DONE, method="POST", send=form(on="0")),
    page(
        "accounts:only-passkeys", everyone(409, anonymous=LOGIN), method="POST", send=form(on="1"), note="one"
    ),
    page("accounts:only-passkeys", MEMBERS_FRESH, method="POST", stepped_up=False, note=STALE),
    page("accounts:sessions-end", MEMBERS_FRESH, method="POST", stepped_up=False, note=STALE),
    page("accounts:session-end", alices(DONE), method="POST", at=alices_session),
    page("accounts:sessions-end", MEMBERS_DONE, method="POST"),
    page("accounts:tokens", MEMBERS),
    page("accounts:tokens", MEMBERS, method="POST", send=form(name="x", days=7, scopes=["me:read"])),
    page("accounts:tokens", MEMBERS_FRESH, method="POST", stepped_up=False, note=STALE),
    page("accounts:webhooks", MEMBERS),
    page("accounts:webhooks", MEMBERS_INVALID, method="POST", send=form(address="https://127.0.0.1/")),
    page("accounts:webhooks", MEMBERS_FRESH, method="POST", stepped_up=False, note=STALE),
    page("accounts:webhook-remove", alices(DONE), method="POST", at=alices_hook),
    page("accounts:webhook-try", alices(DONE), method="POST", at=alices_hook),
    page("accounts:token-revoke", alices(DONE), method="POST", at=alices_token),
    page("accounts:avoided", MEMBERS),
    page("accounts:export", MEMBERS),
    page("accounts:export", MEMBERS_FRESH, stepped_up=False, note=STALE),
    page("accounts:erase", MEMBERS),
    page("accounts:erase", everyone(INVALID, anonymous=LOGIN), method="POST", send=form(handle="nobody")),
    page("accounts:erase", MEMBERS_FRESH, method="POST", stepped_up=False, note=STALE),
]

GUARDIANS: list[Declaration] = [
    page("accounts:guardian", MEMBERS),
    page(
        "accounts:guardian",
        everyone(INVALID, anonymous=LOGIN, teen=DONE),
        method="POST",
        send=lambda w: {"handle": w.maker.username},
        note="a teen asks",
    ),
    page("accounts:guardian-end", only("teen", answer=DONE), method="POST", at=bobs_ward(inside=False)),
    page("accounts:guardian-stay", only("teen", answer=DONE), method="POST", at=bobs_ward(inside=False)),
    page("accounts:ward", only("maker"), at=bobs_ward()),
    page("accounts:ward", only("maker", answer=DONE), method="POST", at=bobs_ward()),
    page(
        "accounts:ward",
        only("maker", answer=STEP_UP),
        method="POST",
        at=bobs_ward(),
        stepped_up=False,
        note=STALE,
    ),
    page("accounts:ward-agree", only("maker", answer=DONE), method="POST", at=bobs_ward()),
    page(
        "accounts:ward-agree",
        only("maker", answer=STEP_UP),
        method="POST",
        at=bobs_ward(),
        stepped_up=False,
        note=STALE,
    ),
    page("accounts:ward-end", only("maker", answer=DONE), method="POST", at=bobs_ward()),
    page(
        "accounts:ward-end",
        only("maker", answer=STEP_UP),
        method="POST",
        at=bobs_ward(),
        stepped_up=False,
        note=STALE,
    ),
]

PEOPLE: list[Declaration] = [
    page("accounts:follow", TO_ALICE, method="POST", at=alice),
    page("accounts:unfollow", everyone(DONE, anonymous=LOGIN, blocked=HIDDEN), method="POST", at=alice),
    page("accounts:mute", TO_ALICE, method="POST", at=alice),
    page("accounts:unmute", MEMBERS_DONE, method="POST", at=alice),
    page("accounts:block", everyone(DONE, anonymous=LOGIN, depicted=INVALID), method="POST", at=alice),
    page("accounts:unblock", MEMBERS_DONE, method="POST", at=alice),
    page("accounts:circle-add", TO_ALICE, method="POST", at=alice),
    page("accounts:circle-remove", MEMBERS_DONE, method="POST", at=alice),
    page("accounts:circle", MEMBERS),
    page(
        "accounts:circle",
        everyone(DONE, anonymous=LOGIN, blocked=INVALID, depicted=INVALID),
        method="POST",
        send=alice,
    ),
    page("accounts:invites", MEMBERS),
    page("accounts:invites", MEMBERS_DONE, method="POST", send=form(uses=1)),
    page("accounts:notifications", MEMBERS),
    page("accounts:notifications-read", MEMBERS_DONE, method="POST"),
    page("accounts:house-page", everyone(OK), at=lambda w: house_page(w)),
    page("accounts:mail", everyone(HIDDEN), note="this host is no demo"),
    page("accounts:cases", MODERATORS),
    page("accounts:case", MODERATORS, at=some_case),
    page(
        "accounts:case",
        only("moderator", "operator", answer=INVALID),
        method="POST",
        at=some_case,
        send=form(decision="keep"),
        note="of a kind that no app registered",
    ),
]

API: list[Declaration] = [
    api("accounts:api-me", everyone(OK, anonymous=401)),
    api("accounts:api-me", everyone(OK, anonymous=401), method="PATCH", send=form(bio="x")),
    api("accounts:api-notifications", everyone(OK, anonymous=401)),
    api("accounts:api-notifications", everyone(NONE, anonymous=401), method="POST"),
    api("accounts:api-invites", everyone(OK, anonymous=401)),
    api("accounts:api-invites", everyone(CREATED, anonymous=401), method="POST"),
    api("accounts:api-circle", everyone(OK, anonymous=401)),
    api("accounts:api-tokens", everyone(OK, anonymous=401)),
    api(
        "accounts:api-tokens",
        everyone(CREATED, anonymous=401),
        method="POST",
        send=form(name="x", scopes=["me:read"]),
    ),
    api("accounts:api-tokens", everyone(403, anonymous=401), method="POST", stepped_up=False, note=STALE),
    api("accounts:api-token", alices(NONE, anonymous=401), method="DELETE", at=alices_token),
    api("accounts:api-person", everyone(OK, anonymous=401, blocked=404), at=alice),
    api(
        "accounts:api-edge",
        everyone(NONE, anonymous=401, blocked=404, depicted=400),
        method="PUT",
        at=lambda w: alice(w) | {"edge": "follow"},
    ),
    api(
        "accounts:api-edge",
        everyone(NONE, anonymous=401, depicted=400),
        method="PUT",
        at=lambda w: alice(w) | {"edge": "block"},
        note="block",
    ),
    api(
        "accounts:api-edge",
        everyone(NONE, anonymous=401, blocked=404),
        method="DELETE",
        at=lambda w: alice(w) | {"edge": "follow"},
    ),
    api("accounts:api-cases", only("moderator", "operator", anonymous=401)),
    api(
        "accounts:api-decision",
        only("moderator", "operator", answer=INVALID, anonymous=401),
        method="POST",
        at=some_case,
        send=form(decision="keep"),
        note="of a kind that no app registered",
    ),
]

DECLARATIONS: list[Declaration] = [*JOINING, *PROVING, *SETTINGS, *GUARDIANS, *PEOPLE, *API]
