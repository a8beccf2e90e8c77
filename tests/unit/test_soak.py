"""The soak: parts take turns, counts go on where the last run stopped, a failure stays visible."""

from pathlib import Path

import pytest

from tests.soak.__main__ import (
    END,
    START,
    Count,
    find_parts,
    read_counts,
    run_parts,
    table_of,
    write_counts,
    write_document,
)
from tests.soak.part import Part


def part(name: str, target: int, *failing: int) -> Part:
    return Part(name, "it holds", target, lambda n: "broken" if n in failing else None)


def test_every_part_is_found_under_its_own_name() -> None:
    parts = find_parts()
    assert "histories" in parts
    assert all(item.target > 0 and item.promise for item in parts.values())


def test_a_second_run_goes_on_behind_the_first() -> None:
    parts, counts = [part("a", 3), part("b", 2, 1)], {"a": Count(done=2)}
    tried = [(p.name, number, failure) for p, number, failure in run_parts(parts, counts, 60)]
    assert tried == [("a", 2, None), ("b", 0, None), ("b", 1, "broken")]
    assert counts["b"].failed == [1]


def test_nothing_is_tried_when_the_time_is_up() -> None:
    assert list(run_parts([part("a", 3)], {}, 0)) == []


def test_counts_survive_on_disk(tmp_path: Path) -> None:
    write_counts({"a": Count(3, [1], "2026-01-01")}, tmp_path / "deep" / "state.json")
    assert read_counts(tmp_path / "deep" / "state.json") == {"a": Count(3, [1], "2026-01-01")}
    assert read_counts(tmp_path / "none.json") == {}


def test_the_table_says_what_is_complete_and_what_failed() -> None:
    counts = {"a": Count(3, [], "2026-01-01"), "b": Count(1, [0], "2026-01-01")}
    table = table_of([part("a", 3), part("b", 2000), part("c", 5)], counts)
    assert "| `a` | it holds | 3 | 0 | 2026-01-01 |" in table
    assert "| `b` | it holds | 1 of 2,000 | 1 (cases 0) | 2026-01-01 |" in table
    assert "| `c` | it holds | 0 of 5 | 0 | - |" in table


def test_the_rest_of_the_page_stays(tmp_path: Path) -> None:
    page = tmp_path / "reliability.md"
    page.write_text(f"above\n{START}\nold\n{END}\nbelow\n")
    write_document("new", page)
    assert page.read_text() == f"above\n{START}\nnew\n{END}\nbelow\n"
    page.write_text("no place")
    with pytest.raises(ValueError, match="no place"):
        write_document("new", page)
