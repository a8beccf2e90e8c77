"""ONS Explore Local Statistics: both generations of its route, columns by name, nothing cut off."""

from datetime import timedelta

import pytest

from assets.sources.http import PermanentFailure, TransientFailure, sample_session
from tests.fixtures.servers.faulty import FAULTS, FAULTS_OF_TRANSPORT
from tests.fixtures.servers.ons import Ons
from tests.fixtures.servers.rig import NOW, Rig, entry, recorded


@pytest.fixture
def server():
    with Ons() as running:
        running.retry_at = NOW + timedelta(seconds=9)
        yield running


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "live")


def source(server, **slugs):
    named = {name.replace("_", "-"): measure for name, measure in slugs.items()}
    options = {"slugs": named or {"life-expectancy": "life_years"}, "base_url": server.base}
    return entry("ons_els", options)


def test_figures_limits_and_markers_stand_side_by_side(server, rig):
    pulled = rig.pull(source(server))
    columns = ["area_text", "period_text", "value_text", "lower_95_text", "upper_95_text"]
    assert pulled.frame[[*columns, "note_text"]].fillna("").to_numpy().tolist() == [
        ["W06000015", "2022-01-01/P3Y", "69.89999999999999", "58.2", "71.3", ""],
        ["W06000024", "2022-01-01/P3Y", "", "", "", "x"],
        ["W92000004", "2022-01-01/P3Y", "60.3", "59.6", "61", ""],
    ]
    assert pulled.frame["source_row"].tolist() == [2, 3, 4]
    assert set(pulled.frame["source_published"]) == {"2026-02-19"}


def test_sex_and_age_are_breakdowns_and_their_wholes_the_total(server, rig):
    frame = rig.pull(source(server, population="people")).frame
    assert frame[["breakdown_type", "breakdown"]].to_numpy().tolist() == [
        ["sex_age", "female|0 to 4"],
        ["sex", "female"],
        ["total", "total"],
    ]


def test_the_older_route_gives_the_same_rows(server, rig, tmp_path):
    newer = rig.pull(source(server)).frame
    with Ons("2026-06") as old:
        older = Rig(tmp_path / "older").pull(source(old)).frame
        assert old.count("/data.csv?indicator=life-expectancy") == 1
    same = [name for name in newer if name != "source_file"]
    assert older[same].equals(newer[same])


def test_the_label_column_of_the_later_collection_route_is_no_fault(server, rig):
    lines = server.csv["life-expectancy"].split("\n")
    server.csv["life-expectancy"] = "\n".join(
        [f"indicator,{lines[0]}", *(f"Life expectancy,{line}" for line in lines[1:])]
    )
    assert rig.pull(source(server)).frame["problem"].isna().all()


def test_the_sample_transport_gives_the_same_frame(server, rig, tmp_path):
    both = source(server, life_expectancy="life_years", population="people")
    live = rig.pull(both)
    session = sample_session(recorded(server, tmp_path / "sample"))
    replayed = Rig(tmp_path / "replayed", session).pull(both)
    assert live.frame.equals(replayed.frame)
    assert live.revision == replayed.revision


def test_an_unchanged_build_costs_one_request(server, rig):
    first = rig.pull(source(server))
    n_asked = server.count()
    second = rig.pull(source(server), first.revision)
    assert (second.changed, second.frame, second.revision) == (False, None, first.revision)
    assert server.count() == n_asked + 1


def test_a_new_build_with_the_same_bytes_is_unchanged_and_remembered(server, rig):
    first = rig.pull(source(server))
    server.commit = "4972c588"
    second = rig.pull(source(server), first.revision)
    assert not second.changed
    assert second.revision != first.revision
    n_asked = server.count()
    assert not rig.pull(source(server), second.revision).changed
    assert server.count() == n_asked + 1


@pytest.mark.parametrize("commit", ["unknown", "", None])
def test_without_a_build_the_bytes_decide(server, rig, commit):
    server.commit = commit
    first = rig.pull(source(server))
    assert not rig.pull(source(server), first.revision).changed
    server.csv["life-expectancy"] = server.csv["life-expectancy"].replace("60.3", "60.4")
    changed = rig.pull(source(server), first.revision)
    assert changed.changed
    assert "60.4" in set(changed.frame["value_text"])


@pytest.mark.parametrize("fault", [f for f in FAULTS if f != "stall"])
def test_the_build_only_saves_requests(server, rig, fault):
    server.fail("/health", fault)
    assert len(rig.pull(source(server)).frame) == 3
    assert rig.slept == []


@pytest.mark.parametrize("where", ["/data/", "/metadata/"])
@pytest.mark.parametrize("fault", [f for f in FAULTS_OF_TRANSPORT if f != "stall"])
def test_faults_that_pass_leave_an_identical_frame(server, rig, tmp_path, fault, where):
    healthy = rig.pull(source(server)).frame
    server.fail(where, fault, times=2)
    assert Rig(tmp_path / "again").pull(source(server)).frame.equals(healthy)


@pytest.mark.parametrize("where", ["/data/", "/metadata/"])
@pytest.mark.parametrize("fault", [f for f in FAULTS if f != "stall"])
def test_faults_that_last_are_failures_in_one_sentence(server, rig, fault, where):
    server.fail(where, fault)
    with pytest.raises(TransientFailure) as failure:
        rig.pull(source(server))
    assert "run again later" in str(failure.value)
    assert str(failure.value).count(". ") == 0


@pytest.mark.parametrize(
    ("generation", "said"),
    [("2026-06", 'answered 400 ("No data'), ("2026-09", 'answered 404 ("Indicator "no-such"')],
)
def test_a_slug_that_is_gone_is_a_permanent_failure(generation, said, rig):
    with Ons(generation) as server, pytest.raises(PermanentFailure) as failure:
        rig.pull(source(server, no_such="people"))
    assert said in str(failure.value)


def test_a_body_cut_off_in_its_last_row_is_not_taken(server, rig):
    server.csv["life-expectancy"] = server.csv["life-expectancy"][:-15]
    with pytest.raises(TransientFailure, match="cut off in its last row"):
        rig.pull(source(server))


@pytest.mark.parametrize(
    ("old", "new", "problem", "detail"),
    [
        ("areacd", "area", "missing_column", "areacd; not looked for: area"),
        ("value", "observation", "missing_column", "value"),
        ("status", "ethnicity", "unknown_column", "ethnicity"),
    ],
)
def test_a_changed_schema_refuses_every_row_and_loses_none(server, rig, old, new, problem, detail):
    server.csv["life-expectancy"] = server.csv["life-expectancy"].replace(old, new, 1)
    frame = rig.pull(source(server)).frame
    assert (frame["source_row"].tolist(), set(frame["problem"])) == ([2, 3, 4], {problem})
    assert frame["problem_detail"].str.startswith(detail).all()
    assert set(frame["measure"]) == {"life_years"}
