# Everything runs in a virtual environment of its own, so that nothing else on the machine matters or changes.
# `make` alone lists the targets.

PYTHON ?= python3
DRILLS ?= 200

VENV := .venv
BIN := $(VENV)/bin
# Made when an installation is complete: the environment is renewed only when what it was made from has changed.
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest -n auto --dist loadgroup

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help setup run app test test-quick test-ci test-all coverage mutants check format notebooks bench load docs-pages docs-pictures screenshots clean

help: ## list these targets
	@echo "drsim: what backup strategies lose, how long they are down, and what they cost"
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)$$/  make \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r target text; do printf '%-18s %s\n' "$$target" "$$text"; done

setup: $(STAMP) ## make the virtual environment in .venv, or renew it
	@:

$(STAMP): pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (a few minutes the first time) ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --constraint constraints.txt --editable '.[app,dev]'
	@touch $@

run: setup ## drill the web shop: four strategies, six disasters
	@$(BIN)/drsim run scenarios/web-shop.yaml --drills $(DRILLS)

app: setup ## open the app in a browser, on this machine only
	@$(BIN)/drsim app

test: setup ## run all tests but the thorough and the slow ones, in five minutes
	@$(PYTEST) -m "not slow and not thorough"

test-quick: setup ## run what checks the laws, the engine, scenarios and studies, in a minute
	@$(PYTEST) -m "not slow and not thorough and not long" tests/laws tests/engine tests/scenario tests/study

test-ci: setup ## run all tests but the slow ones, as CI does
	@$(PYTEST) -m "not slow"

test-all: setup ## run all tests, slow ones too, with many more examples
	@$(PYTEST) --hypothesis-profile thorough

coverage: setup ## run all tests but the slow ones, and show which share of each package they run
	@$(PYTEST) -m "not slow" --cov --cov-report= -p tests.covered

mutants: setup ## change the code in 60 places, one at a time, and see whether the tests notice (about an hour)
	@$(BIN)/python -m tests.mutation

check: setup ## lint, check the format, the types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## format the code and mend what the linter can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

notebooks: setup ## run the notebooks and keep their output in them
	@$(BIN)/jupyter-execute --inplace notebooks/*.ipynb

bench: setup ## time both clocks against plain SimPy, see how cost grows, and what one waits for
	@$(BIN)/python -m benchmarks.bench

load: setup ## see how long visitors of the app wait: one in a browser, a large estate, then ten for five minutes
	@$(BIN)/python -m benchmarks.load

docs-pages: setup ## write the reference pages that are made of the catalogue
	@$(BIN)/python -m benchmarks.facts
	@$(BIN)/python -m benchmarks.reference

docs-pictures: setup ## draw the rooms of the tree from its imports (needs Graphviz)
	@$(BIN)/python -m benchmarks.rooms

screenshots: setup ## take pictures of every page of the app for docs/images
	@$(BIN)/python -m benchmarks.screenshots

clean: ## remove the virtual environment and what tools have left behind
	@rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.* build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
