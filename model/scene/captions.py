"""Plans -> captions, English or Chinese, in many wordings, leaving things out as people do.

`tell(plan, r)` also says which fields it mentioned, so that evaluation asks only for those."""

from __future__ import annotations

from random import Random

from model.scene import tracks as T
from model.scene.words import going, phrases, third, unknown_words

__all__ = ["caption", "tell", "unknown_words"]

Said = dict[str, str]
# how an action is said: (verb concept, does it name its prop?); the plain case is its own verb
SPEAK = {
    "balloon": (("float", True),),
    "boat": (("row", True), ("ride", True)),
    "skateboard": (("ride", True), ("", True)),
    "bicycle": (("ride", True), ("", True)),
    "kite": (("fly", True),),
    "chase": (("chase", True),),
    "guitar": (("play", True),),
    "drum": (("beat", True), ("play", True)),
    "read": (("read", True), ("read", False)),
    "drink": (("drink", True), ("drink", True), ("drink", False)),
    "selfie": (("selfie", False), ("selfie", False)),
    "show": (("show", True),),
    "hoop": (("hula", False), ("spin", True)),
    "toss": (("toss", True),),
    "bounce": (("bounce", True),),
    "kick": (("kick", True), ("kick", True)),
    "give": (("give", True),),
}
ALONE_SAYS = {"skateboard": ("skateboarding", "滑滑板"), "bicycle": ("cycling", "骑自行车")}
SKIN_WORD = {
    "porcelain": "fair",
    "fair": "fair",
    "tan": "tan",
    "brown": "dark",
    "dark": "dark",
    "deep": "dark",
}


