"""The table of all rules in docs/validation.md, written from the register.

Run `python -m tests.rules_table` after a change of a rule; a test checks that the page is current.
"""

from pathlib import Path

from validations.messages import catalogue
from validations.rules import REGISTER, Rule
from validations.rules.bounds import BOUNDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation.md"
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def rules_table() -> str:
    """Every rule in the order it is asked, then every bound, as Markdown."""
    head = (
        "| code | severity | level | asked | about | what it says | bounds |\n" + "|---" * 7 + "|"
    )
    bounds = "| bound | value | why |\n|---|---:|---|"
    values = [f"| `{name}` | {item.value:g} | {item.why} |" for name, item in BOUNDS.items()]
    rules = [_row(item) for item in REGISTER.values()]
    return "\n".join([head, *rules, "", bounds, *values])


def _row(item: Rule) -> str:
    says = catalogue("en")[item.code]["what"].replace("|", "/")
    limits = ", ".join(f"`{name}`" for name in (*item.bounds, *item.declared))
    fields = ", ".join(item.fields)
    cells = (f"`{item.code}`", item.severity, item.level, item.stage, fields, says, limits)
    return "| " + " | ".join(cells) + " |"


def with_table(page: str) -> str:
    """The page, the part between the marks written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{rules_table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
