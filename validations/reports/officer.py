"""The officer's page: what the check of one file found, in English and Welsh on one page.

Here belongs the page that `council-benchmarks check --format html` writes: one file that stands
alone, to be opened anywhere and sent to anyone.
"""

from functools import partial

import pandas as pd

from validations.messages import LANGS, Lang, word
from validations.report import counts
from validations.reports.templates import groups, render


def as_html(findings: pd.DataFrame, file: str) -> str:
    """One page about the findings of a file (or files), validation_findings."""
    languages = [_part(findings, lang) for lang in LANGS]
    return render("file", "en", file=file, languages=languages)


def _part(findings: pd.DataFrame, lang: Lang) -> dict[str, object]:
    held = counts(findings)
    return {
        "lang": lang,
        "words": partial(word, lang=lang),
        "summary": word("summary", lang).format(**held),
        "advice": word("not_clean" if held["errors"] + held["queries"] else "clean", lang),
        "groups": groups(findings, lang),
    }