class Teller:
    """Writes one caption in one language, noting what it said."""

    def __init__(self, plan: T.Plan, r: Random, chinese: bool, detail: float) -> None:
        self.plan, self.r, self.zh, self.detail = plan, r, chinese, detail
        self.said: Said = {}

    def word(self, section: str, name: str) -> str:
        return self.r.choice(phrases(section, name, self.zh))

    def often(self, p: float) -> bool:
        return self.r.random() < min(1.0, p * self.detail)

    def person(self, i: int) -> str:
        p = self.plan.people[i]
        named = self.r.random() < 0.93
        noun = self.word("kind", p.kind if named else "person")
        if named:
            self.said[f"kind{i}"] = p.kind
        wear, before = [], []
        if self.often(0.62):
            self.said[f"top{i}"] = p.top
            colour = self.word("colour", p.top)
            if self.r.random() < 0.7:
                self.said[f"outfit{i}"] = p.outfit
                wear.append(colour + ("" if self.zh else " ") + self.word("outfit", p.outfit))
            else:
                wear.append(colour + ("衣" if self.zh else ""))
        elif self.often(0.12):
            self.said[f"outfit{i}"] = p.outfit
            wear.append(self.word("outfit", p.outfit))
        if wear and self.often(0.3):
            self.said[f"bottom{i}"] = p.bottom
            wear.append(self.word("colour", p.bottom) + ("" if self.zh else " ") + self.word("say", "bottom"))
        if self.often(0.25):
            self.said[f"hair{i}"] = p.hair
            before.append(self._hair(i))
        if p.skin in SKIN_WORD and self.often(0.08):
            self.said[f"skin{i}"] = SKIN_WORD[p.skin]
            before.append(self.word("skin", SKIN_WORD[p.skin]))
        if p.accessory != "none" and self.often(0.5):
            self.said[f"accessory{i}"] = p.accessory
            wear.append(self.word("accessory", p.accessory))
        if self.often(0.30 if p.mood in ("calm", "happy") else 0.55):
            self.said[f"mood{i}"] = p.mood
            before.insert(0, self.word("mood", p.mood))
        return self._join_person(noun, before, wear)

    def _hair(self, i: int) -> str:
        p = self.plan.people[i]
        style, colour = self.word("hair", p.hair), ""
        if p.hair != "bald" and self.r.random() < 0.7:
            self.said[f"hair_colour{i}"] = p.hair_colour
            section = "haircolour" if p.hair_colour in ("blond", "ginger") else "colour"
            colour = self.word(section, p.hair_colour)
        if self.zh:
            return (colour + "头发" if colour else "") + style
        return f"{style} {colour}-hair" if colour else style

    def _join_person(self, noun: str, before: list[str], wear: list[str]) -> str:
        r = self.r
        if self.zh:
            text = "".join(w + "的" if r.random() < 0.6 else w for w in before)
            if wear:
                text += r.choice(("穿着", "穿", "身穿")) + "和".join(wear) + "的"
            return r.choice(("一个", "一位", "", "一名")) + text + noun
        adjectives, late = [], []
        for b in before:
            if b.endswith("-hair"):
                late.append("with " + b[:-5] + " hair")
            elif b in (
                "sadly",
                "happily",
                "calmly",
                "quietly",
                "angrily",
                "peacefully",
                "cheerfully",
                "joyfully",
            ):
                late.append(b)
            else:
                adjectives.append(b)
        if wear and len(wear) == 1 and r.random() < 0.15:
            adjectives.append(wear.pop())
            noun = "dressed " + noun if False else noun
        text = " ".join(adjectives + [noun])
        text = r.choice(("a ", "a ", "the ", "one ")) + text
        if wear:
            text += r.choice((" in ", " in a ", " wearing ", " wearing a ", " dressed in ")) + " and a ".join(
                wear
            )
        return " ".join([text, *late])

    def prop(self, q: int) -> str:
        thing = self.plan.props[q]
        self.said[f"prop{q}"] = thing.kind
        noun = self.word("prop", thing.kind)
        if thing.kind in ("skateboard", "bicycle"):
            noun = "滑板" if self.zh and thing.kind == "skateboard" else noun
            noun = phrases("prop", thing.kind, self.zh)[
                self.r.randint(0, 1 if not self.zh and thing.kind == "bicycle" else 0)
            ]
        if self.often(0.6):
            self.said[f"prop_colour{q}"] = thing.colour
            noun = self.word("colour", thing.colour) + ("" if self.zh else " ") + noun
        return ("一个" if self.r.random() < 0.4 else "") + noun if self.zh else "a " + noun

    def act(self, action: str, person: int, many: bool) -> str:
        """The verb phrase of an action, with its own prop."""
        concept, with_prop = self.r.choice(SPEAK.get(action, ((action, False),)))
        if action in ALONE_SAYS and not concept:
            self.said["prop0"] = action
            alone = ALONE_SAYS[action][self.zh]
            return alone if self.zh else ("are " if many else "is ") + alone
        verb = self.word("verb", concept)
        if not self.zh:
            shape = self.r.random()
            verb = (
                (("are " if many else "is ") + going(verb)) if shape < 0.4 else verb if many else third(verb)
            )
        if with_prop and self.plan.props:
            verb += (
                "" if self.zh else " with " if concept == "float" and "from" not in verb else " "
            ) + self.prop(0)
        person_plan = self.plan.people[person]
        if person_plan.energy and self.often(0.5):
            self.said[f"energy{person}"] = "fast" if person_plan.energy > 0 else "slow"
            how = self.word("energy", self.said[f"energy{person}"])
            verb = how + verb if self.zh else f"{verb} {how}"
        return verb

    def deed(self, i: int, many: bool = False) -> str:
        p = self.plan.people[i]
        self.said[f"action{i}"] = p.action
        text = self.act(p.action, i, many)
        if p.then != T.NO_ACTION and self.r.random() < 0.9:
            self.said[f"then{i}"] = p.then
            after = self.act(p.then, i, many)
            text += (
                self.r.choice(("，然后", "，接着", "然后", "，再")) + after
                if self.zh
                else self.r.choice((", then ", " and then ", " then ")) + after
            )
        held = [
            q for q, prop in enumerate(self.plan.props) if prop.placement == "carried" and prop.owner == i
        ]
        if held and self.r.random() < 0.85:
            if self.zh:
                text = self.word("verb", "hold") + self.prop(held[0]) + text
            else:
                text += self.r.choice((" holding ", " carrying ", " while holding ")) + self.prop(held[0])
        return text

    def people(self) -> str:
        plan, r = self.plan, self.r
        n, acts = len(plan.people), {p.action for p in plan.people}
        together = len(acts) == 1 and n > 1 and not any(p.then != T.NO_ACTION for p in plan.people)
        self.said["people"] = str(n)
        if together and n > 1:
            action = plan.people[0].action
            for i in range(n):
                self.said[f"action{i}"] = action
            if n == 3 and r.random() < 0.4:
                who = "三个人" if self.zh else "three people"
            elif n == 2 and action in T.PAIRED and r.random() < 0.12:
                who = "两个人" if self.zh else "two people"
            else:
                named = [self.person(i) for i in range(n)]
                who = "和".join(named) if self.zh else ", ".join(named[:-1]) + " and " + named[-1]
                if action == "give":
                    return self._give(named)
            return who + ("" if self.zh else " ") + self.act(action, 0, True)
        parts = []
        for i in range(n):
            parts.append(self.person(i) + ("" if self.zh else " ") + self.deed(i))
        if self.zh:
            return r.choice(("，", "，同时", "，旁边")).join(parts)
        return r.choice((" while ", " and ", " as ", " next to ")).join(parts)

    def _give(self, named: list[str]) -> str:
        verb = self.word("verb", "give")
        if self.zh:
            return f"{named[0]}{verb}{named[1]}{self.prop(0)}"
        verb = third(verb) if self.r.random() < 0.6 else "is " + going(verb)
        return (
            f"{named[0]} {verb} {named[1]} {self.prop(0)}"
            if self.r.random() < 0.5
            else f"{named[0]} {verb} {self.prop(0)} to {named[1]}"
        )

    def others(self) -> str:
        out = ""
        for q, prop in enumerate(self.plan.props):
            if prop.placement == "stand" and f"prop{q}" in self.said and self.r.random() < 0.8:
                self.said[f"placement{q}"] = "stand"
                out += "摆在展台上" if self.zh else self.r.choice((" on a stand", " on display"))
            elif prop.owner == T.NOBODY and self.r.random() < 0.8:
                joiner = (
                    self.r.choice(("，旁边有", "，身边有", "，还有"))
                    if self.zh
                    else self.r.choice((" with ", " and ", " near ", " next to "))
                )
                out += joiner + self.prop(q)
        return out

    def surroundings(self) -> list[str]:
        w, parts = self.plan.world, []
        odds = {
            "place": 0.78,
            "time": 0.55,
            "weather": 0.65 if w.weather != "clear" else 0.10,
            "camera": 0.35,
            "style": 0.55 if w.style != "paper" else 0.12,
        }
        for name, p in odds.items():
            if self.often(p):
                value = getattr(w, name)
                self.said[name] = value
                parts.append(self.word(name, value))
        if self.r.random() < 0.3:
            self.r.shuffle(parts)
        return parts

    def write(self) -> str:
        parts = self.surroundings()
        split = self.r.randint(0, len(parts)) if self.r.random() < (0.5 if self.zh else 0.2) else 0
        before, after = parts[:split], parts[split:]
        body = self.people() + self.others()
        if self.zh:
            lead = "".join(f"在{b}" if self.r.random() < 0.4 else f"{b}，" for b in before)
            return lead + body + "".join(("，" if self.r.random() < 0.8 else "") + a for a in after)
        link = lambda part: self.r.choice((" ", " in the ", " at ", ", ", ", ")) + part  # noqa: E731
        lead = ", ".join(before) + (", " if before else "")
        return lead + body + "".join(link(a) for a in after)


def tell(plan: T.Plan, r: Random, chinese: bool | None = None, detail: float = 1.0) -> tuple[str, Said]:
    """(caption, what it said: field -> value). Half are Chinese unless asked; `detail` above 1 says
    more, 0 says only who does what."""
    teller = Teller(plan, r, r.random() < 0.5 if chinese is None else chinese, detail)
    return teller.write(), teller.said


def caption(plan: T.Plan, r: Random, chinese: bool | None = None) -> str:
    return tell(plan, r, chinese)[0]
