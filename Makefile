# make demo   install into .venv and diagnose the sample runs
# make test   lint, types, tests
# make fuzz   hostile and damaged input (part of make test; FUZZ_INPUTS=20000 FUZZ_SEED=7 for a longer hunt)
# make bench  what the README claims, measured (bench-metrics, bench-baseline, bench-data: those alone)
VENV   ?= .venv
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
            "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint types fuzz bench bench-metrics bench-baseline bench-data bench-datacurve clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.core
	$(BIN)/mlcheck diagnose sample_runs --fail-on never

test: lint types
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

fuzz: $(VENV)/.dev
	$(BIN)/python -m pytest tests/fuzz

bench: bench-metrics bench-baseline
	@for script in benchmarks/startup.py benchmarks/tensorboard.py benchmarks/readers.py benchmarks/runs.py benchmarks/tables.py; do \
	    echo "== $$script"; $(BIN)/python $$script || exit 1; done

bench-metrics: $(VENV)/.dev
	@for script in benchmarks/metrics_*.py; do \
	    echo "== $$script"; OPENBLAS_NUM_THREADS=1 $(BIN)/python $$script || failed=1; done; test -z "$$failed"

bench-baseline: $(VENV)/.dev
	@for script in benchmarks/ladder.py benchmarks/baseline_context.py; do \
	    echo "== $$script"; OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python $$script || failed=1; done; test -z "$$failed"

bench-data: $(VENV)/.dev
	@for script in benchmarks/data_bugs.py benchmarks/data_large.py benchmarks/label_errors.py benchmarks/near_duplicates.py; do \
	    echo "== $$script"; $(BIN)/python $$script || failed=1; done; test -z "$$failed"

bench-datacurve: $(VENV)/.dev
	@mkdir -p build
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/datacurve_losses.py build/losses.csv.gz
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/datacurve.py --losses build/losses.csv.gz

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: expected Python 3.11 or later on the PATH, found none" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml
	$(PIP) install -e .
	$(BIN)/python -m compileall -q mlcheck
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(PIP) install -e ".[dev]"
	$(BIN)/python -m compileall -q mlcheck
	@touch $@ $(VENV)/.core
