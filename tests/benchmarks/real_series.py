"""Real series of the Welsh councils, from a folder of publishers' files, as one long frame.

Here belongs only the reading. The folder is named by whoever runs a measurement: it holds files of
ONS Explore Local Statistics (`ons-explore-local-statistics/*.csv`), of the Department for Transport
and the Department for Energy Security (`wales-and-uk-council-indicators/*.csv`) and of StatsWales
(`statswales-odata/*.json`), all under the Open Government Licence v3.0.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sql.periods import PERIOD_TYPES, parse_period

WALES = "W06"
TIDY = ("ev.csv", "ulev.csv", "recycling.csv", "boiler_upgrade_scheme.csv")
ODATA = {
    "tran0152.json": ("LocalAuthority_Code", "Year_ItemName_ENG", {"": "Rail journeys"}),
    "popu1009.json": ("Localauthority_AltCode1", "Year_ItemName_ENG", {"Pop": "Population"}),
}
BOOMING = ("Electric cars and vans", "Ultra low emission vehicles")
KEY = ["measure", "area_code", "period"]


def read_series(folder: Path) -> pd.DataFrame:
    """measure, unit (percent or other), breakdown_type, breakdown, area_code, period, value."""
    found = pd.concat([*_els(folder), *_tidy(folder), *_odata(folder)], ignore_index=True)
    councils = found[found["area_code"].str.startswith(WALES)]
    unique = councils.drop_duplicates(KEY).dropna(subset=["period", "value"])
    return unique.assign(breakdown_type="total", breakdown="total").reset_index(drop=True)


def _els(folder: Path) -> Iterator[pd.DataFrame]:
    for path in sorted((folder / "ons-explore-local-statistics").glob("*.csv")):
        table = pd.read_csv(path, encoding="utf-8-sig", dtype=str)
        is_percent = table["unit"].eq("%") & ~table["indicator"].str.contains("ratio")
        yield _long(table["indicator"], is_percent, table["areacd"], table["period"],
                    table["observation"])  # fmt: skip


def _tidy(folder: Path) -> Iterator[pd.DataFrame]:
    for name in TIDY:
        table = pd.read_csv(folder / "wales-and-uk-council-indicators" / name, dtype=str)
        is_percent = table["unit"].eq("Percent")
        yield _long(
            table["indicator"], is_percent, table["area_code"], table["period"], table["value"]
        )


def _odata(folder: Path) -> Iterator[pd.DataFrame]:
    for name, (area, period, wanted) in ODATA.items():
        text = (folder / "statswales-odata" / name).read_text(encoding="utf-8")
        table = pd.DataFrame(json.loads(text)["value"])
        codes = table["Measure_Code"] if "Measure_Code" in table else pd.Series("", table.index)
        chosen = table[codes.isin(list(wanted))]
        measure = codes[chosen.index].map(wanted)
        is_percent = pd.Series(data=False, index=chosen.index)
        yield _long(measure, is_percent, chosen[area], chosen[period], chosen["Data"])


def _long(
    measure: pd.Series, is_percent: pd.Series, area: pd.Series, period: pd.Series, value: pd.Series
) -> pd.DataFrame:
    units = is_percent.map({True: "percent", False: "other"})
    periods = period.map({text: _period(text) for text in period.unique()})
    numbers = pd.to_numeric(value, errors="coerce")
    columns = {"measure": measure, "unit": units, "area_code": area, "period": periods}
    return pd.DataFrame({**columns, "value": numbers})


def _period(text: str) -> str | None:
    parsed = (parse_period(text, kind) for kind in PERIOD_TYPES)
    return next((item.key for item in parsed if item), None)
