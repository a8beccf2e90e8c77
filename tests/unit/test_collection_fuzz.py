"""A share of the reader's soak: every case is one mutated file through connector and rules."""

import random

import pytest

from tests.fixtures import mutations
from tests.fixtures.seeds import form, plain, seeds
from tests.soak.reader import PARTS, case, figures_of


@pytest.mark.parametrize("first", range(0, 60, 12))
def test_mutated_files_lose_nothing_and_crash_nothing(first):
    said = {seed: case(seed) for seed in range(first, first + 12)}
    assert {seed: sentence for seed, sentence in said.items() if sentence} == {}


def test_there_are_twenty_seeds_of_every_format():
    assert len(seeds()) >= 20
    assert {seed.kind for seed in seeds()} == {"csv", "xlsx", "xls", "ods"}
    assert PARTS[0].target == 10_000


def test_a_seed_is_the_same_bytes_each_time_it_is_mutated():
    body = seeds()[0].body
    assert mutations.flip(random.Random(7), body) == mutations.flip(random.Random(7), body)
    assert mutations.flip(random.Random(7), body) != body


def test_the_independent_look_at_a_table_sees_its_figures():
    assert dict(figures_of(form(), is_return=True)) == {64.1: 1, 4120: 1, 1873.25: 1, 12: 1}
    assert sum(figures_of(plain(), is_return=False).elements()) == sum(
        100 * place + 7.5 * year for place in (1, 2, 3) for year in range(4)
    )
    total = [None, None, None, None, 6069.35, None, "Total"]
    assert 6069.35 not in figures_of([*form(), total], is_return=True), "a total is no answer"


def test_the_soak_notices_a_reader_that_loses_a_row(monkeypatch):
    from assets.collection import tables

    original = tables.table_of
    monkeypatch.setattr(tables, "table_of", lambda lines: original(lines[:-1] or lines))
    said = (case(seed) for seed in range(60))
    assert any("figures lost" in (sentence or "") for sentence in said)
