"""Who and what is guarded by name, and what only sounds like them."""

from __future__ import annotations

import pytest

from generation.screening import Outcome, names, normalise, words
from generation.screening.name_index import Index


@pytest.mark.parametrize(
    "prompt",
    [
        "Kai Cenat dances", "IShowSpeed runs", "Werner Herzog narrates", "Yo-Yo Ma plays",
        "Alex Honnold climbs", "Neil deGrasse Tyson explains", "Dr Fauci waves", "keanu on a bench",
        "lebron dunks", "Mesut Özil sings", "周星馳跳舞", "林書豪投籃", "作家余华在写小说", "郎朗彈琴",
        "韓國瑜賣菜", "司马南直播", "张维为演讲", "柯文哲走路", "刘畊宏健身", "甲亢哥后空翻",
        "歐巴馬打球",
    ],
)  # fmt: skip
def test_people_of_today_are_guarded_in_both_languages(prompt: str) -> None:
    verdict = words.judge(prompt)
    assert (verdict.outcome, verdict.stage, verdict.rule) == (Outcome.REFUSE, "people", "real_person")


@pytest.mark.parametrize(
    "prompt",
    [
        "Mario the plumber", "the Simpsons on a couch", "Homelander flies", "Elsa sings let it go",
        "vader breathes", "Hello Kitty dances", "a Labubu on a bag", "原神的钟离喝茶",
        "胡桃在璃月跳舞", "王者荣耀 妲己 跳舞", "鸣人吃拉面", "七龍珠的孫悟空", "水冰月变身",
        "贞子从电视里爬出来", "鋼鐵人飛過",
    ],
)  # fmt: skip
def test_characters_are_guarded_in_both_languages(prompt: str) -> None:
    verdict = words.judge(prompt)
    assert (verdict.outcome, verdict.rule) == (Outcome.REFUSE, "character")


@pytest.mark.parametrize(
    "prompt",
    [
        "Elsa bakes bread", "Mario opens his trattoria", "Serena plays chess", "胡桃派和咖啡",
        "钟离开了教室", "孙悟空三打白骨精", "哪吒踩风火轮", "李白喝酒", "花木兰从军",
        "白雪公主与七个小矮人", "黑寡妇蜘蛛结网", "喷火龙飞过村庄",
    ],
)  # fmt: skip
def test_a_name_of_many_counts_only_beside_its_own_words(prompt: str) -> None:
    assert words.judge(prompt).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "prompt",
    [
        "打雷军阵齐整", "骑马云山之间", "斑马云朵", "黄晓明湖", "望子成龍的父母", "成龙成凤",
        "小李现在做饭", "布丁真好吃", "时刻晴朗的天", "资格策划", "朝着太阳方向太远了", "车库里修车",
        "musk scented candles", "the hulk of an old ship", "a batman was an officer's servant",
        "Queen Elizabeth I dances", "Martin Luther in 1505", "a spider, man, look",
        "a skeleton and a gorilla", "the doctor who sings", "eid mubarak wishes",
        "a lioness carries her cub",
    ],
)  # fmt: skip
def test_everyday_words_that_hold_a_name_are_let_through(prompt: str) -> None:
    assert words.judge(prompt).outcome is Outcome.ALLOW


def test_every_listed_name_is_found() -> None:
    strict = {"real_person": "refuse", "character": "refuse"}
    lost = []
    for name in names.shipped():
        for alias in name.aliases:
            said = [alias, *(word.rstrip("*") for word in name.beside[:1])]
            if not list(names.judge([normalise.readings("。".join(said))[0]], (), strict)):
                lost.append(alias)
    assert not lost


def test_no_name_is_its_own_surroundings() -> None:
    """A name that counts beside a word would count alone if it held that word."""
    alone = [n.title for n in names.shipped() if n.beside and any(names.is_meant(n, a) for a in n.aliases)]
    assert not alone


def test_an_operator_may_say_what_a_name_counts_beside() -> None:
    more = [names.name_of("character", "Rex | 雷克斯 + moon base | 月球基地")]
    assert words.judge("Rex jumps", more_names=more).outcome is Outcome.ALLOW
    assert words.judge("Rex jumps on the moon base", more_names=more).rule == "character"
    assert words.judge("雷克斯在月球基地", more_names=more).rule == "character"
    assert words.judge("Rex jumps on the moon base", ["Rex"], more_names=more).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("marcus aurelian", True),  # two letters of fourteen
        ("amrcus aurelius", False),  # never the first
        ("mracus aurelius", True),
        ("marcusaurelius", True),
        ("mar cus aurelius", True),
        ("marc aurel", False),
        ("marcos aurelios", True),
        ("mbrcbs bureliss", False),
    ],
)
def test_the_index_reads_misspelt_names(said: str, found: bool) -> None:
    index = Index([("marcus aurelius", 1)])
    at, spans = 0, []
    for word in said.split():
        at = said.index(word, at)
        spans.append((word, at, at + len(word)))
    assert bool(list(index.latin_in(spans))) is found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("看斯嘉丽约翰逊", True),
        ("看斯佳丽约翰逊", True),
        ("看斯嘉丽约翰生", True),
        ("看思佳丽约翰逊", False),
        ("看思嘉丽约翰逊", True),
    ],
)
def test_the_index_reads_other_transliterations(said: str, found: bool) -> None:
    assert bool(list(Index([("斯嘉丽约翰逊", 1)]).chinese_in(said))) is found
