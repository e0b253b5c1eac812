"""Any log, ranked from files: what comes out for whom, and that odd files are no accident."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from feed.ranking import blend, offline, tables
from feed.ranking.expected import Expected, Side
from feed.ranking.log import Attributes, clean
from feed.ranking.recommenders import attention
from feed.ranking.recommenders.counts import Recent
from feed.ranking.recommenders.residual import Neighbours

PEOPLE, ITEMS = 90, 40


def write(path: Path, header: str, rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path


def log(
    folder: Path, *, ts: bool = True, watch: bool = False, like: bool = False
) -> list[tuple[object, ...]]:
    """People of two tastes walk round a ring of their own twenty items; they watch their own side longer."""
    draw = np.random.default_rng(5)
    rows: list[tuple[object, ...]] = []
    for person in range(PEOPLE):
        at, side = int(draw.integers(20)), person % 2
        for step in range(9):
            at = (at + 1) % 20
            side_now = side if draw.random() < 0.9 else 1 - side
            welcome = 0.9 if side_now == side else 0.2
            rows.append(
                (
                    f"用户 {person}",
                    f"i{20 * side_now + at}",
                    1_700_000_000 + person + 100 * step if ts else "",
                    round(min(1.0, max(0.0, welcome + 0.1 * draw.standard_normal())), 3) if watch else "",
                    int(welcome > 0.5 and draw.random() < 0.5) if like else "",
                )
            )
    write(folder / "E.csv", "user,item,ts,watch,like", rows)
    write(
        folder / "U.csv", "user,age", [(f"用户 {n}", 20 + n % 40) for n in range(PEOPLE)] + [("stranger", "")]
    )
    items = [(f"i{n}", "cats" if n < 20 else "cars|fast", f"a{n % 7}", 10 + n) for n in range(ITEMS)]
    write(folder / "I.csv", "item,tag,author,length_s", [*items, ("unseen", "cats", "", "")])
    return rows


def rank(folder: Path, *more: str, out: str = "out.csv") -> list[dict[str, str]]:
    call_command(
        "rank_offline",
        *(
            "--events",
            str(folder / "E.csv"),
            "--users",
            str(folder / "U.csv"),
            "--items",
            str(folder / "I.csv"),
        ),
        *("--out", str(folder / out), "--k", "10", *more),
    )
    with (folder / out).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("ts", [True, False])
def test_everybody_gets_ten_they_have_not_met(tmp_path: Path, ts: bool) -> None:
    met = {(person, item) for person, item, *_ in log(tmp_path, ts=ts)}
    rows = rank(tmp_path)
    assert {row["user"] for row in rows} == {f"用户 {n}" for n in range(PEOPLE)} | {"stranger"}
    assert not met & {(row["user"], row["item"]) for row in rows}
    for person in ("用户 3", "stranger"):
        mine = [row for row in rows if row["user"] == person]
        assert [row["rank"] for row in mine] == [str(n) for n in range(1, 11)]
        assert len({row["item"] for row in mine}) == 10


def test_who_walks_a_ring_is_led_to_its_next_item(tmp_path: Path) -> None:
    rows = log(tmp_path)
    last = {str(person): str(item) for person, item, *_ in rows}
    first = {row["user"]: row["item"] for row in rank(tmp_path) if row["rank"] == "1"}
    right = [
        int(first[person][1:]) % 20 == (int(item[1:]) + 1) % 20
        for person, item in last.items()
        if person in first
    ]
    assert np.mean(right) > 0.6  # by chance a twentieth


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    log(tmp_path, watch=True)
    assert rank(tmp_path) == rank(tmp_path, out="again.csv")


@pytest.mark.parametrize("said", [{"watch": True}, {"like": True}, {"watch": True, "like": True}, {}])
def test_a_slate_is_scored_line_by_line(tmp_path: Path, said: dict[str, bool]) -> None:
    log(tmp_path, **said)
    pairs = [("用户 0", f"i{n}") for n in range(ITEMS)] + [
        ("stranger", "i3"),
        ("nobody", "nothing"),
        ("用户 0", "i3"),
    ]
    write(tmp_path / "S.csv", "user,item", pairs)
    rows = rank(tmp_path, "--slate", str(tmp_path / "S.csv"))
    assert [(row["user"], row["item"]) for row in rows] == pairs
    scores = np.array([float(row["score"]) for row in rows])
    assert np.isfinite(scores).all() and scores[3] == scores[-1]
    assert scores[:20].mean() > scores[20:40].mean()  # person 0 likes the first side


def test_ranking_beats_popularity_in_its_own_cross_check(tmp_path: Path) -> None:
    log(tmp_path)
    found, _ = offline.load(tmp_path / "E.csv", None, None)
    report = blend.learn(found, 0).report
    assert report["ndcg10"] > 2 * report["popular_ndcg10"] and report["below_popularity"] == 0


def test_what_comes_next_is_found_better_than_by_popularity_and_by_neighbours(tmp_path: Path) -> None:
    """On events that ranking never saw: the last of each person, told from all before."""
    told = log(tmp_path)
    last = {row[0]: at for at, row in enumerate(told)}
    wanted = {str(told[at][0]): str(told[at][1]) for at in last.values()}
    write(
        tmp_path / "E.csv",
        "user,item,ts,watch,like",
        [row for at, row in enumerate(told) if at not in last.values()],
    )
    ours: dict[str, list[str]] = {}
    for row in rank(tmp_path):
        ours.setdefault(row["user"], []).append(row["item"])
    known, _ = offline.load(tmp_path / "E.csv", None, tmp_path / "I.csv")
    met = known.met()
    popular = np.asarray(met.sum(axis=0)).ravel()
    together = np.asarray((met.T @ met).todense()) / np.sqrt(np.maximum(np.outer(popular, popular), 1.0))
    np.fill_diagonal(together, 0.0)
    unmet = np.where(np.asarray(met.todense()) > 0, -np.inf, 0.0)

    def gain(scores: np.ndarray) -> float:
        best = np.argsort(-(scores + unmet), axis=1, kind="stable")[:, :10]
        return ndcg({who: [known.items[row] for row in best[n]] for n, who in enumerate(known.people)})

    def ndcg(lists: dict[str, list[str]]) -> float:
        fresh = [who for who, item in wanted.items() if item not in met_by[who]]
        return float(
            np.mean(
                [
                    1 / np.log2(lists[who].index(wanted[who]) + 2) if wanted[who] in lists[who] else 0.0
                    for who in fresh
                ]
            )
        )

    met_by: dict[str, set[str]] = {who: set() for who in wanted}
    for person, item in zip(known.person, known.item, strict=True):
        met_by[known.people[person]].add(known.items[item])
    neighbours = gain(np.asarray(met @ together))
    assert ndcg(ours) > 1.2 * neighbours > 1.2 * 2 * gain(np.tile(popular, (len(known.people), 1)))


def test_empty_files_and_odd_cells_cost_nothing(tmp_path: Path) -> None:
    write(tmp_path / "U.csv", "user", [("a",)])
    write(tmp_path / "I.csv", "item,tag", [("x", "t"), ("x", "again"), ("y", "")])
    write(tmp_path / "E.csv", "user,item,ts,watch,like", [])
    assert {(row["user"], row["item"]) for row in rank(tmp_path)} == {("a", "x"), ("a", "y")}
    odd = [
        ("a", "x", "2024-05-01T10:00:00", "nan", "inf"),
        ("a", "x", "later", "-4", "9"),
        ("", "y", "1", "1", "1"),
        ("b",),
    ]
    write(tmp_path / "E.csv", "user,item,ts,watch,like", odd)
    assert {(row["user"], row["item"]) for row in rank(tmp_path)} == {("a", "y")}


def test_only_what_the_catalogue_lists_is_recommended(tmp_path: Path) -> None:
    log(tmp_path)
    write(tmp_path / "I.csv", "item", [(f"i{n}",) for n in range(12)])
    assert {row["item"] for row in rank(tmp_path)} <= {f"i{n}" for n in range(12)}


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    log(tmp_path)
    write(tmp_path / "E.csv", "who,what", [("a", "x")])
    with pytest.raises(CommandError, match="no column user"):
        rank(tmp_path)


def test_reading_asks_for_no_column_more_often_when_there_are_more_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column that is fetched once a row is a second for ten thousand rows and hours for a million."""
    asked: list[int] = []
    words = tables.Table.words

    def counted(table: tables.Table, name: str) -> list[str]:
        asked.append(table.length)
        return words(table, name)

    monkeypatch.setattr(tables.Table, "words", counted)
    times = []
    for count in (50, 400):
        write(tmp_path / "E.csv", "user,item", [(f"u{n % 20}", f"i{n % 30}") for n in range(count)])
        write(tmp_path / "U.csv", "user,age", [(f"u{n}", n) for n in range(count)])
        write(tmp_path / "I.csv", "item,tag", [(f"i{n}", n) for n in range(count)])
        asked.clear()
        offline.load(tmp_path / "E.csv", tmp_path / "U.csv", tmp_path / "I.csv")
        times.append(len(asked))
    assert times[0] == times[1] < 20


