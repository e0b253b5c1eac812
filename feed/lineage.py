"""The family of a clip: what it was remixed from and what was remixed from it, as far as the viewer may
see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from accounts.social import Viewer
from feed import cards
from feed.cards import Card
from feed.models import Post
from generation.models import Ingredient

DEEPEST = 12
MOST = 200


@dataclass
class Node:
    """One clip of the tree. A source that is hidden from the viewer, or gone, breaks the line: its credit
    stays out.
    """

    card: Card
    is_here: bool = False
    children: list[Node] = field(default_factory=list)


def tree(viewer: Viewer, post: Post, now: datetime) -> Node:
    """From the oldest ancestor to be seen down through every remix, at most twelve deep and two hundred in
    all.
    """
    root = _root(viewer, post, now)
    levels, parent_of = _descend(root, viewer, now)
    ids = [pk for level in levels for pk in level]
    found = {card.id: card for card in cards.in_order(viewer, ids, now)}
    public = {
        pk: str(public_id) for pk, public_id in Post.objects.filter(pk__in=ids).values_list("pk", "public_id")
    }
    nodes = {pk: Node(found[public[pk]], pk == post.pk) for pk in ids if public[pk] in found}
    for pk, parent in parent_of.items():
        if pk in nodes and parent in nodes:
            nodes[parent].children.append(nodes[pk])
    return nodes[root]


def _root(viewer: Viewer, post: Post, now: datetime) -> int:
    at, seen = post, {post.pk}
    for _ in range(DEEPEST):
        parent = (
            Post.objects.visible_to(viewer, now)
            .filter(
                clip__used_in__clip=at.clip_id, clip__used_in__relationship=Ingredient.Relationship.PARENT
            )
            .first()
        )
        if parent is None or parent.pk in seen:
            break
        at = parent
        seen.add(at.pk)
    return at.pk


def _descend(root: int, viewer: Viewer, now: datetime) -> tuple[list[list[int]], dict[int, int]]:
    levels, parent_of = [[root]], {}
    total = 1
    while levels[-1] and len(levels) < DEEPEST and total < MOST:
        links = (
            Post.objects.visible_to(viewer, now)
            .filter(
                clip__ingredients__source__post__in=levels[-1],
                clip__ingredients__relationship=Ingredient.Relationship.PARENT,
            )
            .order_by("published_at", "pk")
            .values_list("pk", "clip__ingredients__source__post")[: MOST - total]
        )
        fresh = {pk: parent for pk, parent in links if pk != root and pk not in parent_of}
        parent_of.update(fresh)
        levels.append(list(fresh))
        total += len(fresh)
    return levels, parent_of
