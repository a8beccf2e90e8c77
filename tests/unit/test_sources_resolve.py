"""A StatsWales id becomes an entry that the registry accepts and the connector can pull."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from assets.sources.http import PermanentFailure
from assets.sources.registry import SourceEntry
from assets.sources.resolve import resolve
from tests.fixtures.servers import statswales
from tests.fixtures.servers.rig import Rig


@pytest.fixture
def server() -> Iterator[statswales.StatsWales]:
    with statswales.StatsWales() as running:
        yield running


def test_entry_is_filled_from_title_and_filters(
    server: statswales.StatsWales, tmp_path: Path
) -> None:
    rig = Rig(tmp_path)
    (said,) = yaml.safe_load(resolve(statswales.DATASET, rig.fetcher, server.base))
    assert said["title"]["en"] == "Revenue outturn (driver)"
    assert said["options"]["columns"] == {
        "area": "Authority",
        "period": "Year",
        "measure": "Data description",
    }
    assert said["options"]["measures"] == {"1": "gbp_thousand", "2": "gbp_per_head"}
    said["options"]["base_url"] = server.base
    pulled = rig.pull(SourceEntry.model_validate(said)).frame
    assert pulled is not None
    assert set(pulled["measure"]) == {"gbp_thousand", "gbp_per_head"}


def test_cube_without_councils_is_refused(
    server: statswales.StatsWales, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statswales, "FILTERS", statswales.FILTERS[:1])
    with pytest.raises(PermanentFailure, match="no dimension with councils among Year"):
        resolve(statswales.DATASET, Rig(tmp_path).fetcher, server.base)


@pytest.mark.parametrize("filters", [[{}], ["text"], [{"columnName": "Year", "values": None}]])
def test_dimensions_of_another_form_are_a_sentence(
    server: statswales.StatsWales,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    filters: list[object],
) -> None:
    monkeypatch.setattr(statswales, "FILTERS", filters)
    with pytest.raises(PermanentFailure, match="no longer describes its dimensions"):
        resolve(statswales.DATASET, Rig(tmp_path).fetcher, server.base)


def test_unknown_id_is_a_sentence(server: statswales.StatsWales, tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure, match="00000000"):
        resolve("00000000-0000-0000-0000-000000000000", Rig(tmp_path).fetcher, server.base)
