# Two commands set up everything: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --no-header --group build pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help run test ui serve bench soak lock clean lint types layers dead tests

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/run.stamp ## the nightly job on the bundled sample
	$(BIN)/council-benchmarks run

ui: $(VENV)/run.stamp ## the Dagster UI on 127.0.0.1:3000 over the same home
	$(BIN)/council-benchmarks ui

serve: $(VENV)/run.stamp ## the published site, its files and a read-only API on 127.0.0.1
	$(BIN)/council-benchmarks serve

test: lint types layers dead tests ## every check

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy

layers: $(VENV)/dev.stamp
	$(BIN)/lint-imports

dead: $(VENV)/dev.stamp
	$(BIN)/vulture

tests: $(VENV)/dev.stamp
	$(BIN)/pytest -n 2 --dist worksteal

bench: $(VENV)/dev.stamp ## ratios of kernel, night, difference and loading to the alternatives
	$(BIN)/python -m tests.benchmarks.kernel --size S M10
	$(BIN)/python -m tests.benchmarks.kernel --size M L --rounds 2
	$(BIN)/python -m tests.benchmarks.night
	$(BIN)/python -m tests.benchmarks.difference
	$(BIN)/python -m tests.benchmarks.loading
	$(BIN)/python -m tests.benchmarks.validation

soak: $(VENV)/dev.stamp ## MINUTES=n of every promise, counted in docs/reliability.md
	$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),10)

lock: $(VENV)/dev.stamp ## resolve both locks anew
	$(COMPILE) --upgrade -o requirements.lock
	$(COMPILE) --upgrade --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove the environment and caches; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 run")'
	$(PYTHON) -m venv $(VENV)

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation -e .
	@touch $@

# The development lock holds everything of the other and more.
$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-build-isolation -e .
	@touch $(VENV)/run.stamp $@