def test_a_column_that_is_there_is_handed_over_as_it_is(tmp_path: Path) -> None:
    table = tables.Table(tmp_path, {"user": ["a", "b"]}, 2)
    assert table.words("user") is table.columns["user"] and table.words("ts") == ["", ""]


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    "header", ["user_id,video_id,timestamp,watch_ratio", "uid,movie_id,time,watch", "user,item,ts,watched"]
)
def test_other_names_separators_marks_and_gaps_are_read(tmp_path: Path, separator: str, header: str) -> None:
    second = ["b", "i2", "1700000001000"]
    rows = [header.split(","), ['a, "x"', "i1", "1700000000000", "0.5"], [], second, [*second, "0.9"]]
    with (tmp_path / "E.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    found, _ = offline.load(tmp_path / "E.csv", None, None)
    assert found.people == ['a, "x"', "b"] and found.items == ["i1", "i2"]
    assert found.at.tolist() == [1_700_000_000.0, 1_700_000_001.0]
    assert found.watch.tolist() == pytest.approx([0.5, 0.9])


@pytest.mark.parametrize("header", ["id,tags", "item_id,tag", "video_id,genres", "name,category"])
def test_people_and_items_are_known_by_any_name_of_their_id(tmp_path: Path, header: str) -> None:
    write(tmp_path / "E.csv", "user,item", [("1", "7"), ("2", "8")])
    write(tmp_path / "U.csv", "age,user_id", [(30, "1"), (40, "3")])
    write(tmp_path / "I.csv", header, [("7", "[4, 5]"), ("9", "x|y")])
    found, offered = offline.load(tmp_path / "E.csv", tmp_path / "U.csv", tmp_path / "I.csv")
    assert found.people == ["1", "3", "2"] and found.items == ["7", "9", "8"] and offered == 2
    assert found.about_items.words["tag"] == [("4", "5"), ("x", "y"), ()]


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000, 1_000_000_000])
def test_moments_in_any_unit_become_seconds(unit: int) -> None:
    told = np.array([1_700_000_000, np.nan, 1_600_000_000]) * unit
    assert np.allclose(tables.seconds(told), [1_700_000_000, np.nan, 1_600_000_000], equal_nan=True)


