"""The templates of the pages, and what every one of them is given.

Here belongs the passage from a template and its values to a page; the words are those of the
message catalogue, so that a page without a word in one language cannot be made.
"""

from functools import cache, partial
from typing import Any

import jinja2
import pandas as pd

from validations.messages import Lang, word
from validations.report import table_rows

SHOWN = 500
"""Findings of one severity on a page; the tables beside it have them all."""
GROUPS = {"error": "to_correct", "query": "to_explain", "note": "to_know"}
"""Severity -> the heading its findings stand under, the worst first."""


def render(name: str, lang: Lang, **values: object) -> str:
    """A page in one language."""
    return _template(name).render(lang=lang, say=partial(word, lang=lang), **values)


def groups(findings: pd.DataFrame, lang: Lang) -> list[dict[str, Any]]:
    """The findings by what is to be done, each with its first rows; without the empty ones."""
    found = []
    for severity, title in GROUPS.items():
        some = findings[findings["severity"] == severity]
        if len(some):
            rows = table_rows(some.head(SHOWN), lang)
            found.append({"title": title, "n": len(some), "rows": rows})
    return found


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("validations.reports", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"{name}.html.j2")
