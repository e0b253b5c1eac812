"""Prompts: what the world understands, and what it says it doesn't."""

import subprocess
import sys
from random import Random

import numpy as np
import pytest

from model.free_prompts import FREE, UNKNOWN
from model.scene import captions, codes, lexicon, wishes, words
from model.scene import tracks as T
from model.scene.plans import NotAPlan, from_dict, invent, mend, to_dict


def test_captions_contain_no_word_that_the_world_does_not_know():
    r = Random(4)
    for _ in range(600):
        text = captions.caption(invent(r), r)
        assert words.unknown_words(text) == [], text


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("the sea", "beach"), ("an ocean at night", "beach"), ("under the sea", "underwater"),
        ("大海", "beach"), ("a stream", "lake"), ("小河边", "lake"), ("on the sidewalk", "city"),
        ("走廊", "room"), ("山上的风", "mountains"),
    ],
)  # fmt: skip
def test_everyday_words_of_places_have_the_picture_of_their_neighbours(said, place):
    assert f"place:{place}" in words.known_concepts(said) and words.unknown_words(said) == []
    assert words.unknown_words("上海") == ["上海"]  # a city of that name is no beach


def test_what_a_caption_says_is_heard():
    r = Random(5)
    for i in range(400):
        plan = invent(r)
        text, said = captions.tell(plan, r, chinese=i % 2 == 0)
        heard = set(words.known_concepts(text))
        for name in ("place", "time", "weather", "camera", "style"):
            if name in said:
                assert f"{name}:{said[name]}" in heard, text


@pytest.mark.parametrize(("prompt", "word"), UNKNOWN)
def test_a_word_outside_the_world_is_told_before_rendering(prompt, word):
    assert any(word in told for told in words.unknown_words(prompt))


@pytest.mark.parametrize(("prompt", "asked"), FREE)
def test_free_wording_is_understood(prompt, asked):
    heard = set(words.known_concepts(prompt))
    for concept in asked.split():
        if concept.split(":")[0] in ("place", "time", "weather", "camera", "style", "kind", "prop"):
            assert concept in heard
    assert words.unknown_words(prompt) in ([], ["knight-like"])


@pytest.mark.parametrize(
    "prompt",
    ["", "   ", "🦄🦄", "day night", "walk " * 3000, "Привет, мир", "@bob dances", "1234 !!", "穿" * 500],
)
def test_odd_prompts_become_tokens_of_bounded_length(prompt):
    tokens = words.tokenize([prompt])
    assert 1 <= tokens.shape[1] <= words.MAX_TOKENS
    assert tokens.max() < len(words.CONCEPTS)


def test_every_emoji_that_stands_for_a_word_is_one_the_world_knows():
    for picture, word in lexicon.PICTURES.items():
        assert words.known_concepts(picture) == (words.known_concepts(word) if word else [])
        assert not words.unknown_words(picture)


def test_emoji_are_read_or_told():
    assert words.known_concepts("👩🏽 💃 🏖️ 🎈") == ["kind:woman", "verb:dance", "place:beach", "prop:balloon"]
    assert words.unknown_words("a 🦄 dances with a 🎈 🦄") == ["🦄"]


def test_a_beard_on_a_woman_is_there_only_where_somebody_asked_for_it():
    plan = T.Plan(people=[T.PersonPlan(kind=k, accessory="beard") for k in ("woman", "man", "girl")])
    assert [p.accessory for p in wishes.shaven(plan, "three friends").people] == ["none", "beard", "none"]
    assert wishes.shaven(plan, "a bearded woman") == plan
    assert words.known_concepts("a very dark skinned woman") == ["skin:dark", "kind:woman"]


def test_other_languages_are_told():
    assert words.unknown_words("Девочка танцует") == ["девочка", "танцует"]


def test_synonyms_of_both_languages_are_the_same_concepts():
    asked = [
        words.known_concepts(p)[:3] for p in ("a lady strolls at the seaside", "The woman walks on the beach")
    ]
    assert asked[0] == asked[1] == ["kind:woman", "verb:walk", "place:beach"]
    assert set(words.known_concepts("女士在海滩散步")) == set(asked[0])


def test_words_need_no_torch():
    code = "import sys, model.scene.words as w; w.unknown_words('a dog'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_codes_keep_their_distance_and_plans_survive_them():
    for bits, least in ((8, 4), (16, 6)):
        book = codes.codebook(bits)
        gaps = (book[:, None] != book[None]).sum(-1) + 99 * np.eye(len(book))
        assert gaps.min() >= least
    r = Random(2)
    for _ in range(200):
        plan = mend(invent(r))
        again = codes.decode(*codes.encode(plan))
        assert [(p.kind, p.action, p.then, p.top, p.facing) for p in again.people] == [
            (p.kind, p.action, p.then, p.top, p.facing) for p in plan.people
        ]
        assert again.world == plan.world and again.props == plan.props


def test_invented_plans_need_no_mending():
    r = Random(3)
    for _ in range(300):
        plan = invent(r)
        assert mend(plan).people == plan.people


def test_a_pair_action_gets_a_partner_and_a_thing_action_its_thing():
    plan = mend(T.Plan(people=[T.PersonPlan(action="hug")]))
    assert [p.action for p in plan.people] == ["hug", "hug"] and plan.people[1].facing == -plan.people[
        0
    ].facing
    plan = mend(T.Plan(people=[T.PersonPlan(action="kick")], props=[T.PropPlan("dog", "red", "beside", 3)]))
    assert [q.kind for q in plan.props] == ["ball", "dog"] and plan.props[0].owner == 0


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ("x", "people"),
        ({"people": []}, "people"),
        ({"people": [{}] * 4}, "people"),
        ({"people": [{"kind": "dragon"}]}, "people.0.kind"),
        ({"people": [{"height": "tall"}]}, "people.0.height"),
        ({"people": [{}], "world": {"place": "atlantis"}}, "world.place"),
        ({"people": [{}], "props": [{"kind": ["ball"]}]}, "props.0.kind"),
        ({"people": [{"__class__": 1}]}, "people.0.__class__"),
        ({"people": [{"energy": 1e9}]}, "people.0.energy"),
    ],
)
def test_a_plan_from_outside_that_does_not_fit_names_its_field(data, where):
    with pytest.raises(NotAPlan) as refused:
        from_dict(data)
    assert refused.value.where == where


def test_a_plan_goes_through_json():
    plan = invent(Random(1))
    assert from_dict(to_dict(plan)) == plan


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("一只长颈鹿在公园散步", "长颈鹿"), ("鳄鱼在河边睡觉", "鳄鱼"), ("宇宙飞船降落在月球上", "宇宙飞船")],
)
def test_a_chinese_name_that_contains_known_words_is_told_whole(prompt, told):
    assert told in words.unknown_words(prompt)


def test_a_cat_alone_is_who_acts_and_beside_somebody_a_pet():
    assert "kind:cat" in words.known_concepts("a cat plays the guitar")
    assert "kind:cat" in words.known_concepts("白猫在转圈")
    assert "prop:cat" in words.known_concepts("a girl plays the guitar next to a cat")
    assert "prop:cat" in words.known_concepts("a cat")
