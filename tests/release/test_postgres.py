"""The warehouse on a real PostgreSQL, started here as a user without rights and stopped again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sql.ledger import as_at, record
from sql.readers import ReaderRoleError
from sql.serving import warehouse_metadata
from sql.views import ORDER
from sql.warehouse import load_releases, open_engine
from tests.fixtures.postgres import postgres_server
from tests.release.sample import COUNCILS, LAST_YEAR
from tests.unit.test_warehouse import history, released
from tests.unit.test_warehouse_ledger import DAY, A, B, answers, state

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str | None]:
    with postgres_server() as url:
        yield url


@pytest.fixture
def engine(server: str | None, require: Callable[[bool, str], None]) -> Iterator[sa.Engine]:
    require(server is not None, "no PostgreSQL server: apt-get install postgresql")
    assert server is not None
    made = open_engine(server)
    yield made
    with made.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    made.dispose()


def test_a_migrated_database_is_what_the_contract_says(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, warehouse_metadata) == []


def test_both_databases_answer_every_view_alike(engine: sa.Engine, tmp_path: Path) -> None:
    other = open_engine(f"sqlite:///{tmp_path / 'warehouse.sqlite'}")
    for target in (engine, other):
        load_releases(target, [released()], history=history("1.0.0"))
    for name in [*ORDER, "dash_council_benchmarks"]:
        answers_of = []
        for target in (engine, other):
            with target.connect() as connection:
                rows = connection.execute(sa.text(f"SELECT * FROM {name}")).mappings().all()
            answers_of.append(sorted(map(_plain, rows)))
        assert answers_of[0] == answers_of[1], name


def _plain(row: sa.RowMapping) -> str:
    """A row as text; SQLite has no true and false of its own, and no decimals."""
    cells = {
        name: f"{float(value):.9g}" if isinstance(value, int | float) else value
        for name, value in row.items()
    }
    return str(cells)


def test_a_load_replaces_a_version_in_one_transaction(engine: sa.Engine) -> None:
    load_releases(engine, [released()], history=history("1.0.0"))
    with engine.connect() as reader:
        before = reader.execute(sa.text("SELECT count(*) FROM comparisons")).scalar_one()
    counts = load_releases(engine, [released("1.0.1")], history=history("1.0.0", "1.0.1"))
    assert counts["comparisons"] == before
    query = sa.text(
        "SELECT value_rounded, product_version FROM dash_council_benchmarks"
        " WHERE indicator = 'recycling' AND area_code = :area AND period = :period"
    )
    with engine.connect() as reader:
        rows = reader.execute(query, {"area": COUNCILS[0], "period": LAST_YEAR}).all()
    assert [tuple(row) for row in rows] == [(90.0, "1.0.1")]


def test_a_product_without_rows_spoils_no_other(engine: sa.Engine) -> None:
    """A table of several products arrives in parts, of which some have no rows."""
    empty, full = released(product="empty"), released(product="full")
    empty = replace(empty, frames={**empty.frames, "areas": empty.frames["areas"].head(0)})
    load_releases(engine, [empty, full, replace(empty, product="other")])
    query = sa.text("SELECT product, area_code FROM areas ORDER BY area_code")
    with engine.connect() as reader:
        rows = [tuple(row) for row in reader.execute(query)]
    assert rows == [("full", code) for code in sorted(full.frames["areas"]["area_code"])]


def test_the_ledger_keeps_both_times(engine: sa.Engine) -> None:
    record(engine, answers({A: 1.0, B: 2.0}), DAY, "run-1")
    record(engine, answers({A: 1.5}), DAY + timedelta(days=1), "run-2")
    assert state(engine, DAY) == {A: 1.0, B: 2.0}
    assert state(engine, DAY + timedelta(days=1)) == {A: 1.5}
    assert as_at(engine, DAY)["recorded_to"].notna().all()


def test_a_reading_role_sees_the_views_and_nothing_else(server: str, engine: sa.Engine) -> None:
    load_releases(engine, [released()], history=history("1.0.0"))
    for _ in range(2):
        loader = open_engine(server, "dashboards")
    load_releases(loader, [released("1.0.1")], history=history("1.0.0", "1.0.1"))
    loader.dispose()
    with engine.connect() as reader:
        reader.exec_driver_sql("SET ROLE dashboards")
        for view in [*ORDER, "dash_council_benchmarks"]:
            reader.execute(sa.text(f"SELECT count(*) FROM {view}")).scalar_one()
        assert reader.execute(sa.text("SELECT count(*) FROM dash_position")).scalar_one() > 0
        for statement in (
            "SELECT 1 FROM returns_ledger",
            "SELECT 1 FROM indicator_values",
            "DELETE FROM areas",
            "CREATE TABLE mine (a int)",
        ):
            with pytest.raises(sa.exc.ProgrammingError, match="denied"), reader.begin_nested():
                reader.exec_driver_sql(statement)


def test_a_role_of_no_name_is_refused_in_a_sentence(server: str, engine: sa.Engine) -> None:
    with pytest.raises(ReaderRoleError, match="is no name of a role"):
        open_engine(server, 'x"; DROP TABLE areas; --')