def test_codes_of_authors_and_tags_are_names_and_other_numbers_reach_the_trees(tmp_path: Path) -> None:
    """As in KuaiRec, where every author, tag and sound is an integer."""
    rows = [(n, 1000 + n % 50, n % 31, 5 * n, n * 1.5, "" if n == 3 else 10**400) for n in range(100)]
    write(tmp_path / "I.csv", "video_id,author_id,tag,music_id,loudness,odd", rows)
    write(tmp_path / "U.csv", "user_id,age,level", [(n, n / 3, f"l{n % 4}") for n in range(60)])
    write(tmp_path / "E.csv", "user_id,video_id,watch", [(n % 60, n, 0.5) for n in range(100)])
    found, _ = offline.load(tmp_path / "E.csv", tmp_path / "U.csv", tmp_path / "I.csv")
    assert {"author", "tag", "music_id"} <= set(found.about_items.words)
    assert "loudness" in found.about_items.numbers and set(found.about_people.numbers) == {"age"}
    side = Side.of(found)
    assert len(set(side.author.tolist())) == 50 and len(set(side.tags[:, 0].tolist())) == 31
    assert np.allclose(side.item_numbers[:, 0], [row[4] for row in rows])
    assert np.allclose(side.person_numbers[:, 0], np.arange(60) / 3)


