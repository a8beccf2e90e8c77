"""ONS time series: months as text, compared as decimals, two forms of the page, no form guessed."""

from datetime import timedelta

import pytest

from assets.sources.http import PermanentFailure, TransientFailure, sample_session
from tests.fixtures.servers.faulty import FAULTS, FAULTS_OF_TRANSPORT
from tests.fixtures.servers.ons import Ons, page
from tests.fixtures.servers.rig import NOW, Rig, entry, recorded


@pytest.fixture
def server():
    with Ons() as running:
        running.retry_at = NOW + timedelta(seconds=9)
        yield running


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "live")


def source(server):
    path = "economy/inflationandpriceindices"
    series = {"cdid": "L522", "dataset": "MM23", "path": path, "measure": "prices"}
    return entry("ons_timeseries", {"series": [series], "base_url": server.url})


def test_months_as_the_page_writes_them(server, rig):
    pulled = rig.pull(source(server))
    columns = ["measure", "period_text", "area_text", "value_text", "source_row"]
    assert pulled.frame[columns].to_numpy().tolist() == [
        ["prices", "2015 APR", "K02000001", "-0.1", 1],
        ["prices", "2015 MAY", "K02000001", "0.1", 2],
        ["prices", "2015 JUN", "K02000001", "5.0", 3],
    ]
    assert pulled.frame["source_file"][0].endswith("/timeseries/l522/mm23/data")
    assert pulled.source_published == "2015-07-14", "23:00 in UTC is midnight in London"


def test_quarters_are_read_where_the_entry_asks_for_them(server, rig):
    series = {"cdid": "YBGB", "dataset": "UKEA", "path": "economy/grossdomesticproductgdp"}
    series |= {"measure": "deflator", "every": "quarter"}
    quarters = [{"date": "2024 Q4", "value": "113.2"}, {"date": "2025 Q1", "value": "114.1"}]
    server.pages["ybgb"] = {"quarters": quarters, "months": [], "description": {"cdid": "YBGB"}}
    asked = entry("ons_timeseries", {"series": [series], "base_url": server.url})
    pulled = rig.pull(asked)
    assert pulled.frame["period_text"].tolist() == ["2024 Q4", "2025 Q1"]
    server.pages["ybgb"]["quarters"][1]["value"] = "114.2"
    assert rig.pull(asked, pulled.revision).changed
    server.pages["ybgb"]["quarters"] = []
    assert rig.pull(asked).frame["problem_detail"].tolist() == ['there is no list of "quarters"']


def test_the_sample_transport_gives_the_same_frame(server, rig, tmp_path):
    live = rig.pull(source(server))
    session = sample_session(recorded(server, tmp_path / "sample"))
    assert Rig(tmp_path / "replayed", session).pull(source(server)).frame.equals(live.frame)


@pytest.mark.parametrize(
    "again",
    [
        page("L522", "INDEX", "-0.1", "0.10", "5"),
        page("L522", "INDEX", "-0.1", "0.1", "5.0", early=True),
    ],
)
def test_another_way_of_writing_a_figure_is_no_revision(server, rig, again):
    first = rig.pull(source(server))
    server.pages["l522"] = again
    assert not rig.pull(source(server), first.revision).changed


def test_minus_nought_is_nought(server, rig):
    server.pages["l522"] = page("L522", "INDEX", "-0.0", "0.1", "5.0")
    first = rig.pull(source(server))
    server.pages["l522"] = page("L522", "INDEX", "0", "0.1", "5.0")
    assert not rig.pull(source(server), first.revision).changed


@pytest.mark.parametrize(
    "other",
    [
        page("L522", "INDEX", "-0.1", "0.1", "5.1"),
        page("L522", "%", "-0.1", "0.1", "5.0"),
        page("L522", "INDEX", "-0.1", "0.1", ""),
    ],
)
def test_another_figure_or_unit_is_a_change(server, rig, other):
    first = rig.pull(source(server))
    server.pages["l522"] = other
    assert rig.pull(source(server), first.revision).changed


def test_a_month_without_a_value_stays_without(server, rig):
    server.pages["l522"] = page("L522", "INDEX", "-0.1", "", "5.0")
    frame = rig.pull(source(server)).frame
    assert frame["value_text"].isna().tolist() == [False, True, False]
    assert frame["problem"].isna().all()


@pytest.mark.parametrize("form", [{}, [], {"months": {}}, {"months": []}, "text", None, 5])
def test_a_page_of_another_form_is_a_problem(server, rig, form):
    server._page = lambda path: server._json(form)
    frame = rig.pull(source(server)).frame
    assert frame[["measure", "source_row", "problem"]].to_numpy().tolist() == [
        ["prices", 0, "unreadable_body"]
    ]


@pytest.mark.parametrize("month", [None, "2015 MAY", {"date": "2015 MAY", "value": 0.1}, {}])
def test_a_month_of_another_form_is_a_problem_of_its_row(server, rig, month):
    server.pages["l522"]["months"][1] = month
    frame = rig.pull(source(server)).frame
    assert frame["problem"].fillna("").tolist() == ["", "unreadable_body", ""]


@pytest.mark.parametrize("value", ["1E+9999999", "sNaN", "-"])
def test_a_value_that_is_no_figure_is_left_to_the_rules(server, rig, value):
    server.pages["l522"] = page("L522", "INDEX", "-0.1", value, "5.0")
    assert rig.pull(source(server)).frame["value_text"][1] == value


def test_another_series_at_the_address_is_refused(server, rig):
    server.pages["l522"] = page("D7BT", "INDEX")
    frame = rig.pull(source(server)).frame
    assert (len(frame), set(frame["problem"])) == (3, {"unknown_measure"})
    assert frame["problem_detail"][0] == "the answer is series D7BT, not L522"


def test_a_series_that_is_gone_is_a_permanent_failure(server, rig):
    server.pages.clear()
    with pytest.raises(PermanentFailure, match="answered 404 to"):
        rig.pull(source(server))


@pytest.mark.parametrize("fault", [f for f in FAULTS_OF_TRANSPORT if f != "stall"])
def test_faults_that_pass_leave_an_identical_frame(server, rig, tmp_path, fault):
    healthy = rig.pull(source(server)).frame
    server.fail("/economy/", fault, times=2)
    assert Rig(tmp_path / "again").pull(source(server)).frame.equals(healthy)


@pytest.mark.parametrize("fault", [f for f in FAULTS if f != "stall"])
def test_faults_that_last_are_failures_in_one_sentence(server, rig, fault):
    server.fail("/economy/", fault)
    with pytest.raises(TransientFailure, match="run again later"):
        rig.pull(source(server))
