"""The topics an owner can refuse by name: how each is called, its words, and sentences that stand for it.

A word with `*` at its end matches what it begins; Chinese words match anywhere. The sentences are what a
prompt is compared with in meaning. Adding a topic is one entry here and one row in
`tests/cameos/test_topics.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Topic:
    code: str
    label: str | Promise
    words: tuple[str, ...]
    sentences: tuple[str, ...]


TOPICS: dict[str, Topic] = {
    topic.code: topic
    for topic in (
        Topic(
            "nudity",
            _("Nudity and sex"),
            (
                "nude*",
                "naked*",
                "undress*",
                "topless",
                "striptease",
                "porn*",
                "sex",
                "sexual*",
                "sexy",
                "裸体",
                "脱衣",
                "色情",
                "性爱",
            ),
            (
                "a naked person",
                "people without clothes",
                "sexual content",
                "he takes off all his clothes",
                "she poses nude",
                "一个裸体的人",
            ),
        ),
        Topic(
            "romance",
            _("Romance and kissing"),
            ("kiss*", "romance", "romantic*", "lovers", "make out", "making out", "接吻", "亲吻", "恋人"),
            (
                "two people kissing",
                "a romantic date",
                "a love scene",
                "making out with someone",
                "恋人接吻",
            ),
        ),
        Topic(
            "violence",
            _("Violence and blood"),
            (
                "blood*",
                "violen*",
                "stab*",
                "murder*",
                "torture*",
                "beheads",
                "beheading",
                "kill",
                "kills",
                "killed",
                "killing",
                "流血",
                "暴力",
                "杀死",
                "殴打",
            ),
            (
                "someone is beaten up",
                "a violent fight",
                "a person is attacked and hurt",
                "bloody violence",
                "暴力打斗",
            ),
        ),
        Topic(
            "weapons",
            _("Weapons"),
            (
                "gun",
                "guns",
                "rifle*",
                "pistol*",
                "shotgun*",
                "grenade*",
                "bomb",
                "bombs",
                "machete*",
                "枪",
                "炸弹",
                "手榴弹",
            ),
            (
                "a man holds a gun",
                "aiming a rifle",
                "soldiers with weapons",
                "a bomb explodes",
                "拿着枪的人",
            ),
        ),
        Topic(
            "politics",
            _("Politics and elections"),
            (
                "election*",
                "politic*",
                "senator*",
                "president*",
                "vote for",
                "campaign rally",
                "选举",
                "政治",
                "投票",
            ),
            (
                "a political campaign speech",
                "supporting a political party",
                "an election rally",
                "a politician argues for a law",
                "政治竞选演讲",
            ),
        ),
        Topic(
            "religion",
            _("Religion"),
            (
                "church*",
                "mosque*",
                "synagogue*",
                "pray",
                "prays",
                "praying",
                "prayer*",
                "priest*",
                "imam*",
                "religio*",
                "教堂",
                "清真寺",
                "祈祷",
                "拜佛",
                "宗教",
            ),
            (
                "a religious ceremony",
                "praying to god",
                "preaching a faith",
                "a church service",
                "在寺庙里拜佛",
            ),
        ),
        Topic(
            "intoxication",
            _("Alcohol, tobacco and drugs"),
            (
                "alcohol*",
                "drunk*",
                "whiskey",
                "whisky",
                "vodka",
                "beer*",
                "wine",
                "cocaine",
                "heroin",
                "weed",
                "cigarette*",
                "smoking",
                "喝酒",
                "吸烟",
                "吸毒",
                "喝醉",
                "啤酒",
            ),
            (
                "drinking alcohol",
                "getting drunk at a bar",
                "taking drugs",
                "smoking a cigarette",
                "喝酒吸毒",
            ),
        ),
        Topic(
            "gambling",
            _("Gambling"),
            ("gambl*", "casino*", "roulette", "poker", "slot machine*", "betting", "赌博", "赌场", "老虎机"),
            (
                "gambling at a casino",
                "betting money on cards",
                "playing slot machines",
                "winning at roulette",
                "在赌场玩老虎机",
            ),
        ),
        Topic(
            "horror",
            _("Horror and death"),
            (
                "horror*",
                "zombie*",
                "corpse*",
                "gore",
                "gory",
                "demon*",
                "coffin*",
                "funeral*",
                "恐怖",
                "僵尸",
                "尸体",
                "葬礼",
            ),
            (
                "a horror film scene",
                "a dead body",
                "a zombie eats somebody",
                "a funeral with a coffin",
                "恐怖片里的尸体",
            ),
        ),
        Topic(
            "crime",
            _("Crime"),
            (
                "steal*",
                "stolen",
                "robber*",
                "robs",
                "robbing",
                "burglar*",
                "thief",
                "thieves",
                "arrested",
                "handcuff*",
                "偷窃",
                "抢劫",
                "犯罪",
            ),
            (
                "somebody robs a bank",
                "a thief steals a purse",
                "being arrested by the police",
                "selling illegal things",
                "抢劫银行",
            ),
        ),
        Topic(
            "humiliation",
            _("Mockery and humiliation"),
            ("humiliat*", "mock", "mocks", "mocked", "ridicul*", "loser", "pathetic", "羞辱", "嘲笑"),
            (
                "people laugh at and humiliate someone",
                "making fun of a person",
                "someone is bullied",
                "an embarrassing insult",
                "羞辱和嘲笑别人",
            ),
        ),
        Topic(
            "health",
            _("Illness and medical claims"),
            (
                "cancer",
                "disease*",
                "vaccine*",
                "surgery",
                "hospital*",
                "miracle cure*",
                "癌症",
                "疾病",
                "疫苗",
                "手术",
            ),
            (
                "a patient is ill in hospital",
                "a miracle cure for a disease",
                "medical advice about a medicine",
                "someone has surgery",
                "医院里的病人",
            ),
        ),
    )
}

# What everyday prompts sound like: a sentence is compared with these as well, and the difference decides.
EVERYDAY: tuple[str, ...] = (
    "a person walks on the beach at sunset",
    "someone plays with a dog in the park",
    "a woman reads a book at home",
    "a man rides a skateboard in the city",
    "friends dance at a party",
    "a child flies a balloon",
    "somebody cooks dinner",
    "a person surfs on a wave",
    "a walk through a snowy forest",
    "一个人在公园散步",
    "女孩在海边跳舞",
    "a person in a red dress juggles",
    "a man waves and smiles",
    "someone sits on a bench in the rain",
    "two people play football",
    "playing chess at a table",
    "a dog runs after a ball",
    "a boat on the water",
)
