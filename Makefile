# make demo and make test do all their own set-up: Python 3.11 or newer, pip and make are enough.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test faults bench bench-large check format eventlogs pictures authorisation clean
help:  ## say what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

demo: .venv/demo  ## run the eight workflows, check two logs, write a report in bdv-demo/
	$(BIN)/bdv demo

test: .venv/test check  ## run every check and every test
	$(BIN)/pytest -n auto --dist loadfile

faults: .venv/test  ## try faults of every kind, very often, and print the figures; takes a night
	PYTHONPATH=tests $(BIN)/python -m faults.figures
	PYTHONPATH=tests $(BIN)/python -m faults.fuzz_import --files 100000

bench: .venv/test  ## measure alignments, reading, streams and stored logs beside others
	PYTHONPATH=tests $(BIN)/python -m bench.bench_alignment
	PYTHONPATH=tests $(BIN)/python -m bench.bench_reading
	PYTHONPATH=tests $(BIN)/python -m bench.bench_streams
	PYTHONPATH=tests $(BIN)/python -m bench.bench_store 3000000

bench-large: .venv/test  ## store and mine fifty million events within 2 GiB; takes an hour
	PYTHONPATH=tests $(BIN)/python -m bench.bench_store 50000000

check: .venv/test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bdv template check bpmn/*.bpmn bpmn/routines/*

format: .venv/test  ## put the code in its one format, and empty the notebooks
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/nbstripout notebooks/*.ipynb

eventlogs: .venv/demo  ## make the synthetic log in eventlogs/ again
	$(BIN)/bdv log synthesise -o eventlogs/synthetic-eight-workflows.xes.gz --cases 5 --seed 2026

pictures: .venv/demo  ## draw the picture in the README again
	$(BIN)/bdv template draw W4 -o docs/w4.svg

authorisation: .venv/demo  ## write the table of who may do what again
	$(BIN)/bdv template rights --lang en > docs/authorisation.md

clean:  ## forget everything that was made
	rm -rf .venv bdv-demo bdv.db

.venv/demo: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/test: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch .venv/demo $@
