"""Answers, edits, reposts, starter packs, messages: who reaches whom, and who does not."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client

from accounts import actions as people
from accounts.models import Block, Follow, Notification, User
from feed import actions, comments, conversations, live_counts, packs, streams, talking
from feed.models import Comment, Conversation, Message, Post, Repost, StarterPack, Talker
from feed.refusals import (
    BadPack,
    CannotReply,
    MessageEmpty,
    MessagesClosed,
    MessageTooLong,
    NotYourComment,
    NotYourMessage,
    NotYourPost,
    NotYourself,
    RequestWaits,
    TooManyPeople,
)
from feed.routing import websocket_urlpatterns
from tests.conftest import person
from tests.feed.conftest import MakePost

NOBODY = AnonymousUser()
pytestmark = pytest.mark.django_db
HANDLES = ["@alice", "carol", "mallory", "bob", "ghost"]


# --- Comments ----------------------------------------------------------------------------------------------


def test_answers_stand_in_one_thread_and_tell_whoever_is_answered(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    first = actions.comment(post=post, author=carol, words="Where is it?", now=now)
    answer = actions.comment(post=post, author=alice, words="By the sea.", reply_to=first, now=now)
    deeper = actions.comment(post=post, author=carol, words="Thanks!", reply_to=answer, now=now)
    assert deeper.reply_to == first
    page = comments.comments_page(bob, post, "", now)
    assert [line.text for line in page.lines] == ["Where is it?"]
    assert [line.text for line in page.lines[0].replies] == ["By the sea.", "Thanks!"]
    told = Notification.objects.filter(kind="replied").values_list("recipient__username", flat=True)
    assert sorted(told) == ["alice", "carol"]


def test_a_thread_has_no_answers_from_behind_a_block(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    first = actions.comment(post=post, author=carol, words="One", now=now)
    actions.comment(post=post, author=alice, words="Two", reply_to=first, now=now)
    viewer = person("viewer")
    Block.objects.create(blocker=alice, blocked=viewer, created_at=now)
    assert comments.comments_page(viewer, post, "", now).lines[0].replies == []


def test_an_answer_needs_its_comment(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    post, other = make_post(bob), make_post(bob)
    first = actions.comment(post=post, author=carol, words="One", now=now)
    with pytest.raises(CannotReply):
        actions.comment(post=other, author=alice, words="Two", reply_to=first, now=now)
    actions.delete_comment(comment=first, by=bob, now=now)
    with pytest.raises(CannotReply):
        actions.comment(post=post, author=alice, words="Two", reply_to=first, now=now)


def test_what_a_comment_said_before_stays_to_be_read_until_it_is_deleted(
    bob: User, carol: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    post = make_post(bob)
    row = actions.comment(post=post, author=carol, words="Nice", now=now)
    for words in ("Nicer", "Nicer", "Nicest"):
        row = actions.edit_comment(comment=row, by=carol, words=words, now=now)
    assert [edit.text for edit in row.edits.order_by("pk")] == ["Nice", "Nicer"]
    assert comments.comments_page(bob, post, "", now).lines[0].is_edited
    html = client.get(f"/comments/{row.public_id}/history").content.decode()
    assert "Nicer" in html and "Nicest" in html
    with pytest.raises(NotYourComment):
        actions.edit_comment(comment=row, by=bob, words="Awful", now=now)
    client.force_login(bob)
    assert client.get(f"/comments/{row.public_id}/edit").status_code == 404
    actions.delete_comment(comment=row, by=carol, now=now)
    assert row.edits.count() == 0 and client.get(f"/comments/{row.public_id}/history").status_code == 404


def test_the_creator_pins_one_and_closes_the_rest(
    bob: User, carol: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    post = make_post(bob)
    rows = [
        actions.comment(post=post, author=carol, words=f"{n}", now=now + timedelta(minutes=n))
        for n in range(40)
    ]
    actions.pin_comment(comment=rows[3], by=bob, pinned=True)
    actions.pin_comment(comment=rows[1], by=bob, pinned=True)
    page = comments.comments_page(bob, post, "", now)
    assert [line.text for line in page.lines[:2]] == ["1", "39"] and page.lines[0].is_pinned
    rest = comments.comments_page(bob, post, page.next or "", now)
    assert len({line.id for line in page.lines + rest.lines}) == 40
    with pytest.raises(NotYourPost):
        actions.pin_comment(comment=rows[3], by=carol, pinned=True)
    client.force_login(bob)
    client.post(f"/p/{post.public_id}/comments/open", {"open": "0"})
    client.force_login(carol)
    said = client.post(f"/api/v1/posts/{post.public_id}/comments", {"text": "late"}, "application/json")
    assert said.json()["code"] == "comments_closed" and Comment.objects.count() == 40


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "Z̸̧̛̬̗̤͓̈́̽̈́͂͑a" * 40, "\u202eevil\u2066", "a" * 1000])
def test_odd_words_are_shown_as_words(
    words: str, bob: User, carol: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    post = make_post(bob)
    actions.comment(post=post, author=carol, words=words, now=now)
    html = client.get(f"/p/{post.public_id}/comments").content.decode()
    assert "<script>alert" not in html and "\u202e" not in html


# --- Reposts -----------------------------------------------------------------------------------------------


def test_a_repost_brings_a_clip_to_those_who_follow(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    people.follow(follower=carol, followee=alice, now=now)
    assert streams.following(carol, "", now).cards == []
    actions.repost(post=post, person=alice, now=now)
    actions.repost(post=post, person=alice, now=now)
    assert [card.id for card in streams.following(carol, "", now).cards] == [str(post.public_id)]
    assert Post.objects.get(pk=post.pk).repost_count == Repost.objects.count() == 1
    assert Notification.objects.filter(recipient=bob, kind="reposted").count() == 1
    Block.objects.create(blocker=bob, blocked=carol, created_at=now)
    assert streams.following(carol, "", now).cards == []
    for _ in range(2):
        actions.take_back_repost(post=post, person=alice)
    assert Post.objects.get(pk=post.pk).repost_count == 0


# --- Starter packs -----------------------------------------------------------------------------------------


def test_a_newcomer_follows_a_pack_with_one_press(
    alice: User, bob: User, carol: User, mallory: User, client: Client, now: datetime
) -> None:
    Block.objects.create(blocker=mallory, blocked=bob, created_at=now)
    made = packs.make(
        owner=bob, title=" Best ", handles=["@alice", "carol", "mallory", "bob", "ghost"], now=now
    )
    assert sorted(made.people.values_list("username", flat=True)) == ["alice", "carol"]
    newcomer = person("newcomer")
    Block.objects.create(blocker=carol, blocked=newcomer, created_at=now)
    client.force_login(newcomer)
    assert "Carol" not in client.get(f"/packs/{made.public_id}").content.decode()
    client.post(f"/packs/{made.public_id}", {"do": "follow"})
    assert list(Follow.objects.filter(follower=newcomer).values_list("followee__username", flat=True)) == [
        "alice"
    ]
    client.force_login(alice)
    client.post(f"/packs/{made.public_id}", {"do": "leave"})
    assert list(made.people.all()) == [carol]
    assert client.post(f"/packs/{made.public_id}", {"do": "delete"}).status_code == 404
    client.force_login(bob)
    client.post(f"/packs/{made.public_id}", {"do": "delete"})
    assert not StarterPack.objects.exists()


def test_a_pack_of_nobody_and_a_pack_of_everybody_are_refused(bob: User, now: datetime) -> None:
    with pytest.raises(BadPack):
        packs.make(owner=bob, title="Me", handles=["bob"], now=now)
    with pytest.raises(TooManyPeople):
        packs.make(owner=bob, title="All", handles=[f"p{n}" for n in range(1000)], now=now)


# --- Messages ----------------------------------------------------------------------------------------------


def write(author: User, other: User, words: str, now: datetime) -> Conversation:
    found = talking.open_with(author=author, others=[other], now=now)
    talking.say(conversation=found, author=author, words=words, now=now)
    return found


def test_a_stranger_asks_first_and_waits(bob: User, carol: User, now: datetime) -> None:
    talk = write(bob, carol, "Hello?", now)
    with pytest.raises(RequestWaits):
        write(bob, carol, "Hello??", now)
    assert [row.is_request for row in conversations.inbox(carol)] == [True]
    assert Notification.objects.get(recipient=carol).kind == "message_request"
    talking.accept(conversation=talk, person=carol)
    write(bob, carol, "Thank you", now + timedelta(seconds=1))
    shown = conversations.talk(carol, talk.public_id, None, now)
    assert [line.text for line in shown.lines] == ["Hello?", "Thank you"]
    assert Conversation.objects.count() == 1


def test_whom_one_follows_writes_without_asking(bob: User, carol: User, now: datetime) -> None:
    people.follow(follower=carol, followee=bob, now=now)
    talk = write(bob, carol, "Hi", now)
    write(bob, carol, "there", now)
    assert Talker.objects.get(conversation=talk, person=carol).state == Talker.State.IN
    assert Notification.objects.filter(recipient=carol, kind="message").count() == 1  # not one for each line


def test_whoever_declines_is_left_alone(bob: User, carol: User, now: datetime) -> None:
    talk = write(bob, carol, "Hello?", now)
    talking.leave(conversation=talk, person=carol)
    assert conversations.inbox(carol) == []
    with pytest.raises(MessagesClosed):
        write(bob, carol, "Hello??", now)


def test_an_answer_accepts(bob: User, carol: User, now: datetime) -> None:
    talk = write(bob, carol, "Hello?", now)
    talking.say(conversation=talk, author=carol, words="Hello.", now=now)
    write(bob, carol, "How are you?", now)
    assert Talker.objects.filter(conversation=talk, state=Talker.State.IN).count() == 2


@pytest.mark.parametrize("who", ["a stranger to a teen", "a teen to a stranger", "follows one way"])
def test_strangers_and_teens_do_not_meet(who: str, bob: User, now: datetime) -> None:
    teen = person("timmy", birth_date=date(2011, 5, 1))
    if who == "follows one way":
        people.follow(follower=teen, followee=bob, now=now)
    author, other = (teen, bob) if who == "a teen to a stranger" else (bob, teen)
    with pytest.raises(MessagesClosed) as closed:
        write(author, other, "Hi", now)
    assert "age" not in str(closed.value.message).split() and not Conversation.objects.exists()


def test_teens_talk_with_friends(bob: User, carol: User, now: datetime) -> None:
    teen = person("timmy", birth_date=date(2011, 5, 1))
    people.follow(follower=teen, followee=bob, now=now)
    people.follow(follower=bob, followee=teen, now=now)
    talk = write(bob, teen, "Hi", now)
    people.unfollow(follower=teen, followee=bob)
    with pytest.raises(MessagesClosed):  # no longer a friend: at the next message
        talking.say(conversation=talk, author=bob, words="Still there?", now=now)
    people.follow(follower=teen, followee=bob, now=now)
    with pytest.raises(MessagesClosed):  # a group would bring a stranger to them
        talking.open_with(author=bob, others=[teen, carol], now=now)


def test_block_then_message(bob: User, carol: User, client: Client, now: datetime) -> None:
    talk = write(bob, carol, "Hello?", now)
    talking.accept(conversation=talk, person=carol)
    people.block(blocker=carol, blocked=bob, now=now)
    with pytest.raises(MessagesClosed):
        talking.say(conversation=talk, author=bob, words="Why?", now=now)
    for who in (bob, carol):
        assert conversations.inbox(who) == []
        client.force_login(who)
        assert client.get(f"/messages/{talk.public_id}").status_code == 404
    said = client.post("/api/v1/messages", {"to": ["bob"], "text": "x"}, "application/json")
    assert said.status_code == 404


@pytest.mark.parametrize("how", ["declined", "left"])
def test_whoever_left_a_talk_of_two_may_come_back_and_nobody_else_brings_them(
    how: str, bob: User, carol: User, client: Client, now: datetime
) -> None:
    talk = write(bob, carol, "Hello?", now)
    if how == "left":
        talking.accept(conversation=talk, person=carol)
    talking.leave(conversation=talk, person=carol)
    with pytest.raises(MessagesClosed):
        write(bob, carol, "Are you there?", now)
    assert conversations.inbox(carol) == []
    client.force_login(carol)
    answer = client.post("/messages/new", {"to": "bob", "text": "Here I am"})
    assert answer["Location"] == f"/messages/{talk.public_id}"
    assert client.get(answer["Location"]).status_code == 200
    write(bob, carol, "Good", now)
    lines = conversations.talk(carol, talk.public_id, None, now).lines
    assert [line.text for line in lines] == ["Hello?", "Here I am", "Good"]


def test_in_a_group_a_block_hides_each_from_the_other(
    alice: User, bob: User, carol: User, now: datetime
) -> None:
    group = talking.open_with(author=alice, others=[bob, carol], title="Trip", now=now)
    for who in (bob, carol):
        talking.accept(conversation=group, person=who)
        talking.say(conversation=group, author=who, words=f"I am {who.username}", now=now)
    Block.objects.create(blocker=bob, blocked=carol, created_at=now)
    assert [line.text for line in conversations.talk(carol, group.public_id, None, now).lines] == [
        "I am carol"
    ]
    assert len(conversations.talk(alice, group.public_id, None, now).lines) == 2
    assert _names(conversations.talk(carol, group.public_id, None, now)) == ["Alice"]
    assert _names(conversations.talk(alice, group.public_id, None, now)) == ["Bob", "Carol"]
    talking.leave(conversation=group, person=bob)
    with pytest.raises(MessagesClosed):
        talking.say(conversation=group, author=bob, words="Bye", now=now)


def _names(shown: conversations.Talk | conversations.Row) -> list[str]:
    return sorted(one.name for one in shown.people)


def test_the_list_tells_of_nobody_behind_a_block(alice: User, bob: User, carol: User, now: datetime) -> None:
    group = talking.open_with(author=alice, others=[bob, carol], now=now)
    for who in (bob, carol):
        talking.accept(conversation=group, person=who)
    for n, who in enumerate((alice, bob)):
        moment = now + timedelta(minutes=n + 1)
        talking.say(conversation=group, author=who, words=f"I am {who.username}", now=moment)
    Block.objects.create(blocker=bob, blocked=carol, created_at=now)
    [row] = conversations.inbox(carol)
    assert (_names(row), row.title, row.unread, row.last) == (["Alice"], "Alice", 1, "I am alice")
    assert conversations.talk(carol, group.public_id, None, now).title == "Alice"
    Block.objects.create(blocker=carol, blocked=alice, created_at=now)
    [row] = conversations.inbox(carol)
    assert (_names(row), row.title, row.unread, row.last) == ([], "A group", 0, "")
    [row] = conversations.inbox(alice)
    assert (_names(row), row.title) == (["Bob"], "Bob")


def test_a_shared_clip_is_shown_to_whoever_may_see_it(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(alice)
    people.follow(follower=carol, followee=bob, now=now)
    talk = talking.open_with(author=bob, others=[carol], now=now)
    talking.say(conversation=talk, author=bob, words="", post=post, now=now)
    line = conversations.talk(carol, talk.public_id, None, now).lines[0]
    assert line.card is not None and line.card.id == str(post.public_id)
    Block.objects.create(blocker=alice, blocked=carol, created_at=now)
    line = conversations.talk(carol, talk.public_id, None, now).lines[0]
    assert line.card is None and line.had_clip


@pytest.mark.parametrize(
    ("words", "error"), [("", MessageEmpty), ("\u202e\u200b", MessageEmpty), ("x" * 3000, MessageTooLong)]
)
def test_odd_messages_are_refused_by_name(
    words: str, error: type[Exception], bob: User, carol: User, now: datetime
) -> None:
    talk = talking.open_with(author=bob, others=[carol], now=now)
    with pytest.raises(error):
        talking.say(conversation=talk, author=bob, words=words, now=now)
    assert not Message.objects.exists()


def test_nobody_writes_to_themselves_or_to_a_crowd(bob: User, carol: User, now: datetime) -> None:
    for others in ([bob], [], [bob, carol]):
        with pytest.raises(NotYourself):
            talking.open_with(author=bob, others=others, now=now)
    crowd = [person(f"p{n}") for n in range(talking.MOST_PEOPLE)]
    with pytest.raises(TooManyPeople):
        talking.open_with(author=bob, others=crowd, now=now)


def test_a_line_is_taken_back_by_its_author_alone(bob: User, carol: User, now: datetime) -> None:
    talk = write(bob, carol, "Oops", now)
    said = Message.objects.get()
    with pytest.raises(NotYourMessage):
        talking.take_back(message=said, by=carol, now=now)
    talking.take_back(message=said, by=bob, now=now)
    assert conversations.talk(carol, talk.public_id, None, now).lines == []
    assert Message.objects.get().text == ""


def test_the_list_costs_the_same_however_long(
    bob: User, now: datetime, django_assert_num_queries: Any
) -> None:
    for n in range(6):
        write(person(f"p{n}"), bob, f"hello {n}", now + timedelta(minutes=n))
    with django_assert_num_queries(5):
        rows = conversations.inbox(bob)
    assert [row.last for row in rows] == [f"hello {n}" for n in reversed(range(6))]
    assert {row.unread for row in rows} == {1}


def test_pages_of_messages_work_without_script(
    bob: User, carol: User, make_post: MakePost, client: Client
) -> None:
    cache.clear()
    post = make_post(bob)
    client.force_login(carol)
    assert client.get("/messages/new", {"post": post.public_id}).status_code == 200
    answer = client.post("/messages/new", {"to": "@bob", "text": "Look <b>", "post": post.public_id})
    html = client.get(answer["Location"]).content.decode()
    assert "Look &lt;b&gt;" in html and post.get_absolute_url() in html
    assert client.get("/messages").status_code == 200
    assert client.get("/messages/new", {"post": "nonsense"}).status_code == 404
    stranger = Client()
    stranger.force_login(person("eve"))
    assert stranger.get(answer["Location"]).status_code == 404


def test_erasing_takes_words_from_everybody(bob: User, carol: User, now: datetime) -> None:
    from feed import personal

    talk = write(bob, carol, "Hello?", now)
    assert personal.export(bob)["messages"][0]["text"] == "Hello?"
    personal.erase(bob, now)
    assert conversations.talk(carol, talk.public_id, None, now).lines == []


# --- The socket --------------------------------------------------------------------------------------------


def door(user: Any) -> ApplicationCommunicator:
    scope = {"type": "websocket", "path": "/ws/live/", "user": user, "headers": [], "subprotocols": []}
    return ApplicationCommunicator(URLRouter(websocket_urlpatterns), scope)


async def enter(socket: ApplicationCommunicator) -> None:
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(2))["type"] == "websocket.accept"


async def say(socket: ApplicationCommunicator, words: str) -> None:
    await socket.send_input({"type": "websocket.receive", "text": words})


async def hear(socket: ApplicationCommunicator) -> dict[str, Any]:
    return dict(json.loads((await socket.receive_output(2))["text"]))


async def leave(socket: ApplicationCommunicator) -> None:
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(2)


def heard(user: Any, post: Post, other: Post, act: Any) -> tuple[Any, Any, bool]:
    async def listen() -> tuple[Any, Any, bool]:
        socket = door(user)
        await enter(socket)
        for words in ("nonsense", "[" * 1000, "[1]", '{"watch": "x"}', f'{{"watch": "{post.public_id}"}}'):
            await say(socket, words)
        first = await hear(socket)
        await say(socket, json.dumps({"watch": str(other.public_id)}))
        second = await hear(socket)
        await database_sync_to_async(act)()
        news = await hear(socket)
        quiet = await socket.receive_nothing(0.05)
        await leave(socket)
        return (first["post"], second["post"]), news, quiet

    return async_to_sync(listen)()


@pytest.mark.django_db(transaction=True)
def test_a_page_hears_of_the_clip_on_screen_and_of_messages(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    one, two = make_post(bob), make_post(bob)
    live_counts._told.clear()

    def act() -> None:
        actions.like(post=one, person=carol, now=now)  # left the screen: not heard
        actions.like(post=two, person=carol, now=now)

    seen, news, quiet = heard(NOBODY, one, two, act)
    assert seen == (str(one.public_id), str(two.public_id))
    assert (news["post"], news["likes"]) == (str(two.public_id), 1) and quiet
    _seen, news, _quiet = heard(bob, one, two, lambda: write(carol, bob, "Hi", now))
    assert news["kind"] == "message" and get_channel_layer() is not None


@pytest.mark.django_db(transaction=True)
def test_nobody_hears_of_a_clip_they_may_not_see(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    hidden = make_post(bob)
    Block.objects.create(blocker=bob, blocked=carol, created_at=now)

    async def listen() -> bool:
        socket = door(carol)
        await enter(socket)
        await say(socket, json.dumps({"watch": str(hidden.public_id)}))
        quiet = await socket.receive_nothing(0.1)
        await leave(socket)
        return quiet

    assert async_to_sync(listen)()


def test_a_persons_page_keeps_them_close_or_away_and_shows_which(
    bob: User, carol: User, client: Client
) -> None:
    client.force_login(carol)
    page = client.get("/u/bob").content.decode()
    assert all(f'action="/u/bob/{verb}"' in page for verb in ("circle-add", "mute", "block"))
    for verb in ("circle-add", "mute"):
        page = client.post(f"/u/bob/{verb}", follow=True).content.decode()
    assert "You don&#x27;t hear of them any more." in page
    assert 'action="/u/bob/circle-remove"' in page and 'action="/u/bob/unmute"' in page
    page = client.post("/u/bob/block", follow=True).content.decode()
    assert "You don&#x27;t see each other any more." in page
    assert client.get("/u/bob").status_code == 404


def test_whoever_is_signed_out_is_offered_to_sign_in_and_follow(bob: User, client: Client) -> None:
    page = client.get("/u/bob").content.decode()
    assert "/login?next=/u/bob" in page and 'action="/u/bob/' not in page


def test_only_ones_own_page_is_the_place_called_me(bob: User, carol: User, client: Client) -> None:
    client.force_login(carol)
    here = 'href="/u/carol" aria-current="page"'
    assert here in client.get("/u/carol").content.decode()
    assert here not in client.get("/u/bob").content.decode()


def test_a_repost_is_taken_back_on_ones_own_page(
    bob: User, carol: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    post = make_post(bob, caption="Tightrope")
    actions.repost(post=post, person=carol, now=now)
    client.force_login(carol)
    assert "Tightrope" in client.get("/u/carol").content.decode()
    page = client.post(f"/p/{post.public_id}/repost", {"undo": "1"}, follow=True).content.decode()
    assert "It is no longer shown by you." in page and "Tightrope" not in page
    actions.repost(post=post, person=carol, now=now)
    client.force_login(bob)
    assert "Shown to my followers" not in client.get("/u/carol").content.decode()


def test_who_presses_before_signing_in_comes_back_to_the_page_and_not_to_the_press(
    bob: User, make_post: MakePost, client: Client
) -> None:
    post = make_post(bob)
    here = f"http://testserver/p/{post.public_id}"
    answer = client.post(f"/p/{post.public_id}/like", headers={"Referer": here})
    assert answer["Location"] == f"/login?next=/p/{post.public_id}"
    assert client.post(f"/p/{post.public_id}/like")["Location"] == "/login?next=/"
    assert client.get(f"/p/{post.public_id}/report")["Location"].endswith("/report")
