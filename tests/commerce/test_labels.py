"""A host for New York says of an advertisement that a model made that its performers may be nobody."""

from typing import Any

import pytest
from django.test import Client

from commerce.models import ProductTag
from generation.models import Clip

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("is_on", "origin", "word"),
    [
        (False, "generated", "Advertisement"),
        (True, "generated", "Advertisement with synthetic performers"),
        (True, "uploaded", "Advertisement"),
    ],
)
def test_the_word_stands_on_the_sheet_and_in_what_the_player_reads(
    tag: ProductTag, client: Client, settings: Any, is_on: bool, origin: str, word: str
) -> None:
    Clip.objects.update(origin=origin)
    settings.SYNTHETIC_PERFORMER_LABEL = is_on
    told = client.get(f"/api/v1/posts/{tag.post.public_id}/tags").json()
    assert told["words"]["ad"] == word
    page = client.get(f"/tags/{tag.public_id}/sheet").content.decode()
    assert f'<span class="badge badge--info">{word}</span>' in page
