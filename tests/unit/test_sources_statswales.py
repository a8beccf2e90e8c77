"""StatsWales: a cube comes whole and of one revision, or not at all; nothing is lost silently."""

from datetime import timedelta

import pytest

from assets.sources.http import PermanentFailure, TransientFailure, sample_session
from sql.frames import conform
from tests.fixtures.servers.faulty import FAULTS, FAULTS_OF_TRANSPORT
from tests.fixtures.servers.rig import NOW, Rig, entry, recorded
from tests.fixtures.servers.statswales import DATASET, StatsWales

MEASURES = {"1": "spending", "£ per head": "spending_per_head"}


@pytest.fixture
def server():
    with StatsWales() as running:
        running.retry_at = NOW + timedelta(seconds=9)
        yield running


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "live")


def cube(server, **more):
    options = {
        "dataset_id": DATASET,
        "columns": {"area": "Authority", "period": "Year", "measure": "Data description"},
        "measures": MEASURES,
        "base_url": server.base,
        **more,
    }
    return entry("statswales_v3", options)


def test_a_cube_as_it_stands(server, rig):
    pulled = rig.pull(cube(server))
    columns = ["measure", "period_text", "area_text", "area_name", "value_text", "note_text"]
    assert pulled.frame[columns].fillna("").to_numpy().tolist() == [
        ["spending", "2022-23", "W06000001", "Isle of Anglesey", "1017", ""],
        ["spending", "2022-23", "W06000015", "Cardiff", "7017", "Revised"],
        ["spending", "2023-24", "W06000002", "Gwynedd", "0", "Not available, Revised"],
        ["spending", "2023-24", "W06000015", "=Cardiff", "-12.5", ""],
        ["spending_per_head", "2022-23", "W06000015", "Cardiff", "24.691", ""],
        ["spending_per_head", "2022-23", "W92000004", "Wales", "98.765", "Estimated"],
    ]
    assert pulled.frame["source_row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert pulled.frame["problem"].isna().all()
    assert (pulled.frame[["breakdown_type", "breakdown"]] == "total").all(axis=None)


def test_rows_name_the_bytes_they_came_from(server, rig):
    pulled = rig.pull(cube(server))
    (digest,) = set(pulled.frame["source_sha256"])
    assert rig.store.get(digest) == server.csv()
    assert rig.store.meta(digest)["url"] == pulled.frame["source_file"][0]
    assert digest in pulled.sha256s


def test_the_frame_has_the_shape_of_the_contract(server, rig):
    frame = rig.pull(cube(server)).frame
    kept = conform(frame, "raw_returns")
    assert frame.equals(kept)
    assert (frame.dtypes == kept.dtypes).all()


def test_the_day_of_publication_is_that_of_london(server, rig):
    """2026-06-30T23:30Z is half past midnight on 1 July in Wales."""
    assert rig.pull(cube(server)).source_published == "2026-07-01"


def test_the_sample_transport_gives_the_same_frame(server, rig, tmp_path):
    live = rig.pull(cube(server))
    session = sample_session(recorded(server, tmp_path / "sample"))
    replayed = Rig(tmp_path / "replayed", session).pull(cube(server))
    assert live.frame.equals(replayed.frame)
    assert (live.revision, live.sha256s) == (replayed.revision, replayed.sha256s)


def test_an_unchanged_revision_costs_one_request(server, rig):
    first = rig.pull(cube(server))
    n_asked = server.count()
    second = rig.pull(cube(server), first.revision)
    assert (second.changed, second.frame) == (False, None)
    assert second.revision == first.revision
    assert server.count() == n_asked + 1


def test_a_new_revision_or_another_reading_is_pulled_again(server, rig):
    first = rig.pull(cube(server))
    assert rig.pull(cube(server, measures={"1": "spending"}), first.revision).changed
    server.revision += 1
    assert rig.pull(cube(server), first.revision).changed


@pytest.mark.parametrize("where", ["/data", "/query/", "format=csv"])
def test_a_revision_that_moves_meanwhile_is_read_again(server, rig, where):
    server.move_after, server.moves_left = where.replace("format=csv", "/data/"), 1
    pulled = rig.pull(cube(server))
    assert pulled.changed
    assert server.revision_id in pulled.revision
    assert len(pulled.frame) == len(server.rows)


def test_a_cube_that_keeps_moving_is_a_transient_failure(server, rig):
    server.move_after, server.moves_left = "/query/", 99
    with pytest.raises(TransientFailure, match="published a new revision while it was read"):
        rig.pull(cube(server))


@pytest.mark.parametrize("total", [5, 7, 0])
def test_a_count_that_does_not_fit_is_a_transient_failure(server, rig, total):
    server.total_lines = total
    with pytest.raises(TransientFailure, match=f"sent 6 rows of the {total} it announced"):
        rig.pull(cube(server))
    assert server.count("format=csv") == 3


@pytest.mark.parametrize("size", [0, 1, 100, 300, 500, 700])
def test_a_body_cut_off_at_the_source_is_never_taken_for_whole(server, rig, size):
    whole = server.csv()
    server.total_lines = len(server.rows)
    server.csv = lambda: whole[:size]
    with pytest.raises(TransientFailure):
        rig.pull(cube(server))


def test_a_body_cut_off_within_its_last_row_is_not_whole_either(server, rig):
    whole = server.csv()
    server.csv = lambda: whole[:-20]
    with pytest.raises(TransientFailure, match="cut off in its last row"):
        rig.pull(cube(server))


@pytest.mark.parametrize("where", [f"/v2/{DATASET}", "/query/", "format=csv"])
@pytest.mark.parametrize("fault", [f for f in FAULTS_OF_TRANSPORT if f != "stall"])
def test_faults_that_pass_leave_an_identical_frame(server, rig, tmp_path, fault, where):
    healthy = rig.pull(cube(server))
    server.fail(where, fault, times=2)
    again = Rig(tmp_path / "again").pull(cube(server))
    assert again.frame.equals(healthy.frame)


@pytest.mark.parametrize("fault", [f for f in FAULTS if f != "stall"])
@pytest.mark.parametrize("where", [f"/v2/{DATASET}", "/query/", "format=csv"])
def test_faults_that_last_are_failures_in_one_sentence(server, rig, fault, where):
    server.fail(where, fault)
    with pytest.raises(TransientFailure) as failure:
        rig.pull(cube(server))
    said = str(failure.value)
    assert "run again later" in said
    assert said.count(". ") == 0
    assert len(said) < 320


def test_an_unknown_dataset_is_a_permanent_failure(server, rig):
    source = cube(server, dataset_id=DATASET.replace("1", "2"))
    with pytest.raises(PermanentFailure, match="Dataset could not be found"):
        rig.pull(source)


def test_an_answer_of_another_form_is_a_permanent_failure(server, rig):
    server._dataset = lambda: {"id": DATASET, "revision": "4"}
    with pytest.raises(PermanentFailure, match='no longer gives "published_revision"'):
        rig.pull(cube(server))


def test_an_empty_cube_is_a_problem_and_not_silence(server, rig):
    server.rows = []
    frame = rig.pull(cube(server)).frame
    assert frame[["source_row", "problem"]].to_numpy().tolist() == [[0, "empty_file"]]


def renamed(server, old, new):
    server.header = server.header.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "problem", "detail"),
    [
        ("Authority", "Council", "missing_column", "Authority"),
        ("Authority_reference", "Authority_ref", "missing_column", "Authority_reference"),
        ("Notes", "Remarks", "missing_column", "Notes"),
        ("Data values,", "Values,", "missing_column", "Data values"),
        ("Authority_sort", "Sex", "unknown_column", "Sex"),
        ("Authority_sort", "Notes", "unknown_column", "Notes stands twice"),
    ],
)
def test_a_changed_schema_refuses_every_row_and_loses_none(server, rig, old, new, problem, detail):
    renamed(server, old, new)
    frame = rig.pull(cube(server)).frame
    assert frame["source_row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert set(frame["problem"]) == {problem}
    assert frame["problem_detail"].str.contains(detail).all()


def test_columns_in_another_order_change_nothing(server, rig, tmp_path):
    straight = rig.pull(cube(server)).frame
    lines = [server.header, *server.rows]
    server.header, *server.rows = [
        ",".join([*reversed(line.split(",", 14)[:14]), line.split(",", 14)[14]]) for line in lines
    ]
    turned = Rig(tmp_path / "turned").pull(cube(server)).frame
    same = [name for name in straight if name != "source_sha256"]
    assert turned[same].equals(straight[same])


def test_a_measure_nobody_asked_for_is_counted_and_not_selected(server, rig):
    pulled = rig.pull(cube(server, measures={"2": "spending_per_head"}))
    assert set(pulled.frame["measure"]) == {"spending_per_head"}
    assert (len(pulled.frame), pulled.n_unselected) == (2, 4)


def test_a_measure_that_is_listed_and_not_there_is_a_problem(server, rig):
    frame = rig.pull(cube(server, measures={**MEASURES, "3": "spending_per_house"})).frame
    missing = frame[frame["source_row"] == 0].iloc[0]
    assert missing[["measure", "problem"]].tolist() == ["spending_per_house", "unknown_measure"]
    assert missing["problem_detail"] == 'Data description has no "3"'
    assert frame["problem"].notna().sum() == 1


def test_a_row_whose_label_is_blank_is_a_problem_and_not_unasked(server, rig):
    server.rows[0] = "5,5,,,,,2022-23,202223,0,,Cardiff,W06000015,3,W92000004,"
    pulled = rig.pull(cube(server))
    assert pulled.frame["problem"].tolist()[0] == "unknown_measure"
    assert pulled.n_unselected == 0


def test_one_measure_in_two_units_is_never_mixed(server, rig):
    columns = {"area": "Authority", "period": "Year"}
    frame = rig.pull(cube(server, columns=columns, measures={}, measure="spending")).frame
    assert set(frame["problem"]) == {"unknown_measure"}
    assert "£ per head, £ thousand" in frame["problem_detail"][0]
    only = {"Data description": ["1"]}
    chosen = cube(server, columns=columns, measures={}, measure="spending", only=only)
    frame = rig.pull(chosen).frame
    assert (len(frame), frame["problem"].notna().sum()) == (4, 0)


def test_a_breakdown_is_taken_by_reference_and_its_total_is_the_total(server, rig):
    server.header = server.header.replace("Data description", "Sector")
    server.header = server.header.replace("Sector_hierarchy", "Sector_hierarchy,Data description")
    server.rows = [
        "5,5,All,all,1,,x,2022-23,202223,0,,Cardiff,W06000015,3,W92000004,",
        "3,3,Primary,pri,1,,x,2022-23,202223,0,,Cardiff,W06000015,3,W92000004,",
        "1,1,Other,oth,1,,x,2022-23,202223,0,,Cardiff,W06000015,3,W92000004,",
    ]
    breakdown = {
        "column": "Sector",
        "type": "school_sector",
        "categories": {"all": "total", "pri": "primary", "sec": "secondary"},
    }
    columns = {"area": "Authority", "period": "Year"}
    pulled = rig.pull(cube(server, columns=columns, measures={}, measure="m", breakdown=breakdown))
    keys = pulled.frame[["breakdown_type", "breakdown", "value_text", "problem"]].fillna("")
    assert keys.to_numpy().tolist() == [
        ["total", "total", "5", ""],
        ["school_sector", "primary", "3", ""],
        ["", "", "", "unknown_measure"],
    ]
    assert pulled.n_unselected == 1


def test_bytes_that_are_not_utf8_are_a_problem_on_every_row(server, rig):
    whole = server.csv()
    server.csv = lambda: whole.replace(b"\xc2\xa3", b"\xa3")
    frame = rig.pull(cube(server)).frame
    assert (len(frame), set(frame["problem"])) == (6, {"not_utf8"})
