"""The programme: people, their characters, and forty clips with prompt and seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INVITE = "BACKSTAGE"  # printed by the run command; its creator is the first owner


@dataclass(frozen=True)
class Owner:
    handle: str
    name: str
    bio: str
    likes: tuple[str, ...]  # topics this person watches to the end


@dataclass(frozen=True)
class Character:
    slug: str
    owner: str
    name: str
    look: dict[str, Any]
    wishes: str = ""


@dataclass(frozen=True)
class Scene:
    """One clip. `parent` is the slug that it remixes."""

    slug: str
    maker: str
    prompt: str
    seed: int
    caption: str
    cast: tuple[str, ...] = ()
    parent: str = ""
    hours_ago: int = 0


OWNERS = (
    Owner("ada", "Ada Lindqvist", "Cuts paper, then sets it in motion.", ("music", "night", "beach")),
    Owner("tomas", "Tomás Rivera", "One bear. Many feelings.", ("bear", "forest", "snow")),
    Owner("xiaoyu", "林小雨", "下雨天最适合拍片。", ("rain", "city", "balloon")),
    Owner("kofi", "Kofi Mensah", "I build robots that cannot keep still.", ("dance", "city", "robot")),
    Owner("odile", "Odile Marchand", "Grand-mère de scène. Tea first.", ("food", "park", "walk")),
    Owner("chenjun", "陈俊", "养了一只戴礼帽的猫。", ("cats", "night", "walk")),
    Owner("sanna", "Sanna Korhonen", "Space, but make it homely.", ("space", "jump", "mountain")),
    Owner("ravi", "Ravi Patel", "Rabbits are athletes.", ("run", "sport", "rabbit")),
)

CHARACTERS = (
    Character("mira", "ada", "Mira", {"kind": "woman", "outfit": "coat", "top": "red", "bottom": "black", "hair": "bob", "hair_colour": "black", "skin": "fair", "accessory": "scarf"}, "Give her music where you can."),
    Character("otto", "tomas", "Otto", {"kind": "bear", "outfit": "overalls", "top": "teal", "bottom": "brown", "hair": "bald", "hair_colour": "brown", "skin": "tan", "accessory": "bow"}, "Never angry for long."),
    Character("acheng", "xiaoyu", "阿澄", {"kind": "girl", "outfit": "coat", "top": "yellow", "bottom": "blue", "hair": "braids", "hair_colour": "black", "skin": "light", "accessory": "backpack"}, "让她带把伞。"),
    Character("bolt", "kofi", "Bolt", {"kind": "robot", "outfit": "hoodie", "top": "purple", "bottom": "grey", "hair": "bald", "hair_colour": "grey", "skin": "olive", "accessory": "headphones"}),
    Character("nana", "odile", "Nana", {"kind": "grandmother", "outfit": "dress", "top": "green", "bottom": "white", "hair": "bun", "hair_colour": "white", "skin": "porcelain", "accessory": "glasses"}, "No stunts before tea."),
    Character("meiqiu", "chenjun", "煤球", {"kind": "cat", "outfit": "suit", "top": "black", "bottom": "black", "hair": "short", "hair_colour": "black", "skin": "deep", "accessory": "hat"}),
    Character("juno", "sanna", "Juno", {"kind": "astronaut", "outfit": "overalls", "top": "white", "bottom": "white", "hair": "short", "hair_colour": "ginger", "skin": "brown", "accessory": "helmet"}),
    Character("pip", "ravi", "Pip", {"kind": "rabbit", "outfit": "sportswear", "top": "orange", "bottom": "blue", "hair": "short", "hair_colour": "brown", "skin": "light", "accessory": "cap"}),
)  # fmt: skip

# The audience has no clips; it watches and likes, so that ranking has something to learn from.
AUDIENCE = (
    ("lena", "Lena Vogt", ("music", "night", "dance")),
    ("mateus", "Mateus Alves", ("sport", "run", "beach")),
    ("yifan", "王一帆", ("rain", "city", "cats")),
    ("noor", "Noor Haddad", ("food", "park", "music")),
    ("piotr", "Piotr Zieliński", ("snow", "mountain", "forest")),
    ("aiko", "Aiko Mori", ("cats", "rain", "balloon")),
    ("grace", "Grace Okafor", ("dance", "city", "night")),
    ("hugo", "Hugo Lambert", ("space", "jump", "sport")),
    ("meilin", "赵美琳", ("beach", "balloon", "walk")),
    ("samir", "Samir Khan", ("robot", "space", "dance")),
    ("elif", "Elif Demir", ("park", "walk", "food")),
    ("jonas", "Jonas Berg", ("forest", "bear", "snow")),
)

MODERATOR = ("wanda", "Wanda from Wardrobe")

SCENES = (
    Scene("mira-rooftop", "ada", "a woman in a red coat plays guitar on a rooftop at sunset", 11, "Opening night, no roof. #music #rooftop", ("mira",), hours_ago=3),
    Scene("acheng-umbrella", "xiaoyu", "雨天，一个女孩撑着伞在城市里走", 12, "她说伞是给影子的。#rain #city", ("acheng",), hours_ago=5),
    Scene("otto-snow", "tomas", "a bear dances in the snow in the forest", 13, "He heard a song nobody else heard. #bear #snow #dance", ("otto",), hours_ago=7),
    Scene("bolt-disco", "kofi", "a robot in a purple hoodie dances in the city at night, neon style", 14, "Firmware update: rhythm. #robot #dance", ("bolt",), hours_ago=2),
    Scene("nana-tea", "odile", "a grandmother drinks tea in the garden in the morning", 15, "First tea. Then the world. #food", ("nana",), hours_ago=9),
    Scene("meiqiu-sneak", "chenjun", "a cat in a black suit sneaks through the library at night", 16, "借书，不还。#cats #night", ("meiqiu",), hours_ago=4),
    Scene("juno-backflip", "sanna", "an astronaut does a backflip on the moon", 17, "One small flip. #space #jump", ("juno",), hours_ago=1),
    Scene("pip-race", "ravi", "a rabbit runs across the meadow in the morning, tracking camera", 18, "Personal best. Allegedly. #run #sport #rabbit", ("pip",), hours_ago=6),
    Scene("mira-beach", "ada", "a woman walks on the beach at sunset", 21, "Long way home. #beach #walk", ("mira",), hours_ago=26),
    Scene("acheng-balloon", "xiaoyu", "a girl floats with a red balloon above the meadow", 22, "风往哪儿吹，就住哪儿。#balloon", ("acheng",), hours_ago=28),
    Scene("otto-guitar", "tomas", "a bear plays guitar on stage at night", 23, "Unplugged. Mostly unclawed. #bear #music", ("otto",), hours_ago=30),
    Scene("bolt-box", "kofi", "a robot boxes in the gym, comic style", 24, "Training montage, three rounds. #robot #sport", ("bolt",), hours_ago=22),
    Scene("nana-hoop", "odile", "a grandmother spins a hula hoop in the park", 25, "Do not tell my doctor. #park", ("nana",), hours_ago=33),
    Scene("meiqiu-umbrella", "chenjun", "雨夜，穿黑色西装的猫在城市里散步", 26, "伞忘在家里了。#cats #rain #night", ("meiqiu",), hours_ago=35),
    Scene("juno-garden", "sanna", "an astronaut waves in the garden in the morning", 27, "Botany is hard. #space", ("juno",), hours_ago=40),
    Scene("pip-football", "ravi", "a rabbit kicks a white ball on the beach", 28, "Offside? There is no side. #sport #beach", ("pip",), hours_ago=44),
    Scene("mira-otto-duet", "ada", "a woman and a bear dance in the forest at night", 31, "Otto leads. Otto always leads. #dance #forest", ("mira", "otto"), hours_ago=20),
    Scene("acheng-meiqiu", "chenjun", "a girl and a cat walk in the rain in the city", 32, "两个人，一把伞。#rain #cats", ("acheng", "meiqiu"), hours_ago=18),
    Scene("bolt-juno", "sanna", "a robot and an astronaut high five on the moon", 33, "Docking complete. #space #robot", ("bolt", "juno"), hours_ago=16),
    Scene("nana-pip", "odile", "a grandmother and a rabbit race in the park", 34, "I let him win. #park #run", ("nana", "pip"), hours_ago=14),
    Scene("mira-night", "xiaoyu", "at night in the rain", 41, "同一把吉他，不同的天气。#remix #rain #music", (), "mira-rooftop", 12),
    Scene("bolt-beach", "ravi", "now on the beach at sunset", 42, "Sand in every joint. #remix #beach", (), "bolt-disco", 10),
    Scene("otto-market", "kofi", "now at the carnival in the day", 43, "Same bear, bigger crowd. #remix #dance", (), "otto-snow", 8),
    Scene("juno-snowfield", "tomas", "now in the snowfield at night", 44, "Low gravity not included. #remix #snow", (), "juno-backflip", 2),
    Scene("ocean-swim", "sanna", "a woman swims underwater beside a yellow fish", 51, "Rehearsal at depth. #ocean", (), hours_ago=50),
    Scene("kite-hills", "odile", "a boy flies a green kite in the mountains in the wind", 52, "Wind did the acting. #balloon #mountain", (), hours_ago=55),
    Scene("skate-city", "kofi", "a boy rides a skateboard in the city at sunset", 53, "Late for nothing. #sport #city", (), hours_ago=60),
    Scene("panda-bicycle", "tomas", "a panda rides a bicycle in the park", 54, "Commuter. #park #sport", (), hours_ago=66),
    Scene("boat-lake", "xiaoyu", "日落时，一个男人在湖上划船", 55, "慢一点。#boat #sunset", (), hours_ago=70),
    Scene("waltz-castle", "ada", "a man and a woman waltz in the castle at night", 56, "Nobody stepped on anybody. #dance #night", (), hours_ago=76),
    Scene("snowman-wave", "tomas", "a girl waves beside a snowman in the snowfield", 57, "They have met before. #snow", (), hours_ago=80),
    Scene("grandfather-think", "odile", "a grandfather thinks in the cafe in the morning", 58, "The answer is cake. #food", (), hours_ago=84),
    Scene("drum-stage", "kofi", "a man plays a drum on stage, poster style", 59, "Encore of one. #music", (), hours_ago=90),
    Scene("yoga-mountain", "sanna", "a woman does yoga in the mountains in the morning fog", 60, "Higher ground, lower heart rate. #mountain", (), hours_ago=96),
    Scene("bird-rooftop", "chenjun", "a man in a green coat stands on the rooftop with a bird at sunset", 61, "它先来的。#birds #sunset", (), hours_ago=102),
    Scene("chase-dog", "ravi", "a boy chases a dog in the meadow", 62, "Training partner. #dogs #run", (), hours_ago=110),
    Scene("temple-bow", "xiaoyu", "水墨画，穿白色长袍的男人在雾中的寺庙前鞠躬", 63, "山里的早课。#ink #fog", (), hours_ago=118),
    Scene("cafe-read", "ada", "a woman reads a book in the cafe, watercolour style", 64, "Chapter nine again. #rain #food", (), hours_ago=126),
    Scene("desert-jump", "sanna", "an astronaut jumps in the desert at night", 65, "Wrong planet, right mood. #space #jump", (), hours_ago=134),
    Scene("cartwheel-carnival", "ravi", "a girl does a cartwheel at the carnival at night", 66, "Eleven in a row. #jump #night", (), hours_ago=140),
)  # fmt: skip
