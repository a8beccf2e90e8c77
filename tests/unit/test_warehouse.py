"""The warehouse on SQLite: migrated, loaded in one transaction, read through the views."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sql.frames import conform
from sql.migrate import NewerDatabaseError, migrate
from sql.serving import warehouse_metadata
from sql.tables import column_names, published_tables
from sql.views import ORDER, view_name
from sql.warehouse import Released, engine_of, load_releases, open_engine
from tests.release.sample import COUNCILS, LAST_YEAR, correct, night_of, small_figures


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return open_engine(f"sqlite:///{tmp_path / 'warehouse.sqlite'}")


def released(version: str = "1.0.0", product: str = "council-benchmarks") -> Released:
    figures = small_figures()
    if version != "1.0.0":
        figures = correct(figures, COUNCILS[0], LAST_YEAR, 900.0)
    inputs = ({"dataset": "waste", "sha256s": ["ab", "cd"], "source_published": "2025-10-01"},)
    return Released(product, version, f"hash of {version}", dict(night_of(figures).items()), inputs)


def history(*versions: str, product: str = "council-benchmarks") -> pd.DataFrame:
    rows = [
        {
            "product": product,
            "version": version,
            "released_at": "2026-03-02T04:00:00Z",
            "manifest_sha256": f"hash of {version}",
            "is_current": version == versions[-1],
        }
        for version in versions
    ]
    return conform(pd.DataFrame(rows), "releases", fill=True)


def read(engine: sa.Engine, query: str) -> list[sa.Row[tuple[object, ...]]]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text(query)).all())


def test_a_migrated_database_is_what_the_contract_says(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, warehouse_metadata) == []
        assert set(published_tables()) <= set(sa.inspect(connection).get_table_names())


def test_a_newer_database_is_refused_and_left_alone(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match='"9999"'):
        migrate(engine)
    assert read(engine, "SELECT version_num FROM alembic_version")[0][0] == "9999"


def test_migrating_twice_changes_nothing(engine: sa.Engine) -> None:
    assert migrate(engine) == migrate(engine)


def test_a_warehouse_without_the_inequality_indices_gets_them_and_keeps_the_rest(
    engine: sa.Engine,
) -> None:
    load_releases(engine, [released()], history=history("1.0.0"))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE inequality_indices"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0004'"))
    migrate(engine)
    assert read(engine, "SELECT * FROM inequality_indices") == []
    assert len(read(engine, "SELECT * FROM indicator_values")) == len(small_figures())
    index = {"indicator": "recycling", "period": LAST_YEAR, "area_code": COUNCILS[0]}
    rows = pd.DataFrame([{**index, "breakdown_type": "deprivation", "n_groups": 5, "sii": -3.5}])
    new = released("1.0.1")
    frames = {**new.frames, "inequality_indices": conform(rows, "inequality_indices", fill=True)}
    loaded = dataclasses.replace(new, frames=frames)
    load_releases(engine, [loaded], history=history("1.0.0", "1.0.1"))
    query = "SELECT product_version, breakdown_type, n_groups, sii FROM inequality_indices"
    assert read(engine, query) == [("1.0.1", "deprivation", 5, -3.5)]


def test_every_row_of_a_release_arrives_with_its_product_and_version(engine: sa.Engine) -> None:
    item = released()
    counts = load_releases(engine, [item], history=history("1.0.0"))
    for name, frame in item.frames.items():
        assert counts[name] == len(frame)
        rows = read(engine, f"SELECT * FROM {name}")
        assert len(rows) == len(frame)
        assert {tuple(row[:2]) for row in rows} <= {("council-benchmarks", "1.0.0")}
    stored = read(engine, "SELECT sum(numerator), sum(value) FROM indicator_values")[0]
    figures = item.frames["indicator_values"]
    assert stored == pytest.approx((figures["numerator"].sum(), figures["value"].sum()))


def test_a_new_version_takes_the_place_of_the_old_one(engine: sa.Engine) -> None:
    load_releases(engine, [released()], history=history("1.0.0"))
    load_releases(engine, [released("1.0.1")], history=history("1.0.0", "1.0.1"))
    assert [r[:2] for r in read(engine, "SELECT * FROM current_release")] == [
        ("council-benchmarks", "1.0.1")
    ]
    assert len(read(engine, "SELECT * FROM releases")) == 2
    query = (
        "SELECT value_rounded, product_version FROM dash_indicator_series"
        f" WHERE area_code = '{COUNCILS[0]}' AND indicator = 'recycling' AND period = '{LAST_YEAR}'"
    )
    assert read(engine, query) == [(90.0, "1.0.1")]


def test_what_is_loaded_already_is_not_loaded_again(engine: sa.Engine) -> None:
    load_releases(engine, [released()], history=history("1.0.0"))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE areas SET name_en = 'marked'"))
    load_releases(engine, [released()], history=history("1.0.0"))
    assert set(read(engine, "SELECT name_en FROM areas")) == {("marked",)}
    load_releases(engine, [released("1.0.1")], history=history("1.0.1"))
    assert ("marked",) not in read(engine, "SELECT name_en FROM areas")


def test_a_product_that_is_gone_is_taken_out_with_its_view(engine: sa.Engine) -> None:
    two = [released(), released(product="inflation")]
    both = pd.concat([history("1.0.0"), history("1.0.0", product="inflation")])
    load_releases(engine, two, history=both)
    assert "dash_inflation" in sa.inspect(engine).get_view_names()
    load_releases(engine, two[:1], history=history("1.0.0"))
    assert "dash_inflation" not in sa.inspect(engine).get_view_names()
    assert read(engine, "SELECT DISTINCT product FROM comparisons") == [("council-benchmarks",)]


def test_a_load_that_fails_leaves_the_old_version_whole(engine: sa.Engine) -> None:
    load_releases(engine, [released()], history=history("1.0.0"))
    broken = released("1.0.1")
    doubled = pd.concat([broken.frames["benchmarks"]] * 2, ignore_index=True)
    frames = {**broken.frames, "benchmarks": doubled}
    with pytest.raises(Exception, match="UNIQUE"):
        load_releases(engine, [dataclasses.replace(broken, frames=frames)])
    assert set(read(engine, "SELECT product_version FROM indicator_values")) == {("1.0.0",)}
    assert len(read(engine, "SELECT * FROM dash_council_benchmarks")) == 30


def test_the_council_profile_shows_the_latest_period_beside_wales(engine: sa.Engine) -> None:
    load_releases(engine, [released()], history=history("1.0.0"))
    query = (
        "SELECT indicator, period, value_rounded, rank, headline, neighbours_headline,"
        " product_version FROM dash_council_profile"
        f" WHERE area_code = '{COUNCILS[0]}' ORDER BY indicator"
    )
    rows = read(engine, query)
    assert rows[0] == ("recycling", LAST_YEAR, 51.4, 5, 59.4, 57.4, "1.0.0")
    assert len(rows) == 2


def test_coverage_counts_councils_with_and_without_a_figure(engine: sa.Engine) -> None:
    figures = correct(
        small_figures(), COUNCILS[0], LAST_YEAR, 1.0, note_code="x", value=None, value_rounded=None
    )
    item = dataclasses.replace(released(), frames=dict(night_of(figures).items()))
    load_releases(engine, [item], history=history("1.0.0"))
    query = (
        "SELECT n_councils, n_with_value, n_without_value, with_value_pct FROM dash_coverage"
        f" WHERE indicator = 'recycling' AND period = '{LAST_YEAR}'"
    )
    assert read(engine, query) == [(5, 4, 1, 80.0)]


def test_sources_show_which_product_they_feed(engine: sa.Engine) -> None:
    sources = pd.DataFrame({"dataset": ["waste", "idle"], "state": ["fresh", "stale"]})
    load_releases(
        engine,
        [released()],
        history=history("1.0.0"),
        sources=conform(sources, "sources", fill=True),
    )
    query = "SELECT dataset, product, product_version, state, sha256s FROM dash_sources ORDER BY 1"
    assert read(engine, query) == [
        ("idle", None, None, "stale", None),
        ("waste", "council-benchmarks", "1.0.0", "fresh", "ab;cd"),
    ]


def test_every_view_can_be_read_and_names_its_version(engine: sa.Engine) -> None:
    load_releases(engine, [released()], history=history("1.0.0"))
    for name in [*ORDER, "dash_council_benchmarks"]:
        with engine.connect() as connection:
            columns = list(connection.execute(sa.text(f"SELECT * FROM {name}")).keys())
        assert "product_version" in columns, name
        assert len(columns) == len(set(columns)), name


def test_only_product_ids_become_names_of_views() -> None:
    assert view_name("cost-of-living") == "dash_cost_of_living"
    with pytest.raises(ValueError, match="not a product id"):
        view_name('x"; DROP TABLE areas; --')


def test_postgresql_urls_get_the_driver_that_is_installed() -> None:
    assert engine_of("postgresql://db/warehouse").dialect.driver == "psycopg"


def test_the_served_tables_begin_with_product_and_version() -> None:
    for name in published_tables():
        columns = [c.name for c in warehouse_metadata.tables[name].columns]
        assert columns == ["product", "product_version", *column_names(name)]