def test_a_number_of_an_item_tells_how_welcome_one_is_that_nobody_met() -> None:
    """Loud clips are watched; the tables of counts know nothing of a new one."""
    draw, loud = np.random.default_rng(3), (np.arange(100) * 37 % 100).astype(float)
    pairs = [(who, what) for who in range(120) for what in range(80) if draw.random() < 0.5]
    silent = np.full(len(pairs), np.nan)
    told = clean(
        person=[str(who) for who, _ in pairs],
        item=[str(what) for _, what in pairs],
        at=silent,
        watch=np.array([0.9 if loud[what] > 50 else 0.1 for _, what in pairs]),
        like=silent,
        items=[str(n) for n in range(100)],
        about_items=Attributes(numbers={"loudness": loud}),
    )
    new = np.arange(80, 100, dtype=np.int32)
    scores = Expected().fit(told, 0).scores(np.zeros(20, np.int32), new)
    assert scores[loud[80:] > 50].mean() > scores[loud[80:] <= 50].mean() + 0.2


@pytest.mark.parametrize("count", [0, 1, 2, 12, 49])
def test_a_slate_beside_a_tiny_log_is_scored_by_what_items_were_worth(tmp_path: Path, count: int) -> None:
    rows = [(f"u{n % 7}", f"i{n % 5}", "", 0.9 if n % 5 == 1 else 0.1, "") for n in range(count)]
    write(tmp_path / "E.csv", "user,item,ts,watch,like", rows)
    write(tmp_path / "U.csv", "user", [("u0",)])
    write(tmp_path / "I.csv", "item", [("i0",)])
    write(tmp_path / "S.csv", "user,item", [("u6", "i0"), ("u6", "i1"), ("new", "i2"), ("new", "never")])
    scores = [float(row["score"]) for row in rank(tmp_path, "--slate", str(tmp_path / "S.csv"))]
    assert np.isfinite(scores).all() and (count < 12 or scores[1] > scores[0])


def test_files_with_nothing_in_them_are_no_accident(tmp_path: Path) -> None:
    (tmp_path / "E.csv").write_text("\n")
    write(tmp_path / "U.csv", "user", [("a",)])
    write(tmp_path / "I.csv", "item", [("x",)])
    assert [(row["user"], row["item"]) for row in rank(tmp_path)] == [("a", "x")]
    (tmp_path / "S.csv").write_text("")
    assert rank(tmp_path, "--slate", str(tmp_path / "S.csv")) == []


def test_a_result_that_cannot_be_written_is_said_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(tmp_path)
    monkeypatch.setattr(offline, "load", lambda *_: pytest.fail("worked for nothing"))
    (tmp_path / "folder").mkdir()
    for out in ("nowhere/out.csv", "folder"):
        with pytest.raises(CommandError, match=r"nowhere|folder"):
            rank(tmp_path, out=out)


def test_a_result_stands_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(tmp_path)
    (tmp_path / "out.csv").write_text("the last one")

    def breaks(*_: object) -> Iterator[tuple[str, int, str]]:
        yield "a", 1, "x"
        raise MemoryError

    monkeypatch.setattr(offline, "recommend", breaks)
    with pytest.raises(MemoryError):
        rank(tmp_path)
    assert (tmp_path / "out.csv").read_text() == "the last one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["E.csv", "I.csv", "U.csv", "out.csv"]


def test_pairs_of_a_silent_log_are_weighed_for_what_is_asked(tmp_path: Path) -> None:
    """Next on the ring is put above what is popular, whatever stands beside it in the slate."""
    rows = log(tmp_path)
    found, _ = offline.load(tmp_path / "E.csv", None, None)
    last = {str(person): int(str(item)[1:]) for person, item, *_ in rows}
    person = np.array([found.people.index(who) for who in last for _ in range(2)], np.int32)
    item = np.array(
        [
            found.items.index(f"i{20 * (at // 20) + (at + step) % 20}")
            for at in last.values()
            for step in (1, 12)
        ],
        np.int32,
    )
    learnt = blend.learn(found, 0, asked=item)
    assert learnt.weights.shape == (len(blend.KNOWN), 2 * len(learnt.members))
    scores = learnt.pairs(found, person, item).reshape(-1, 2)
    assert np.mean(scores[:, 0] > scores[:, 1]) > 0.85
    assert learnt.report["ndcg10"] > learnt.report["popular_ndcg10"]


