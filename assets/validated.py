"""Stage 2: judge every answer; each one ends accepted, rejected or duplicate, with its findings."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from assets.catalogue.frames import areas_frame, indicator_frame, measures_frame
from assets.catalogue.load import Catalogue
from assets.sources.registry import SourceEntry
from sql.clock import Clock
from validations.checks import check_results, check_specs
from validations.validate import RuleContext, validate_answers

OUTCOMES = ("validated_returns", "rejected_returns", "validation_findings")


def validated_returns(entry: SourceEntry, catalogue: Catalogue) -> dg.AssetsDefinition:
    """The assets validated_, rejected_returns/<dataset> and validation_findings/<dataset>."""
    keys = {name: dg.AssetKey([name, entry.dataset]) for name in OUTCOMES}
    about = {
        "validated_returns": f"Accepted answers of {entry.title.en}.",
        "rejected_returns": f"Answers of {entry.title.en} that were refused, as they stood.",
        "validation_findings": f"What the rules have to say about {entry.title.en}.",
    }
    measures, areas = measures_frame(catalogue), areas_frame(catalogue)
    indicators = indicator_frame(catalogue)

    @dg.multi_asset(
        name=f"validate_{entry.dataset}",
        ins={"raw": dg.AssetIn(key=["raw_returns", entry.dataset])},
        outs={name: dg.AssetOut(key=key, description=about[name]) for name, key in keys.items()},
        check_specs=check_specs(keys["validated_returns"]),
    )
    def _validated_returns(
        raw: pd.DataFrame, clock: dg.ResourceParam[Clock]
    ) -> Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]:
        context = RuleContext(
            dataset=entry.dataset,
            measures=measures,
            areas=areas,
            indicators=indicators,
            now=clock.now().date(),
        )
        judged = validate_answers(raw, context)
        frames = (judged.accepted, judged.rejected, judged.findings)
        for name, frame in zip(OUTCOMES, frames, strict=True):
            yield dg.Output(frame, output_name=name)
        yield from check_results(judged.findings, keys["validated_returns"])

    return _validated_returns
