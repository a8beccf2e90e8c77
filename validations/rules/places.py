"""Rules about where and when: area code and name, period, category.

Here belongs whether an answer can be placed at all. An answer that cannot is refused, and never
put under another code, name or period by guessing.
"""

import numpy as np

from validations.rules.examples import POWYS, RETURN, one
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Rows, RuleContext, is_null
from validations.rules.typed import PERIOD_FORMS


@rule(
    "area_blank",
    severity="error",
    level="cell",
    stage="cell",
    fields=("area_code",),
    failing=one(area_text=" "),
    passing=one(),
    one_per=(),
)
def area_blank(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """No area code."""
    return Found(np.flatnonzero(is_null(rows["area_code"])))


@rule(
    "area_unknown",
    severity="error",
    level="cell",
    stage="cell",
    fields=("area_code",),
    failing=one(area_text="W06000099"),
    passing=one(),
    one_per=("seen",),
)
def area_unknown(rows: Rows, context: RuleContext) -> Found | None:
    """A code that is not in the table areas."""
    codes = rows["area_code"]
    hits = np.flatnonzero([bool(code) and code not in context.area for code in codes])
    return Found(hits, seen=codes[hits])


@rule(
    "not_a_council",
    severity="error",
    level="cell",
    stage="cell",
    fields=("area_code",),
    failing=one(area_text="W92000004", return_ref=RETURN),
    passing=one(return_ref=RETURN),
    one_per=("seen",),
)
def not_a_council(rows: Rows, context: RuleContext) -> Found | None:
    """A return, which only a council can send, for an area that is none."""
    councils = set(context.councils)
    is_return = ~is_null(rows["return_ref"])
    is_known = np.array([code in context.area for code in rows["area_code"]], dtype=bool)
    is_other = np.array([code not in councils for code in rows["area_code"]], dtype=bool)
    hits = np.flatnonzero(is_return & is_known & is_other)
    return Found(hits, seen=rows["area_code"][hits])


@rule(
    "area_not_in_force",
    severity="error",
    level="cell",
    stage="cell",
    fields=("area_code", "period"),
    failing=one(area_text=POWYS, period_text="1990"),
    passing=one(area_text=POWYS, period_text="1996"),
    one_per=("seen",),
)
def area_not_in_force(rows: Rows, context: RuleContext) -> Found | None:
    """A code that had ended by the end of the period, or began later and replaced no other.

    Publishers carry their history back under today's code, so a code with predecessors may stand
    before its own beginning.
    """
    life = {code: _life(item) for code, item in context.area.items()}
    is_outside = [
        bool(end) and code in life and not life[code][0] <= end <= life[code][1]
        for code, end in zip(rows["area_code"], rows["period_end"], strict=True)
    ]
    hits = np.flatnonzero(is_outside)
    return Found(hits, seen=rows["area_code"][hits])


def _life(area: dict[str, str | None]) -> tuple[str, str]:
    start = "" if area.get("predecessors") else area.get("valid_from")
    return start or "", area.get("valid_to") or "9999"


@rule(
    "area_name_differs",
    severity="error",
    level="row",
    stage="cell",
    fields=("area_name", "area_code"),
    failing=one(area_name="Conwy"),
    passing=one(area_name="Caerdydd"),
    one_per=("seen",),
)
def area_name_differs(rows: Rows, context: RuleContext) -> Found | None:
    """A name that belongs to another code than the one beside it; unknown names say nothing."""
    names = [(name or "").strip().casefold() for name in rows["area_name"]]
    codes, bearers = rows["area_code"], context.codes_of_name
    hits = np.flatnonzero(
        [
            name in bearers and code in context.area and code not in bearers[name]
            for name, code in zip(names, codes, strict=True)
        ]
    )
    right = ["; ".join(sorted(bearers[names[hit]])) for hit in hits]
    return Found(hits, seen=rows["area_name"][hits], expected=right)


def _period_fault(rows: Rows, context: RuleContext, fault: str) -> Found | None:
    hits = np.flatnonzero(rows["period_fault"] == fault)
    forms = [PERIOD_FORMS[kind] for kind in context.declared(rows, "period_type")[hits]]
    return Found(hits, seen=rows["period_text"][hits], expected=forms)


@rule(
    "period_blank",
    severity="error",
    level="cell",
    stage="cell",
    fields=("period",),
    failing=one(period_text=None),
    passing=one(),
    one_per=(),
)
def period_blank(rows: Rows, context: RuleContext) -> Found | None:
    """No period."""
    return _period_fault(rows, context, "blank")


@rule(
    "period_unknown",
    severity="error",
    level="cell",
    stage="cell",
    fields=("period",),
    failing=one(period_text="last year"),
    passing=one(period_text="2019"),
    one_per=("seen",),
)
def period_unknown(rows: Rows, context: RuleContext) -> Found | None:
    """A text that is no period of any kind."""
    return _period_fault(rows, context, "unknown")


@rule(
    "period_other_type",
    severity="error",
    level="cell",
    stage="cell",
    fields=("period",),
    failing=one(period_text="2018-19"),
    passing=Example([{"period_text": "2018-19"}], measure={"period_type": "financial_year"}),
    one_per=("seen",),
)
def period_other_type(rows: Rows, context: RuleContext) -> Found | None:
    """A period, but of another kind: a financial year where a calendar year is asked for."""
    return _period_fault(rows, context, "other_type")


@rule(
    "period_in_future",
    severity="error",
    level="cell",
    stage="cell",
    fields=("period",),
    failing=one(period_text="2029"),
    passing=one(period_text="2025"),
    one_per=("seen",),
)
def period_in_future(rows: Rows, context: RuleContext) -> Found | None:
    """A period that begins after the day of the run."""
    today = str(context.now)
    hits = np.flatnonzero([bool(start) and start > today for start in rows["period_start"]])
    return Found(hits, seen=rows["period_text"][hits])


@rule(
    "breakdown_unknown",
    severity="error",
    level="cell",
    stage="cell",
    fields=("breakdown", "breakdown_type"),
    failing=one(breakdown_type="sex", breakdown="robot"),
    passing=Example(
        [{"breakdown_type": "sex", "breakdown": "female"}],
        measure={"breakdown_type": "sex", "breakdowns": "female;male"},
    ),
    one_per=("measure", "seen"),
)
def breakdown_unknown(rows: Rows, context: RuleContext) -> Found | None:
    """A category that the measure does not declare; the total where it declares none."""
    allowed = {
        measure: {("total", "total")} if item["has_total"] else set()
        for measure, item in context.measure.items()
    }
    for measure, item in context.measure.items():
        names = filter(None, str(item["breakdowns"] or "").split(";"))
        allowed[measure] |= {(str(item["breakdown_type"]), name) for name in names}
    keys = zip(rows["measure"], rows["breakdown_type"], rows["breakdown"], strict=True)
    hits = np.flatnonzero([(kind, name) not in allowed[measure] for measure, kind, name in keys])
    choices = [
        ", ".join(sorted(name for _, name in allowed[measure])) for measure in rows["measure"][hits]
    ]
    return Found(hits, seen=rows["breakdown"][hits], expected=choices)