def test_newcomers_learn_what_is_popular_when_they_come() -> None:
    """Every day has a clip of its own. Who is cut down to nothing is asked on their day, not when the log
    ends, or popularity of the day would look as if it told newcomers nothing."""
    person = [f"p{who}" for who in range(300) for _ in range(3)]
    item = [name for who in range(300) for name in (f"x{who}", f"day{who // 50}", f"y{who}")]
    silent = np.full(len(person), np.nan)
    told = clean(person=person, item=item, at=np.arange(len(person), dtype=float), watch=silent, like=silent)
    people = np.arange(300, dtype=np.int32)
    held = blend.Held(told, people, told.item[told.starts[1:] - 1])
    cut, who, _ = blend._cut_short(held, 0)
    nobody = who[np.diff(cut.starts)[who] == 0]
    recent = Recent()
    recent.fit(told, 0)
    days = [told.items.index(f"day{day}") for day in range(6)]
    guess = recent.scores(cut, nobody)[:, days].argmax(axis=1)
    assert len(nobody) > 20 and np.mean(guess == nobody // 50) > 0.9
    assert (recent.scores(told.only(np.zeros(told.size, bool)), nobody)[:, days].argmax(axis=1) == 5).all()


def test_where_equals_stand_never_decides_who_wins() -> None:
    flat = np.zeros((1, 4), np.float32)
    assert (blend.rank_of(flat) == 0).all()
    tied = np.array([[1.0, 1.0, 0.0, 1.0]], np.float32)
    ranks = blend.rank_of(tied)[0]
    assert ranks[0] == ranks[1] == ranks[3] > ranks[2]


def test_attention_learns_which_item_follows_and_is_the_same_for_a_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """People walk a ring by steps of one or two, whichever they began with: the last item alone says too
    little."""
    monkeypatch.setattr(attention, "MOST_EVENTS", 60_000)
    draw = np.random.default_rng(4)
    person, item = [], []
    for who in range(300):
        at, stride = int(draw.integers(40)), 1 + who % 2
        for _ in range(10):
            person.append(f"u{who}")
            item.append(f"i{at % 40}")
            at += stride
    silent, moments = np.full(len(item), np.nan), np.arange(len(item), dtype=float)
    walked = clean(person=person, item=item, at=moments, watch=silent, like=silent)
    people = np.arange(300, dtype=np.int32)
    first = attention.Attention()
    first.fit(walked, 0)
    scores = first.scores(walked, people)
    last = walked.item[walked.starts[1:] - 1]
    follows = np.array(
        [
            walked.items.index(f"i{(int(walked.items[row][1:]) + 1 + who % 2) % 40}")
            for who, row in enumerate(last)
        ]
    )
    assert np.mean(scores.argmax(axis=1) == follows) > 0.9
    again = attention.Attention()
    again.fit(walked, 0)
    assert np.array_equal(scores, again.scores(walked, people))
    nobody = clean(
        person=[],
        item=[],
        at=silent[:0],
        watch=silent[:0],
        like=silent[:0],
        people=["new"],
        items=walked.items,
    )
    assert not first.scores(nobody, np.zeros(1, np.int32)).any()


def test_what_neighbours_said_of_other_items_tells_of_this_one() -> None:
    draw = np.random.default_rng(1)
    person, item = np.divmod(np.arange(200 * 10), 10)
    kept = draw.random(len(person)) < 0.8
    rest = np.where((person % 2 == 0) == (item < 5), 0.5, -0.5).astype(np.float32)
    told = Neighbours(ridge=1.0).fit(
        person[kept].astype(np.int32), item[kept].astype(np.int32), rest[kept], (200, 10)
    )
    guess = told.scores(person[~kept].astype(np.int32), item[~kept].astype(np.int32))
    assert np.mean(np.sign(guess) == np.sign(rest[~kept])) > 0.98
